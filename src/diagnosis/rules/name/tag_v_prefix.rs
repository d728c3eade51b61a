use super::tag::{Reading, at, missing_tag};
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::as_typed;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};

rule! {
    /// The version is there under a tag that is spelt a little differently.
    ///
    /// ## What it means
    /// A release is called `v1.2.3`, and its image is tagged `1.2.3`, or the other way round; common build actions
    /// leave the `v` out. `release-` in front and `.0` at the end get lost in the same way. For a registry these are
    /// different tags.
    ///
    /// ## How it is recognised
    /// The registry answers 404 for the tag, its list has the same version in another spelling, and that is served.
    ///
    /// ## What to do
    /// Use the tag as it is listed.
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
        format!("there is no tag {tag}, but there is {other}"),
        missing.id,
        case.words(missing.id),
    )
    .because(list, format!("has {other}"))
    .cause(format!("This version is tagged {other}. For a registry, {tag} and {other} are two tags."))
    .fix_with(format!("Use {}.", as_typed(&there)), words!["ociscope", "diagnose", Word::in_full(&there)]);
    Some(match served {
        Some(served) => finding.because(*served, format!("{} for {other}", case.words(*served).as_str())),
        None => finding.likely(),
    })
}
