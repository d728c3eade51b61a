use crate::diagnosis::content::Part;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, delivery, undecodable};
use crate::evidence::{BodyKind, ExchangeId, FailureKind, Response, body_kind};
use crate::image::{GoDocument, ImageConfig, Magic, magic, type_mismatches};

rule! {
    /// Clients cannot decode the image config
    ///
    /// ## What it means
    /// The config of an image is a JSON object. This one has the right digest, so it is what was pushed, and nothing
    /// changed it in transit: a tool compressed it along with the layers, or wrote something else instead. Clients
    /// fail: `invalid character '\\x1f' looking for beginning of value`, `json: cannot unmarshal`.
    ///
    /// ## How it is recognised
    /// The bytes of the config have the digest that the manifest names, but they are not a JSON object, or a field has
    /// another type than the Go type that Docker, containerd or Podman decode it into: `created` is not a time,
    /// `Entrypoint` is not a list, `StopTimeout` is text. Null, missing and unknown fields do not count. As a warning:
    /// the config is longer than 4 MiB, which is more than podman, skopeo and CRI-O read.
    ///
    /// ## What to do
    /// Rebuild the image and push it. Fetching it in another way does not help.
    ///
    /// ## References
    /// image-spec, image configuration; tazjin/nixery#64; containers/image, internal/iolimits
    "config-is-not-an-image-config" in Config
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let part = delivery::config(case)?;
    let Some((id, response)) = stored(&part) else { return too_long(&part) };
    let quoted = |title: &str, quote: String, cause: String| {
        let finding = Finding::error(ExitStatus::Content, title, id, quote).cause(cause);
        Some(finding.fix("Rebuild the image and push it: the registry serves what was pushed."))
    };
    if ImageConfig::read(&response.body.bytes).is_none() {
        let found = found(response);
        return quoted(
            "config is not JSON",
            format!("body is {found}"),
            format!(
                "The config has the digest that the manifest names, but it is {found} instead of a JSON object. It was \
                 pushed like this. Clients fetch it and fail: invalid character … looking for beginning of value."
            ),
        );
    }
    let mismatches = type_mismatches(&response.body.bytes, GoDocument::Config);
    let first = mismatches.first()?;
    quoted(
        "config has a field of the wrong type",
        undecodable::quote(first),
        undecodable::cause("config", &mismatches)?,
    )
}

/// The answer with the whole config, if its bytes match their digest.
fn stored<'a>(part: &Part<'a>) -> Option<(ExchangeId, &'a Response)> {
    let (id, response) = part.stored()?;
    Some((id, response))
}

/// The format of the bytes, to follow "it is".
fn found(response: &Response) -> &'static str {
    match magic(&response.body.bytes) {
        Magic::Empty => "empty",
        Magic::Json => "malformed JSON",
        Magic::Other if body_kind(response) == BodyKind::Html => "HTML",
        Magic::Other if body_kind(response) == BodyKind::Xml => "XML",
        Magic::Other if body_kind(response) == BodyKind::Text => "text",
        Magic::Other => "data of an unknown format",
        known => known.words(),
    }
}

fn too_long(part: &Part<'_>) -> Option<Finding> {
    let (id, failure) = part.failure().filter(|(_, failure)| failure.kind == FailureKind::BodyTooLarge)?;
    let finding = Finding::warning("config is longer than 4 MiB", id, failure.message.clone())
        .cause("podman, skopeo and CRI-O read configs up to 4 MiB. ociscope did not read the rest of it either.")
        .fix("Rebuild the image with fewer labels and a shorter history.");
    Some(finding)
}
