use super::single_arch_image_wrong_arch::wrong_platform;
use super::{Pinned, pinned_child};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding, Word, words};

rule! {
    /// Digest is that of one image in the index, not of the index
    ///
    /// ## What it means
    /// A tag for several platforms has many digests: one for the index, and one for each image in it. Tools show one or
    /// the other, so two of them seem to disagree. Pinning the digest of an image pins its platform too; machines for
    /// other platforms pull it anyway, and cannot run it.
    ///
    /// ## How it is recognised
    /// The reference has a tag and a digest, the digest is that of a manifest, and the index that the tag now points to
    /// lists it. It is a warning if the image is for another platform than the wanted one.
    ///
    /// ## What to do
    /// Pin the digest of the index for several platforms, that of the image for one, and compare only digests of the
    /// same kind.
    ///
    /// ## References
    /// containers/skopeo#1075; containers/skopeo#2180; moby/moby#44144
    "index-digest-vs-image-digest" in Tree
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let Pinned { shown, index, entry } = pinned_child(case)?;
    let digest = index.digest()?.clone();
    let (manifest, _) = case.served()?;
    let tag = case.reference().tag()?;
    let platform =
        entry.platform.map_or_else(|| "one platform".to_owned(), |platform| platform.text().named_within(40));
    let quote = format!("{platform}: {}", entry.digest.named_within(140));
    let title = format!("the digest pins only the image for {platform}");
    let wrong = wrong_platform(case);
    let effect = match &wrong {
        Some(_) => format!(
            "{} gets this image anyway; its programs do not start there, or need emulation.",
            case.record().platform
        ),
        None => "Machines for other platforms get it too, and cannot run it.".to_owned(),
    };
    let finding = match wrong {
        Some((config, _)) => Finding::warning(title, shown, quote).because(config, format!("config: {platform}")),
        None => Finding::info(title, shown, quote),
    };
    let finding = finding
        .because(manifest, "200 a manifest, not an index")
        .cause(format!("{tag} is an index, and lists this digest as its image for {platform}. {effect}"))
        .fix_with(
            "To support several platforms, pin the index:",
            words!["ociscope", "diagnose", Word::in_full(&case.reference().with_digest(digest))],
        );
    Some(finding)
}
