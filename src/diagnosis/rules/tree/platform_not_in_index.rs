use super::entries;
use crate::diagnosis::content::{UnnamedEntries, is_build_cache, is_for_running, serves};
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::image::Descriptor;

rule! {
    /// There is no image for the wanted platform.
    ///
    /// ## What it means
    /// The tag is an index or list of images for several platforms, and the wanted one is not among them. Entries
    /// `unknown/unknown` are attestations about the images and do not count.
    ///
    /// ## How it is recognised
    /// Every entry for running names its platform, and none is the wanted one or an earlier variant of it. Where Windows
    /// is on one of the two sides, that is `windows-os-version`.
    ///
    /// ## What to do
    /// Use a platform that is there (`--platform OS/ARCH`, slow where it has to be emulated), another tag, or ask for
    /// the image to be published for this platform.
    ///
    /// ## References
    /// image-spec, image index; docker-library/mysql#698; containers/skopeo#1283
    "platform-not-in-index" in Tree
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, entries) = entries(case)?;
    // The entries of a build cache are no images for any platform.
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
    let has =
        if names.is_empty() { "It has attestations only".to_owned() } else { format!("It has {}", listed(&names, 12)) };
    let finding = Finding::error(ExitStatus::Content, format!("it has no image for {wanted}"), id, names.join(", "))
        .cause(format!("It is a list of images for several platforms. {has}."));
    Some(match platforms.first() {
        Some(first) => finding
            .fix_with(
                "Ask for a platform that is there:",
                words!["ociscope", "diagnose", "--platform", *first, Word::input(case.reference())],
            )
            .fix(format!("Use another tag, or ask for an image for {wanted} to be published.")),
        None => finding.fix("Publish the tag again with its images."),
    })
}
