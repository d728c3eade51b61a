use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::text::Untrusted;

/// Headers that registries send and do not read (distribution-spec; RFC 9110 §§ 8.8, 10.2, 11.6; RFC 9111 §5.1).
const OF_RESPONSES: [&str; 15] = [
    "docker-content-digest",
    "docker-distribution-api-version",
    "docker-upload-uuid",
    "oci-subject",
    "oci-filters-applied",
    "oci-tag",
    "www-authenticate",
    "location",
    "retry-after",
    "server",
    "age",
    "etag",
    "last-modified",
    "ratelimit-limit",
    "ratelimit-remaining",
];

rule! {
    /// Response header in a request has no effect
    ///
    /// ## What it means
    /// `Docker-Content-Digest` and similar headers describe a response. A registry does not read them in a request, so
    /// the answer is the same as without the header.
    ///
    /// ## How it is recognised
    /// The request has such a header, which only `--header` adds.
    ///
    /// ## What to do
    /// To request a digest, put it into the reference: `NAME@sha256:…`. To choose a type, use `Accept`.
    ///
    /// ## References
    /// distribution-spec, pulling manifests; docker/distribution, content digests
    "response-header-sent-as-request" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, exchange) = case.decisive()?;
    let sent = exchange.request.headers.iter().find(|header| OF_RESPONSES.contains(&header.name.as_str()))?;
    let (name, value) = (&sent.name, &sent.value);
    let fix = match name.as_str() {
        "docker-content-digest" | "etag" => "To request a digest, put it into the reference: NAME@sha256:….",
        _ => "Remove the header. To choose the type of a manifest, use Accept.",
    };
    let finding = Finding::info(
        format!("request header {name} has no effect"),
        id,
        Untrusted::new(format!("sends {name}: {value}")),
    )
    .cause("Registries send this header and do not read it, so the answer is the same without it.")
    .fix(fix);
    Some(finding)
}
