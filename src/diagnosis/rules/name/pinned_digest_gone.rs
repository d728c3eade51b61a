use super::{nothing_there, to_strangers};
use crate::diagnosis::rule::rule;
use crate::diagnosis::rules::config::is_blob;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// There is nothing with this digest in the repository.
    ///
    /// ## What it means
    /// It was removed, most often by a rule that cleans up what has no tag, or it belongs to another repository. A
    /// digest that was read from an answer in docker v1 never existed as a document.
    ///
    /// ## How it is recognised
    /// A 404 for the digest as a manifest, and no blob with it either.
    ///
    /// ## What to do
    /// Find out the present digest by probing the tag, and pin that. Keep a tag on what others have pinned.
    ///
    /// ## References
    /// distribution-spec, pulling manifests; snok/container-retention-policy#97
    "pinned-digest-gone" in Name
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let digest = case.reference().digest()?;
    let (id, _) = nothing_there(case)?;
    let blob = is_blob(case, digest);
    if matches!(blob, Some((_, true))) {
        return None;
    }
    let repository = case.reference().repository();
    let title = format!("{repository} has nothing with this digest");
    let finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id))
        .cause(format!(
            "There is no manifest with the digest {digest}. It was removed, or it belongs to another repository.{}",
            to_strangers(case)
        ))
        .fix("Probe the tag to find the present digest, and pin that.");
    Some(match blob {
        Some((blob, _)) => finding.because(blob, format!("{} as a blob", case.words(blob).as_str())),
        None => finding.likely(),
    })
}
