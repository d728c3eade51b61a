use super::tag::{MOST, MissingTag, Reading, at, counted, missing_tag, refused_and_unlisted};
use super::to_strangers;
use super::versions::newest;
use crate::diagnosis::case::absence::is_expired;
use crate::diagnosis::case::cached::with_cache_remark;
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::ExchangeId;
use crate::oci::Addition;

rule! {
    /// There is no such tag.
    ///
    /// ## What it means
    /// Whatever is asked for, there is nothing under this tag. It is misspelt, was never pushed or was removed; nobody
    /// has to push a tag `latest`. Many registries answer the same where the whole repository is missing.
    ///
    /// ## How it is recognised
    /// A 404 for a current client, and nothing served to any other `Accept` header either. It is certain where the
    /// registry gave its whole list of tags, and this one is not in it. A 403 for a tag that the list does not have is likely
    /// no matter of permission.
    ///
    /// ## What to do
    /// Check tag and repository. Tags are case-sensitive, and `1.2.3` and `v1.2.3` are two tags.
    ///
    /// ## References
    /// distribution-spec, error codes (MANIFEST_UNKNOWN); Yeraze/meshmonitor#601; docker/hub-feedback#1460;
    /// google/go-containerregistry#1691
    "tag-not-found" in Name, instead_of: ["iam-denied"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let tag = case.reference().selector();
    if let Some(id) = is_expired(case) {
        let title = format!("the tag {tag} was deleted or has expired");
        let finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id))
            .cause("The registry had this tag, and has it no longer.")
            .fix("Use another tag, or ask the owner of the repository to push it again.");
        return Some(finding);
    }
    if let Some((id, list)) = refused_and_unlisted(case) {
        let title = format!("there is no tag {tag}, most likely");
        let finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id))
            .because(list, format!("has no {tag}"))
            .likely()
            .cause(
                "The registry refuses this tag, and its list of tags, which it does give, does not have it. Artifactory \
                 refuses what is nowhere, where one of the repositories behind a virtual one may not be read.",
            );
        return Some(advised(case, &tag, finding));
    }
    let missing = missing_tag(case).filter(|missing| matches!(missing.reading, Reading::Missing))?;
    let title = format!("there is no tag {tag}");
    let finding = Finding::error(ExitStatus::NotFound, title, missing.id, case.words(missing.id));
    let finding = match missing.listed() {
        Some((tags, list)) => in_the_light_of(case, &missing, finding, (&tags, list)),
        None => advised(case, &tag, unlisted(case, &tag, finding)),
    };
    Some(with_cache_remark(case, missing.id, finding))
}

/// What the list of tags adds.
fn in_the_light_of(
    case: &Case<'_>,
    missing: &MissingTag<'_>,
    finding: Finding,
    (tags, list): (&[String], ExchangeId),
) -> Finding {
    let (tag, repository) = (&missing.tag, case.reference().repository());
    let complete = missing.is_certain();
    let finding = finding.because(list, counted(tags, complete));
    let finding = if complete { finding } else { finding.likely() };
    if tags.is_empty() {
        return finding
            .cause(format!("The repository {repository} is there, and has no tags at all."))
            .fix("Push a tag, or ask for the image by its digest.");
    }
    let so_far = if complete { "has no such tag" } else { "has it not, as far as the list was read" };
    let (near, newest) = (missing.near(), newest(tags, MOST));
    let (which, choice) = if near.is_empty() { ("newest by version", &newest) } else { ("nearest", &near) };
    let them = match choice.as_slice() {
        [] => String::new(),
        [one] => format!(" The {which} is {one}."),
        several => format!(" The {which} are {}.", listed(several, MOST)),
    };
    let finding = finding.cause(format!("The repository {repository} is there, and {so_far}.{them}"));
    let finding = match choice.first() {
        Some(first) => finding.fix_with(
            "Ask for this one, if it will do.",
            words!["ociscope", "diagnose", Word::in_full(&at(case, first))],
        ),
        None => finding,
    };
    if near.is_empty() { advised(case, tag, finding) } else { finding }
}

/// What is said where there is no list.
fn unlisted(case: &Case<'_>, tag: &str, finding: Finding) -> Finding {
    let repository = case.reference().repository();
    finding.likely().cause(format!(
        "Nothing is served under this tag, whatever is asked for. Either {repository} has no tag {tag}, or there is \
         no such repository; many registries answer both alike.{}",
        to_strangers(case)
    ))
}

fn advised(case: &Case<'_>, tag: &str, finding: Finding) -> Finding {
    if case.reference().additions().contains(&Addition::DefaultTag) {
        return finding.fix(
            "No tag was given, so latest was asked for, and a repository need not have it. Give the tag that you mean.",
        );
    }
    let other = other_spelling(tag).map(|other| format!(", and {other} is another tag")).unwrap_or_default();
    finding.fix(format!("Check the spelling. Upper and lower case matter{other}."))
}

/// The same tag with or without the `v` that releases have in front. `None` for one that is no version.
fn other_spelling(tag: &str) -> Option<String> {
    let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    match tag.strip_prefix('v') {
        Some(number) if is_number(number) => Some(number.to_owned()),
        _ => is_number(tag).then(|| format!("v{tag}")),
    }
}
