use super::tag::{MOST, Reading, at, counted, missing_tag};
use super::versions::newest;
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};

rule! {
    /// No tag was given, and tag `latest` does not exist
    ///
    /// ## What it means
    /// Without a tag, every client requests `latest`. That is a tag like any other: it has to be pushed, and many
    /// projects tag only versions.
    ///
    /// ## How it is recognised
    /// The reference has neither tag nor digest, the registry answers 404 for `latest`, and its tag list has other
    /// tags. If the list is incomplete, the finding is only likely.
    ///
    /// ## What to do
    /// Give a tag. The finding names the newest by version number.
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
    let title = "no tag was given, and tag latest does not exist";
    let finding = Finding::error(ExitStatus::NotFound, title, missing.id, case.words(missing.id))
        .because(list, counted(&tags, complete))
        .cause(format!(
            "Without a tag, every client requests latest, and {} has no such tag.{others}",
            case.reference().repository()
        ));
    let finding = match newest.first() {
        Some(tag) => finding
            .fix_with("Give a tag, such as the newest:", words!["ociscope", "diagnose", Word::in_full(&at(case, tag))]),
        None => finding.fix("Give a tag."),
    };
    Some(if complete { finding } else { finding.likely() })
}
