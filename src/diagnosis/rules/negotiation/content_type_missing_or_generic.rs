use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::image::Shape;

rule! {
    /// Manifest without a usable `Content-Type`
    ///
    /// ## What it means
    /// Clients use this header to decide how to read a manifest. If it is missing or says no more than JSON or text,
    /// most of them fail. Usually a proxy or a storage service in between has dropped it.
    ///
    /// ## How it is recognised
    /// The header is missing or does not name a registry media type, and the body is a manifest or an index. Docker
    /// schema 1 may be served as `application/json`.
    ///
    /// ## What to do
    /// Fix or update the proxy or registry that serves it.
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
        ("manifest is served without a Content-Type", "200, no content-type".to_owned())
    } else {
        ("Content-Type does not say that this is a manifest", format!("content-type: {}", header.named_within(100)))
    };
    let finding = Finding::error(ExitStatus::NotAcceptable, title, id, quote)
        .cause(
            "The body is a manifest, but clients rely on the header, and most of them fail here. Most likely a proxy \
             or a storage service in between has dropped it.",
        )
        .fix("Ask the operator of the registry, or of the proxy in front of it, to pass the Content-Type on.");
    Some(finding)
}
