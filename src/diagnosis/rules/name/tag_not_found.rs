use super::anonymous_caveat;
use super::tag::{MOST, MissingTag, Reading, at, counted, missing_tag, refused_and_unlisted};
use super::versions::newest;
use crate::diagnosis::case::absence::is_expired;
use crate::diagnosis::case::cached::with_cache_remark;
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::ExchangeId;
use crate::oci::Addition;

rule! {
    /// Tag does not exist
    ///
    /// ## What it means
    /// The registry serves nothing under this tag, whatever the client accepts. The tag is misspelled, was never pushed
    /// or was removed; no repository is required to have a tag `latest`. Many registries answer alike if the whole
    /// repository is missing.
    ///
    /// ## How it is recognised
    /// A 404 for a current client, and nothing served to any other `Accept` header either. The finding is certain if
    /// the registry returned its complete tag list and this tag is not in it. A 403 for a tag that is not in the list
    /// is likely not about permissions.
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
        let title = format!("tag {tag} was deleted or has expired");
        let finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id))
            .cause("The registry had this tag and no longer has it.")
            .fix("Use another tag, or ask the owner of the repository to push it again.");
        return Some(finding);
    }
    if let Some((id, list)) = refused_and_unlisted(case) {
        let title = format!("tag {tag} most likely does not exist");
        let finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id))
            .because(list, format!("does not list {tag}"))
            .likely()
            .cause(
                "The registry refuses this tag but returns its tag list, which does not have it. Artifactory answers \
                 403 for a missing tag if any repository in a virtual repository is unreadable.",
            );
        return Some(advised(case, &tag, finding));
    }
    let missing = missing_tag(case).filter(|missing| matches!(missing.reading, Reading::Missing))?;
    let title = format!("tag {tag} does not exist");
    let finding = Finding::error(ExitStatus::NotFound, title, missing.id, case.words(missing.id));
    let finding = match missing.listed() {
        Some((tags, list)) => with_tag_list(case, &missing, finding, (&tags, list)),
        None => advised(case, &tag, unlisted(case, &tag, finding)),
    };
    Some(with_cache_remark(case, missing.id, finding))
}

/// Adds the evidence of the tag list and tags to try instead.
fn with_tag_list(
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
            .cause(format!("The repository {repository} exists, but has no tags at all."))
            .fix("Push a tag, or pull the image by its digest.");
    }
    let so_far = if complete { "has no such tag" } else { "does not have it, as far as the list was read" };
    let (near, newest) = (missing.near(), newest(tags, MOST));
    let (which, choice) = if near.is_empty() { ("newest by version", &newest) } else { ("closest", &near) };
    let them = match choice.as_slice() {
        [] => String::new(),
        [one] => format!(" The {which} is {one}."),
        several => format!(" The {which} are {}.", listed(several, MOST)),
    };
    let finding = finding.cause(format!("The repository {repository} exists, but {so_far}.{them}"));
    let finding = match choice.first() {
        Some(first) => {
            finding.fix_with("Try this tag instead:", words!["ociscope", "diagnose", Word::in_full(&at(case, first))])
        }
        None => finding,
    };
    if near.is_empty() { advised(case, tag, finding) } else { finding }
}

/// Adds the cause if there is no tag list.
fn unlisted(case: &Case<'_>, tag: &str, finding: Finding) -> Finding {
    let repository = case.reference().repository();
    finding.likely().cause(format!(
        "The registry serves nothing under this tag, whatever the client accepts. Either {repository} has no tag \
         {tag}, or the repository does not exist; many registries answer alike in both cases.{}",
        anonymous_caveat(case)
    ))
}

fn advised(case: &Case<'_>, tag: &str, finding: Finding) -> Finding {
    if case.reference().additions().contains(&Addition::DefaultTag) {
        return finding.fix("Give a tag: without one, clients request latest, which a repository need not have.");
    }
    let other = other_spelling(tag).map(|other| format!(", and {other} is another tag")).unwrap_or_default();
    finding.fix(format!("Check the spelling. Tags are case-sensitive{other}."))
}

/// The same tag with or without the `v` prefix of releases. `None` for a tag that is not a version.
fn other_spelling(tag: &str) -> Option<String> {
    let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    match tag.strip_prefix('v') {
        Some(number) if is_number(number) => Some(number.to_owned()),
        _ => is_number(tag).then(|| format!("v{tag}")),
    }
}
