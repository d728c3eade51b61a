use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, content, undecodable};
use crate::evidence::ExchangeId;
use crate::image::{GoDocument, TypeMismatch, type_mismatches};

rule! {
    /// A field of the manifest or index has a JSON type that clients cannot decode.
    ///
    /// ## What it means
    /// Most clients are written in Go and decode a manifest or index as a whole into types of the specification. One
    /// field of another type, such as a size in quotes, makes them refuse all of it: `json: cannot unmarshal string into
    /// Go struct field`. In an index, an entry that nobody asked for is enough.
    ///
    /// ## How it is recognised
    /// A field that at least one of Docker, containerd and Podman decodes is not null and has another type than their Go
    /// type takes: a number where a string must be, a fraction or more than 64 bits where an integer must be, text that
    /// is not base64 in `data`. Names count in any case of their letters, as for Go. Unknown fields are left out.
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
    let title = format!("a field of the {words} has the wrong JSON type");
    Some(
        Finding::error(ExitStatus::Content, title, id, undecodable::quote(mismatches.first()?))
            .cause(undecodable::cause(words, &mismatches)?)
            .fix("Build and push the image again with a tool that writes complete manifests, such as docker buildx."),
    )
}

/// The document that the asking client was served, and the manifest that it takes of an index.
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
