use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::image::Shape;

rule! {
    /// Document is of two kinds at the same time
    ///
    /// ## What it means
    /// The document has the fields of two kinds: `manifests` of an index, `config` or `layers` of an image, `fsLayers`
    /// of a Docker schema 1 image. Clients differ in which kind they read, so two clients can pull different content
    /// under one digest. Current clients reject it.
    ///
    /// ## How it is recognised
    /// Fields of both kinds are present, whatever the types say.
    ///
    /// ## What to do
    /// Do not use the image until its publisher has explained it: no tool makes such a document by itself.
    ///
    /// ## References
    /// CVE-2021-41190; GHSA-mc8v-mgrf-8f4m; GHSA-qq97-vm5h-rrhg
    "document-of-two-kinds" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, document) = case.document().filter(|(_, document)| document.shape() == Shape::Ambiguous)?;
    let kinds = document.kinds();
    let [(first, field), (second, other), ..] = kinds[..] else { return None };
    let title = format!("document is {first} and {second} at the same time");
    let finding = Finding::error(ExitStatus::NotAcceptable, title, id, format!("has {field} and {other}"));
    Some(
        finding
            .cause(format!(
                "The document has {field}, as {first} does, and {other}, as {second} does. Which content is pulled \
                 depends on the client; current clients reject it (CVE-2021-41190)."
            ))
            .fix("Do not use it until its publisher has explained it."),
    )
}
