use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::image::Shape;

rule! {
    /// The document is of two kinds at the same time.
    ///
    /// ## What it means
    /// It has the fields of two kinds: `manifests`, as an index has, `config` or `layers`, as an image has, `fsLayers`, as an
    /// image in Docker schema 1 has. Which of them a client takes it for depends on the client, so two of them can pull
    /// different things under one digest. Current ones refuse it.
    ///
    /// ## How it is recognised
    /// Fields of both kinds are there, whatever the types say.
    ///
    /// ## What to do
    /// Do not use the image before whoever pushed it has explained it: no tool makes such a document by itself.
    ///
    /// ## References
    /// CVE-2021-41190; GHSA-mc8v-mgrf-8f4m; GHSA-qq97-vm5h-rrhg
    "document-of-two-kinds" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, document) = case.document().filter(|(_, document)| document.shape() == Shape::Ambiguous)?;
    let kinds = document.kinds();
    let [(first, field), (second, other), ..] = kinds[..] else { return None };
    let title = format!("it is {first} and {second} at the same time");
    let finding = Finding::error(ExitStatus::NotAcceptable, title, id, format!("{field}, and {other}"));
    Some(
        finding
            .cause(format!(
                "The document has {field}, as {first} has, and {other}, as {second} has. What is pulled depends on the \
                 client; current ones refuse it (CVE-2021-41190)."
            ))
            .fix("Do not use it before whoever pushed it has explained it."),
    )
}
