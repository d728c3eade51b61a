use super::{is_of_repository, nothing_there, to_strangers};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::error_entries;
use crate::oci::Addition;

rule! {
    /// There is no such tag.
    ///
    /// ## What it means
    /// Whatever is asked for, there is nothing under this tag. It is misspelt, was never pushed or was removed; nobody
    /// has to push a tag `latest`. Many registries answer the same where the whole repository is missing.
    ///
    /// ## How it is recognised
    /// A 404 for a current client, and nothing served to any other `Accept` header either.
    ///
    /// ## What to do
    /// Check tag and repository. Tags are case-sensitive, and `1.2.3` and `v1.2.3` are two tags.
    ///
    /// ## References
    /// distribution-spec, error codes (MANIFEST_UNKNOWN); Yeraze/meshmonitor#601; docker/hub-feedback#1460
    "tag-not-found" in Name
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let reference = case.reference();
    let (id, response) = nothing_there(case).filter(|_| reference.digest().is_none())?;
    if is_of_repository(response) {
        return None;
    }
    let tag = reference.selector();
    let expired = error_entries(response).iter().any(|entry| entry.code.as_str() == "TAG_EXPIRED");
    if expired {
        let finding = Finding::error(
            ExitStatus::NotFound,
            format!("the tag {tag} was deleted or has expired"),
            id,
            case.words(id),
        )
        .cause("The registry had this tag, and has it no longer.")
        .fix("Use another tag, or ask the owner of the repository to push it again.");
        return Some(finding);
    }
    let finding = Finding::error(ExitStatus::NotFound, format!("there is no tag {tag}"), id, case.words(id))
        .likely()
        .cause(format!(
            "Nothing is served under this tag, whatever is asked for. Either {} has no tag {tag}, or there is \
             no such repository; many registries answer both alike.{}",
            reference.repository(),
            to_strangers(case)
        ));
    Some(if reference.additions().contains(&Addition::DefaultTag) {
        finding.fix(
            "No tag was given, so latest was asked for, and a repository need not have it. Give the tag that you mean.",
        )
    } else {
        let other = other_spelling(&tag).map(|other| format!(", and {other} is another tag")).unwrap_or_default();
        finding.fix(format!("Check the spelling. Upper and lower case matter{other}."))
    })
}

/// The same tag with or without the `v` that releases have in front. `None` for one that is no version.
fn other_spelling(tag: &str) -> Option<String> {
    let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    match tag.strip_prefix('v') {
        Some(number) if is_number(number) => Some(number.to_owned()),
        _ => is_number(tag).then(|| format!("v{tag}")),
    }
}
