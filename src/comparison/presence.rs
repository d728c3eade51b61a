//! Content that one side does not serve, and the other one does or does not name.

use super::document::named;
use super::look::Look;
use super::value::{Difference, Kind, Side};
use crate::diagnosis::{Node, Presence, Role, anatomy};
use crate::evidence::ExchangeId;
use crate::oci::Digest;
use crate::text::Untrusted;

/// The content that one side does not serve, although its own documents name it.
pub(super) struct Lacking {
    /// The side.
    pub side: Side,
    /// The parts, in the order of the tree.
    pub parts: Vec<Gone>,
}

/// A part that is not served.
#[derive(Clone)]
pub(super) struct Gone {
    /// What it is, printable: `the linux/arm64 image`.
    pub name: String,
    /// How it is not served: `missing`.
    pub how: String,
    /// Its role.
    role: Role,
    digest: Untrusted,
    /// The platform of an image.
    pub platform: Option<String>,
    /// Whether a client for the selected platform needs it.
    pub is_needed: bool,
    exchange: Option<ExchangeId>,
}

/// The content that each side lacks. What both lack is not a difference.
pub(super) fn lacking(sides: &[Look<'_>; 2]) -> Vec<Lacking> {
    let both = sides.each_ref().map(gone);
    let of_side = |side: Side| {
        let other: Vec<_> = side.other().of(&both).iter().map(|part| part.digest.clone()).collect();
        let parts = side.of(&both).iter().filter(|part| !other.contains(&part.digest));
        Lacking { side, parts: parts.cloned().collect() }
    };
    Side::BOTH.into_iter().map(of_side).filter(|lacking| !lacking.parts.is_empty()).collect()
}

impl Lacking {
    /// The difference. No client that pulls an image fetches its attestations.
    pub fn difference(&self) -> Difference {
        let parts = self.parts.iter().map(|part| format!("{} ({})", part.name, part.how)).collect();
        let text = format!("{} does not serve {}.", self.side.name(), named(parts));
        let is_noticed = self.parts.iter().any(|part| part.role != Role::Attestation);
        let difference = if is_noticed {
            Difference::noticed(Kind::Missing, text)
        } else {
            Difference::unnoticed(Kind::Missing, text)
        };
        let proof = self.parts.iter().filter_map(|part| Some((self.side, part.exchange?)));
        Difference { proof: proof.collect(), ..difference }
    }

    /// Whether the selected image cannot be pulled from this side.
    pub fn is_fatal(&self) -> bool {
        self.parts.iter().any(|part| part.is_needed)
    }
}

/// Every part of one side that is not served.
fn gone(look: &Look<'_>) -> Vec<Gone> {
    let mut found = Vec::new();
    if let Some(root) = anatomy(&look.case) {
        root.children.iter().for_each(|child| gather(look, child, &mut found));
    }
    found
}

fn gather(look: &Look<'_>, node: &Node, found: &mut Vec<Gone>) {
    let platform = node.platform.as_ref().map(|platform| platform.printable_within(40));
    if let Some(how) = how(look, node) {
        let short = node.digest.as_str().parse::<Digest>();
        let short = short.map_or_else(|_| node.digest.named_within(80), |digest| digest.short().to_owned());
        let name = match (node.role, &platform) {
            (Role::Manifest, Some(platform)) => format!("the {platform} image"),
            (Role::Attestation, _) => format!("the attestation {short}"),
            (Role::Config, _) => "the config".to_owned(),
            (Role::Layer, _) => format!("layer {short}"),
            (Role::Index | Role::Manifest, _) => format!("the image {short}"),
        };
        found.push(Gone {
            name,
            how,
            role: node.role,
            digest: node.digest.clone(),
            platform: platform.filter(|_| node.role == Role::Manifest),
            is_needed: node.wanted,
            exchange: node.exchange,
        });
    }
    node.children.iter().for_each(|child| gather(look, child, found));
}

/// Why a part is not served; `None` if it is, or was not asked for.
fn how(look: &Look<'_>, node: &Node) -> Option<String> {
    Some(match node.presence {
        Presence::Missing => "missing".to_owned(),
        Presence::Refused(status) => format!("refused with {status}"),
        Presence::Unreachable => "no answer".to_owned(),
        // A secret may have been removed from the bytes since; their digest was computed before.
        Presence::Different if !is_as_received(look, node) => "other bytes".to_owned(),
        Presence::Different | Presence::Present | Presence::Verified | Presence::Elsewhere | Presence::NotLookedAt => {
            return None;
        }
    })
}

fn is_as_received(look: &Look<'_>, node: &Node) -> bool {
    let body = node.exchange.and_then(|exchange| look.body(exchange));
    let digest: Option<Digest> = node.digest.as_str().parse().ok();
    body.zip(digest).is_some_and(|(body, digest)| body.digest(digest.algorithm()) == digest)
}
