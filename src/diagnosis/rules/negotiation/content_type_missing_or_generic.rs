use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::image::Shape;

rule! {
    /// A manifest is served without a `Content-Type` that says so.
    ///
    /// ## What it means
    /// Clients tell by this header how to read a manifest. Where it is missing or says no more than JSON or text, most
    /// of them stop. As a rule a proxy or a storage service in between has lost it.
    ///
    /// ## How it is recognised
    /// The header is missing or names no type of a registry, and the body is a manifest or an index. Docker v1 may be
    /// served as `application/json`.
    ///
    /// ## What to do
    /// Repair or update the proxy or registry that serves it.
    ///
    /// ## References
    /// distribution-spec, pulling manifests; goharbor/harbor#13733; containerd/nerdctl#846
    "content-type-missing-or-generic" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, document) = case.document()?;
    if !matches!(document.shape(), Shape::Manifest | Shape::Index | Shape::Ambiguous) {
        return None;
    }
    let header = case.journal().get(id).response.as_ref()?.served_type().unwrap_or_default();
    if header.as_str().starts_with("application/vnd.") {
        return None;
    }
    let (title, quote) = if header.as_str().is_empty() {
        ("it is served without a Content-Type", "200, no content-type".to_owned())
    } else {
        ("its Content-Type does not say that it is a manifest", format!("content-type: {}", header.named_within(100)))
    };
    let finding = Finding::error(ExitStatus::NotAcceptable, title, id, quote)
        .cause(
            "The body is a manifest, but clients go by the header, and most of them stop here. Most likely a \
             proxy or a storage service in between has lost it.",
        )
        .fix("Whoever runs the registry, or the proxy in front of it, has to see that the Content-Type is passed on.");
    Some(finding)
}
