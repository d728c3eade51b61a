use super::tag::{Reading, at, missing_tag};
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::as_typed;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};

rule! {
    /// Tag exists with or without the `v` prefix
    ///
    /// ## What it means
    /// A release is called `v1.2.3` and its image is tagged `1.2.3`, or the other way round; common build actions drop
    /// the `v`. A `release-` prefix and a trailing `.0` get lost in the same way. To a registry, these are different
    /// tags.
    ///
    /// ## How it is recognised
    /// The registry answers 404 for the tag, its tag list has the same version in another spelling, and it serves that
    /// one.
    ///
    /// ## What to do
    /// Use the tag as listed.
    ///
    /// ## References
    /// Yeraze/meshmonitor#601; grafana/tanka#89; karl-cardenas-coding/go-lambda-cleanup#145
    "tag-v-prefix" in Name
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let missing = missing_tag(case)?;
    let (_, list) = missing.listed()?;
    let Reading::OtherSpelling { tag: other, served } = &missing.reading else { return None };
    let tag = &missing.tag;
    let there = at(case, other);
    let finding = Finding::error(
        ExitStatus::NotFound,
        format!("tag {tag} does not exist, {other} does"),
        missing.id,
        case.words(missing.id),
    )
    .because(list, format!("lists {other}"))
    .cause(format!("This version is tagged {other}. To a registry, {tag} and {other} are two tags."))
    .fix_with(format!("Use {}.", as_typed(&there)), words!["ociscope", "diagnose", Word::in_full(&there)]);
    Some(match served {
        Some(served) => finding.because(*served, format!("serves {other}")),
        None => finding.likely(),
    })
}
