//! The verdict of a diagnosis in one line, which every form of it begins with.

use super::layout::{Label, Line, Span, plain};
use super::value::{Report, Verdict};
use super::words::count;
use crate::diagnosis::{Presence, Role};
use crate::oci::media_type::plain_words;

/// The verdict: `✗ ghcr.io/o/n:t cannot be pulled: tag t does not exist`.
pub(super) fn verdict(report: &Report) -> Line {
    let first = report.findings.first().map(|finding| finding.title.as_str()).unwrap_or_default();
    let reference = Span::new(&report.canonical, Label::Strong);
    let (mark, words) = match report.verdict {
        Verdict::Error => (Span::new("✗ ", Label::Bad), format!(" cannot be pulled: {first}")),
        Verdict::Warning => (Span::new("✓ ", Label::Good), format!(" {}; warning: {first}", success(report))),
        Verdict::Ok => (Span::new("✓ ", Label::Good), format!(" {}", success(report))),
        Verdict::Unknown => (Span::new("? ", Label::Caution), ": interrupted; known so far".to_owned()),
    };
    vec![mark, reference, plain(words)]
}

/// "can be pulled", where every part that a client fetches was checked; else what was not.
fn success(report: &Report) -> String {
    match unchecked(report) {
        None => format!("can be pulled by {} ({})", clients(report), report.platform),
        Some(what) => format!("is served; not checked: {what}"),
    }
}

/// The clients that the verdict is about.
fn clients(report: &Report) -> String {
    let Some(asked) = report.probes.iter().find(|probe| probe.id == "asked") else {
        return "current clients".to_owned();
    };
    let types = asked.accept.iter().flat_map(|line| line.split(',')).map(str::trim);
    let names: Vec<_> = types.map(|name| plain_words(name).unwrap_or(name)).collect();
    format!("clients that accept {}", names.join(", "))
}

/// What a client for the wanted platform fetches and this run did not check.
pub(super) fn unchecked(report: &Report) -> Option<String> {
    let Some(root) = &report.tree else { return Some("its layers".to_owned()) };
    let image = match root.role {
        Role::Index => root.children.iter().find(|child| child.wanted),
        _ => Some(root),
    };
    let Some(image) = image else { return Some(format!("an image for {}", report.platform)) };
    let parts = || image.children.iter().filter(|part| part.presence == Presence::NotLookedAt);
    let layers = parts().filter(|part| part.role == Role::Layer).count();
    let config = parts().any(|part| part.role == Role::Config).then(|| "its config".to_owned());
    let all = image.children.iter().filter(|part| part.role == Role::Layer).count();
    let layers = (layers > 0)
        .then(|| if layers == all { count(layers, "layer") } else { format!("{layers} of {}", count(all, "layer")) });
    let image = (image.presence == Presence::NotLookedAt).then(|| format!("its image for {}", report.platform));
    let all: Vec<_> = image.into_iter().chain(config).chain(layers).collect();
    (!all.is_empty()).then(|| all.join(", "))
}
