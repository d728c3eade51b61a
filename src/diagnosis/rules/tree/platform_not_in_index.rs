use super::entries;
use crate::diagnosis::content::{UnnamedEntries, is_build_cache, is_for_running, serves};
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::image::Descriptor;

rule! {
    /// Image is not available for the wanted platform
    ///
    /// ## What it means
    /// The tag is an index or list of images for several platforms, and the wanted one is not among them. Entries
    /// `unknown/unknown` are attestations and do not count.
    ///
    /// ## How it is recognised
    /// Every image entry names its platform, and no platform is the wanted one or an earlier variant of it. If one of
    /// the two sides is Windows, the rule is `windows-os-version`.
    ///
    /// ## What to do
    /// Use a platform that is available (`--platform OS/ARCH`, slow under emulation) or another tag, or request that
    /// the image be published for this platform.
    ///
    /// ## References
    /// image-spec, image index; docker-library/mysql#698; containers/skopeo#1283
    "platform-not-in-index" in Tree
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, entries) = entries(case)?;
    // The entries of a build cache are not images for any platform.
    if entries.iter().any(is_build_cache) {
        return None;
    }
    let wanted = &case.record().platform;
    let unnamed = UnnamedEntries::of(case);
    let is_image = |entry: &&Descriptor| is_for_running(entry) && !unnamed.is_artifact(entry);
    let images: Vec<_> = entries.iter().filter(is_image).collect();
    if images.is_empty() && entries.iter().any(is_for_running) {
        return None;
    }
    // An entry without a platform may be for any.
    let platforms: Option<Vec<_>> = images.iter().map(|entry| entry.platform.as_ref()).collect();
    let platforms = platforms?;
    if entries.is_empty() || platforms.iter().any(|platform| serves(platform, wanted)) {
        return None;
    }
    let mut names: Vec<_> = platforms.iter().map(|platform| platform.text().named_within(40)).collect();
    names.dedup();
    let has = if names.is_empty() { "attestations".to_owned() } else { format!("images for {}", listed(&names, 12)) };
    let finding = Finding::error(ExitStatus::Content, format!("there is no image for {wanted}"), id, names.join(", "))
        .cause(format!("The index has only {has}."));
    Some(match platforms.first() {
        Some(first) => finding
            .fix_with(
                "Use an available platform:",
                words!["ociscope", "diagnose", "--platform", *first, Word::input(case.reference())],
            )
            .fix(format!("Use another tag, or request an image for {wanted}.")),
        None => finding.fix("Publish the tag again with its images."),
    })
}
