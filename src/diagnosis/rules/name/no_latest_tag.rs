use super::tag::{MOST, Reading, at, counted, missing_tag};
use super::versions::newest;
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};

rule! {
    /// No tag was given, and there is no tag latest.
    ///
    /// ## What it means
    /// Where no tag is given, every client asks for `latest`. That is a tag like any other: somebody has to push it,
    /// and many projects tag versions only.
    ///
    /// ## How it is recognised
    /// The reference has neither tag nor digest, the registry answers 404 for `latest`, and its list of tags has
    /// others. If the list was not complete, it is only likely.
    ///
    /// ## What to do
    /// Give a tag. The newest by version number are named.
    ///
    /// ## References
    /// docker/docker-credential-helpers#266; albertito/chasquid#21; docker/hub-feedback#1460
    "no-latest-tag" in Name
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let missing = missing_tag(case).filter(|missing| matches!(missing.reading, Reading::NoLatest))?;
    let (tags, list) = missing.listed()?;
    let complete = missing.is_certain();
    let newest = newest(&tags, MOST);
    let others = match newest.as_slice() {
        [] => String::new(),
        [one] => format!(" It has {one}."),
        several => format!(" The newest by version are {}.", listed(several, MOST)),
    };
    let title = "no tag was given, and there is no tag latest";
    let finding = Finding::error(ExitStatus::NotFound, title, missing.id, case.words(missing.id))
        .because(list, counted(&tags, complete))
        .cause(format!(
            "Without a tag, every client asks for latest, and {} has no such tag.{others}",
            case.reference().repository()
        ));
    let finding = match newest.first() {
        Some(tag) => finding
            .fix_with("Give a tag, such as the newest.", words!["ociscope", "diagnose", Word::in_full(&at(case, tag))]),
        None => finding.fix("Give the tag that you mean."),
    };
    Some(if complete { finding } else { finding.likely() })
}
