use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::oci::media_type;

rule! {
    /// The `Content-Type` and the document contradict each other.
    ///
    /// ## What it means
    /// The header names one type, the field `mediaType` in the document another. Clients should refuse such an answer,
    /// because it could be read in two ways.
    ///
    /// ## How it is recognised
    /// Both are there and differ, parameters left aside. An OCI document may leave the field out.
    ///
    /// ## What to do
    /// Push the document again with a `Content-Type` that is its own. If a proxy or mirror is in between, ask the
    /// registry behind it.
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
    let title = "its Content-Type and its mediaType contradict each other";
    let finding = Finding::error(ExitStatus::NotAcceptable, title, id, format!("content-type: {header}"))
        .because(id, format!("mediaType: {field}"))
        .cause(format!(
            "The header says {header}, the document says {field}. Clients refuse that, because it \
             can be read in two ways."
        ))
        .fix("Push it again with the Content-Type that its mediaType names.")
        .fix("If this is a mirror or a proxy, ask the registry behind it.");
    Some(finding)
}
