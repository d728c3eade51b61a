use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::oci::media_type;

rule! {
    /// `Content-Type` and `mediaType` contradict each other
    ///
    /// ## What it means
    /// The header names one type, the field `mediaType` in the document another. Clients should reject such an answer,
    /// because it can be read in two ways.
    ///
    /// ## How it is recognised
    /// Both are present and differ, ignoring parameters. An OCI document may omit the field.
    ///
    /// ## What to do
    /// Push the document again with the `Content-Type` that its `mediaType` names. If a proxy or mirror is in between,
    /// ask its upstream registry directly.
    ///
    /// ## References
    /// distribution-spec, pulling manifests; GHSA-77vh-xpmg-72qh
    "content-type-vs-mediatype" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, exchange) = case.decisive()?;
    let (_, document) = case.document()?;
    let header = exchange.response.as_ref()?.served_type()?;
    let field = document.media_type()?;
    let same = media_type::essence(field.as_str()) == header.as_str();
    if same || !header.as_str().starts_with("application/vnd.") {
        return None;
    }
    let (header, field) = (header.named_within(100), field.named_within(100));
    let title = "Content-Type and mediaType contradict each other";
    let finding = Finding::error(ExitStatus::NotAcceptable, title, id, format!("content-type: {header}"))
        .because(id, format!("mediaType: {field}"))
        .cause(format!(
            "The header says {header}, the document says {field}. Clients reject this, because it can be read in two \
             ways."
        ))
        .fix("Push it again with the Content-Type that its mediaType names.")
        .fix("If this is a mirror or a proxy, ask its upstream registry directly.");
    Some(finding)
}
