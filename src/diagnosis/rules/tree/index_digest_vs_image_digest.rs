use super::single_arch_image_wrong_arch::wrong_platform;
use crate::diagnosis::content::is_for_running;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{ExchangeId, Observation, Query};
use crate::image::Descriptor;

rule! {
    /// The digest is that of one image in the index, not of the index.
    ///
    /// ## What it means
    /// A tag for several platforms has many digests: one of the index, and one of each image in it. Tools show the one
    /// or the other, so two of them seem to disagree. Who pins the digest of an image pins its platform too; machines
    /// of another kind are given it all the same, and cannot run it.
    ///
    /// ## How it is recognised
    /// The reference has a tag and a digest, the digest is a manifest's, and the index that the tag is now lists it. It
    /// is a warning where the image is for another platform than the wanted one.
    ///
    /// ## What to do
    /// Pin the digest of the index for machines of several kinds, that of the image for one kind, and compare digests of
    /// the same kind only.
    ///
    /// ## References
    /// containers/skopeo#1075; containers/skopeo#2180; moby/moby#44144
    "index-digest-vs-image-digest" in Tree
}

/// The index that the tag is now, and its entry that the reference pins.
pub(super) struct Pinned {
    shown: ExchangeId,
    index: Observation,
    entry: Descriptor,
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let Pinned { shown, index, entry } = pinned_child(case)?;
    let digest = index.digest()?.clone();
    let (manifest, _) = case.served()?;
    let tag = case.reference().tag()?;
    let platform =
        entry.platform.map_or_else(|| "one platform".to_owned(), |platform| platform.text().named_within(40));
    let quote = format!("{platform}: {}", entry.digest.named_within(140));
    let title = format!("the digest is that of its image for {platform} alone");
    let wrong = wrong_platform(case);
    let effect = match &wrong {
        Some(_) => format!(
            "{} is given it all the same; what is in it does not start there, or has to be emulated.",
            case.record().platform
        ),
        None => "Machines of another kind are given it too, and cannot run it.".to_owned(),
    };
    let finding = match wrong {
        Some((config, _)) => {
            Finding::warning(title, shown, quote).because(config, format!("configuration: {platform}"))
        }
        None => Finding::info(title, shown, quote),
    };
    let finding = finding
        .because(manifest, "200 a manifest, not an index")
        .cause(format!("{tag} is an index, and lists this digest as its image for {platform}. {effect}"))
        .fix(format!("For machines of several kinds, pin the index: {}.", case.reference().with_digest(digest)));
    Some(finding)
}

/// The entry that the reference pins, where it has a tag and a digest and the tag is an index that lists it.
pub(super) fn pinned_child(case: &Case<'_>) -> Option<Pinned> {
    let reference = case.reference();
    let (digest, tag) = (reference.digest()?, reference.tag()?);
    let (_, observation) = case.served().filter(|(_, observation)| !observation.is_index())?;
    observation.document.as_ref()?;
    let (shown, _) = case.ask(Query::Elsewhere(reference.with_tag(tag).ok()?))?;
    let index = case.journal().observation(shown).filter(|observation| observation.is_index())?;
    let entries = index.document.as_ref()?.manifests();
    let entry = entries.into_iter().find(|entry| entry.digest.as_str() == digest.to_string())?;
    is_for_running(&entry).then_some(Pinned { shown, index: index.clone(), entry })
}
