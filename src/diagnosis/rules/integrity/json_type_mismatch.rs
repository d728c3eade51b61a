use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, content, undecodable};
use crate::evidence::ExchangeId;
use crate::image::{GoDocument, TypeMismatch, type_mismatches};

rule! {
    /// Manifest or index has a field of the wrong JSON type
    ///
    /// ## What it means
    /// Most clients are written in Go and decode a whole manifest or index into the types of the specification. One
    /// field of another type, such as a size in quotes, makes them reject the whole document: `json: cannot unmarshal
    /// string into Go struct field`. In an index, one entry that was not requested is enough.
    ///
    /// ## How it is recognised
    /// A field that at least one of Docker, containerd and Podman decodes is not null and has a type that their Go type
    /// does not accept: a number instead of a string, a fraction or more than 64 bits instead of an integer, text that
    /// is not base64 in `data`. Field names match in any letter case, as in Go. Unknown fields do not count.
    ///
    /// ## What to do
    /// Build and push the image with a tool that writes the types of the specification, such as `docker buildx build
    /// --push`. Fetching it in another way does not help.
    ///
    /// ## References
    /// image-spec, specs-go/v1; Go, `encoding/json`, Unmarshal; distribution, manifest/schema2; containers/image,
    /// manifest/docker_schema2.go
    "json-type-mismatch" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, document, mismatches) = documents(case).into_iter().find(|(.., mismatches)| !mismatches.is_empty())?;
    let words = document.words();
    let title = format!("{words} has a field of the wrong JSON type");
    Some(
        Finding::error(ExitStatus::Content, title, id, undecodable::quote(mismatches.first()?))
            .cause(undecodable::cause(words, &mismatches)?)
            .fix("Rebuild and push the image with a tool that writes valid manifests, such as docker buildx."),
    )
}

/// The document that the asking client was served, and the manifest that it selects from an index.
fn documents(case: &Case<'_>) -> Vec<(ExchangeId, GoDocument, Vec<TypeMismatch>)> {
    let served = case.served().map(|(id, _)| id);
    let mut shown: Vec<_> = served.into_iter().chain(content::image(case).map(|image| image.shown)).collect();
    shown.dedup();
    let read = |id: ExchangeId| {
        let document = case.journal().observation(id)?.go_document()?;
        let body = &case.journal().get(id).response.as_ref()?.body.bytes;
        Some((id, document, type_mismatches(body, document)))
    };
    shown.into_iter().filter_map(read).collect()
}
