//! The tree of a reference: index, manifests, config and layers, each with the result of its check.

use super::Case;
use super::content::{Part, children, chosen, image};
use super::layers::blobs;
use crate::evidence::{ExchangeId, Method, Observation};
use crate::oci::Digest;
use crate::text::{Untrusted, written_by};

/// The part that a node plays in the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A list of manifests.
    Index,
    /// A manifest.
    Manifest,
    /// A statement about an image, which cannot be run.
    Attestation,
    /// The image config.
    Config,
    /// A layer, or any other content of a manifest.
    Layer,
}

impl Role {
    /// The role in JSON and in text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Manifest => "manifest",
            Self::Attestation => "attestation",
            Self::Config => "config",
            Self::Layer => "layer",
        }
    }
}

written_by!(Role::as_str { Index, Manifest, Attestation, Config, Layer });

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It exists.
    Present,
    /// It exists, it was read whole, and its bytes match its digest.
    Verified,
    /// It exists, and its bytes have another digest.
    Different,
    /// The registry reports it missing.
    Missing,
    /// It was refused, with this status.
    Refused(u16),
    /// No answer.
    Unreachable,
    /// It is to be fetched from another place.
    Elsewhere,
    /// It was not checked.
    NotLookedAt,
}

impl Presence {
    /// The state in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Verified => "verified",
            Self::Different => "different",
            Self::Missing => "missing",
            Self::Refused(_) => "refused",
            Self::Unreachable => "unreachable",
            Self::Elsewhere => "elsewhere",
            Self::NotLookedAt => "not-looked-at",
        }
    }
}

written_by!(Presence::as_str {
    Present,
    Verified,
    Different,
    Missing,
    Refused(0),
    Unreachable,
    Elsewhere,
    NotLookedAt,
});

/// A node of the tree.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its part in the image.
    pub role: Role,
    /// Its media type, according to its parent.
    pub media_type: Untrusted,
    /// Its digest, according to its parent.
    pub digest: Untrusted,
    /// Its length in bytes, according to its parent.
    pub size: Option<u64>,
    /// Its platform, if its parent names one.
    pub platform: Option<Untrusted>,
    /// Whether a client for the wanted platform selects it.
    pub wanted: bool,
    /// The result of its check.
    pub presence: Presence,
    /// The exchange that shows that result.
    pub exchange: Option<ExchangeId>,
    /// The nodes that it names.
    pub children: Vec<Node>,
}

/// Returns the tree of the reference, as far as it was checked; `None` if the client was not served a readable
/// document.
pub fn anatomy(case: &Case<'_>) -> Option<Node> {
    let (shown, observation) = case.served()?;
    observation.document.as_ref().filter(|_| !observation.is_schema1())?;
    let root = |role, children| Node {
        role,
        media_type: observation.served.clone(),
        digest: observation.digest().map(|digest| Untrusted::new(digest.to_string())).unwrap_or_default(),
        size: observation.size,
        platform: None,
        wanted: true,
        presence: presence_of_root(&observation),
        exchange: Some(shown),
        children,
    };
    if !observation.is_index() {
        return Some(root(Role::Manifest, contents(case)));
    }
    let parts = children(case);
    let entries: Vec<_> = parts.iter().map(|part| part.descriptor.clone()).collect();
    let wanted = chosen(&entries, &case.record().platform).map(|entry| entry.digest.clone());
    let mut taken = false;
    let nodes = parts.iter().map(|part| {
        let role = if part.descriptor.attestation { Role::Attestation } else { Role::Manifest };
        // Two entries may name the same manifest; a client selects the first.
        let is_wanted = !taken && wanted.as_ref() == Some(&part.descriptor.digest);
        taken |= is_wanted;
        let inside = if is_wanted { contents(case) } else { Vec::new() };
        node(role, part, is_wanted, inside)
    });
    let nodes = nodes.collect();
    Some(root(Role::Index, nodes))
}

/// The config and the layers of the selected image.
fn contents(case: &Case<'_>) -> Vec<Node> {
    let Some(image) = image(case) else { return Vec::new() };
    let has_config = image.document.config().is_some();
    let parts = blobs(case);
    let role = |at: usize| if at == 0 && has_config { Role::Config } else { Role::Layer };
    parts.iter().enumerate().map(|(at, part)| node(role(at), part, true, Vec::new())).collect()
}

fn node(role: Role, part: &Part<'_>, wanted: bool, children: Vec<Node>) -> Node {
    Node {
        role,
        media_type: part.descriptor.media_type.clone(),
        digest: part.descriptor.digest.clone(),
        size: part.descriptor.size,
        platform: part.descriptor.platform.as_ref().map(|platform| platform.text()),
        wanted,
        presence: presence(part),
        exchange: part.answer().map(|(id, _)| id),
        children,
    }
}

fn presence_of_root(observation: &Observation) -> Presence {
    match observation.header_is_true() {
        Some(true) => Presence::Verified,
        Some(false) => Presence::Different,
        None => Presence::Present,
    }
}

fn presence(part: &Part<'_>) -> Presence {
    let Some((_, exchange)) = part.answer() else {
        return if part.is_foreign() { Presence::Elsewhere } else { Presence::NotLookedAt };
    };
    match exchange.status() {
        Some(200..=299) => {
            let body = exchange.response.as_ref().map(|response| &response.body);
            let whole =
                exchange.is_success() && exchange.request.method == Method::Get && exchange.status() == Some(200);
            let whole = body.filter(|body| whole && !body.truncated);
            let matches = |digest: &Digest| whole.map(|body| body.has(digest));
            match part.digest.as_ref().and_then(matches) {
                Some(true) => Presence::Verified,
                Some(false) => Presence::Different,
                None => Presence::Present,
            }
        }
        // HEAD of a layer does not follow redirects: a redirect shows that the registry offers the layer.
        Some(300..=399) if exchange.request.method == Method::Head && exchange.failure.is_none() => Presence::Present,
        Some(status) if part.missing().is_none() => Presence::Refused(status),
        Some(_) => Presence::Missing,
        None => Presence::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::testing::{
        OCI_IMAGE, Scene, UNKNOWN, answer, digest_of, failed, index_of, refused, scene, served,
    };
    use crate::evidence::{FailureKind, Query};
    use crate::oci::media_type;

    const CONFIG: &str = "sha256:e201c3f4dcec1faef9adb479ca25a933e86e2c259391e81471d18c0e706a9b66";
    const LAYER: &str = "sha256:8c895b07f45979367be9aad25590e7fab0d086203b512f7f189d9b84ca389c12";

    fn drawn(node: &Node, depth: usize, lines: &mut Vec<String>) {
        lines.push(format!("{}{} {}", " ".repeat(depth), node.role.as_str(), node.presence.as_str()));
        node.children.iter().for_each(|child| drawn(child, depth + 1, lines));
    }

    fn lines(scene: &Scene) -> Vec<String> {
        let mut lines = Vec::new();
        scene.case(|case| drawn(&anatomy(case).unwrap(), 0, &mut lines));
        lines
    }

    #[test]
    fn index_is_shown_with_the_selected_image() {
        let (own, other) = (digest_of(OCI_IMAGE), digest_of("other"));
        let entries = [(own.to_string(), "linux/amd64"), (other.to_string(), "linux/arm64")];
        let entries: Vec<_> = entries.iter().map(|(digest, platform)| (digest.as_str(), *platform)).collect();
        let index = served(media_type::OCI_INDEX, &index_of(media_type::OCI_INDEX, &entries));
        let scene = scene("r.example.com/a/b:1")
            .to(&["all"], &index)
            .diagnosed()
            .child(&own, Method::Get, &served(media_type::OCI_MANIFEST, OCI_IMAGE))
            .child(&other, Method::Head, &refused(404, ""))
            .child(&other, Method::Get, &refused(404, UNKNOWN))
            .told(Query::Config(CONFIG.parse().unwrap()), &[answer(200, "", "{}")])
            .told(Query::SmallLayer(LAYER.parse().unwrap(), 4288), &[failed(FailureKind::Dns)]);
        assert_eq!(
            lines(&scene),
            ["index verified", " manifest verified", "  config different", "  layer unreachable", " manifest missing",]
        );
    }

    #[test]
    fn unchecked_nodes_are_shown_as_such() {
        let image = served(media_type::OCI_MANIFEST, OCI_IMAGE);
        assert_eq!(
            lines(&scene("r.example.com/a/b:1").to(&["all"], &image)),
            ["manifest verified", " config not-looked-at", " layer not-looked-at"]
        );
        assert!(scene("r.example.com/a/b:1").others(&refused(404, UNKNOWN)).case(|case| anatomy(case).is_none()));
    }
}
