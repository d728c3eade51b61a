//! The way to a credential, place by place: which file or helper was asked for it, and what was there.

use schemars::JsonSchema;
use serde::Serialize;

use crate::evidence::{CredentialTrail, PlaceReason, Seen, TrailStep};

/// A sentence for each step of the search, with the place before it.
pub fn trail_in_words(trail: &CredentialTrail, registry: &str) -> Vec<String> {
    let sentence = |step: &TrailStep| {
        let place = match step.place.because.named_by() {
            Some(named_by) => format!("{} ({named_by})", step.place.named()),
            None => step.place.named(),
        };
        format!("{place}: {}", step.seen.words(registry, step.place.reader))
    };
    trail.steps.iter().map(sentence).collect()
}

/// Where the credential that is used comes from, or where none was found; without a credential and without a file, nothing.
pub fn origin_in_words(trail: &CredentialTrail, registry: &str) -> Option<String> {
    if let Some(step) = trail.chosen() {
        let file = step.place.named();
        return Some(match step.seen.helper() {
            Some(helper) => format!("from docker-credential-{}, which {file} names", helper.cut_within(64)),
            None => format!("from {file}"),
        });
    }
    let is_damaged = |step: &&TrailStep| matches!(step.seen, Seen::Unreadable(_) | Seen::Unusable(_));
    if let Some(step) = trail.steps.iter().find(is_damaged) {
        return Some(format!("{} {}", step.place.named(), step.seen.words(registry, step.place.reader)));
    }
    let is_there = |step: &&TrailStep| !matches!(step.seen, Seen::NotThere | Seen::Elsewhere { .. });
    let mut files: Vec<String> = Vec::new();
    for step in trail.steps.iter().filter(is_there) {
        let file = step.place.named();
        if !files.contains(&file) {
            files.push(file);
        }
    }
    (!files.is_empty()).then(|| format!("no credential for {registry} in {}", files.join(", ")))
}

/// One step of the search for a credential.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "place", deny_unknown_fields)]
pub struct WrittenStep {
    /// The file; the user's home is `~`.
    file: String,
    /// Why it was looked at.
    because: PlaceReason,
    /// What kind of thing was seen there.
    seen: Kind,
    /// The key of the entry that this is about.
    key: Option<String>,
    /// The helper that this is about, without `docker-credential-`.
    helper: Option<String>,
    /// The same in a sentence.
    words: String,
}

/// What was seen at a place.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Kind {
    NotThere,
    Unreadable,
    Unusable,
    NoEntry,
    NearMiss,
    Entry,
    Damaged,
    Empty,
    BehindHelper,
    Repeated,
    OthersDamaged,
    Helper,
    StoreNotHeeded,
    PullSecret,
    Elsewhere,
}

/// The steps, each with its place, what kind of step it is, and the sentence.
pub fn written_trail(trail: &CredentialTrail, registry: &str) -> Vec<WrittenStep> {
    let step = |step: &TrailStep| WrittenStep {
        file: step.place.named(),
        because: step.place.because,
        seen: kind(&step.seen),
        key: step.seen.key().map(|key| key.cut_within(200)),
        helper: step.seen.helper().map(|helper| helper.cut_within(64)),
        words: step.seen.words(registry, step.place.reader),
    };
    trail.steps.iter().map(step).collect()
}

fn kind(seen: &Seen) -> Kind {
    match seen {
        Seen::NotThere => Kind::NotThere,
        Seen::Unreadable(_) => Kind::Unreadable,
        Seen::Unusable(_) => Kind::Unusable,
        Seen::NoEntry { .. } => Kind::NoEntry,
        Seen::NearMiss { .. } => Kind::NearMiss,
        Seen::Entry { .. } => Kind::Entry,
        Seen::Damaged { .. } => Kind::Damaged,
        Seen::Empty { .. } => Kind::Empty,
        Seen::BehindHelper { .. } => Kind::BehindHelper,
        Seen::Repeated { .. } => Kind::Repeated,
        Seen::OthersDamaged(_) => Kind::OthersDamaged,
        Seen::Helper { .. } => Kind::Helper,
        Seen::StoreNotHeeded { .. } => Kind::StoreNotHeeded,
        Seen::PullSecret(_) => Kind::PullSecret,
        Seen::Elsewhere { .. } => Kind::Elsewhere,
    }
}
