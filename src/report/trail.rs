//! The way to a credential, place by place: which file or helper was asked for it, and what was there.

use serde_json::{Value, json};

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

/// The steps in JSON, each with its place, what kind of step it is, and the sentence.
pub fn trail_as_json(trail: &CredentialTrail, registry: &str) -> Value {
    let step = |step: &TrailStep| {
        json!({
            "file": step.place.named(),
            "because": reason(step.place.because),
            "seen": kind(&step.seen),
            "key": step.seen.key().map(|key| key.cut_within(200)),
            "helper": step.seen.helper().map(|helper| helper.cut_within(64)),
            "words": step.seen.words(registry, step.place.reader),
        })
    };
    trail.steps.iter().map(step).collect()
}

fn reason(because: PlaceReason) -> &'static str {
    match because {
        PlaceReason::AuthFileOption => "auth_file_option",
        PlaceReason::PullSecretOption => "pull_secret_option",
        PlaceReason::RegistryAuthFile => "registry_auth_file",
        PlaceReason::RuntimeFolder => "runtime_folder",
        PlaceReason::ConfigFolder => "config_folder",
        PlaceReason::DockerConfig => "docker_config",
        PlaceReason::DockerHome => "docker_home",
    }
}

fn kind(seen: &Seen) -> &'static str {
    match seen {
        Seen::NotThere => "not_there",
        Seen::Unreadable(_) => "unreadable",
        Seen::Unusable(_) => "unusable",
        Seen::NoEntry { .. } => "no_entry",
        Seen::NearMiss { .. } => "near_miss",
        Seen::Entry { .. } => "entry",
        Seen::Damaged { .. } => "damaged",
        Seen::Empty { .. } => "empty",
        Seen::BehindHelper { .. } => "behind_helper",
        Seen::Repeated { .. } => "repeated",
        Seen::OthersDamaged(_) => "others_damaged",
        Seen::Helper { .. } => "helper",
        Seen::StoreNotHeeded { .. } => "store_not_heeded",
        Seen::PullSecret(_) => "pull_secret",
        Seen::Elsewhere { .. } => "elsewhere",
    }
}
