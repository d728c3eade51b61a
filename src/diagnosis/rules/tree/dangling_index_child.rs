use crate::diagnosis::case::cached::with_cache_remark;
use crate::diagnosis::content::{Part, UnnamedEntries, children, chosen, is_for_running};
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// The index lists an image that is no longer there.
    ///
    /// ## What it means
    /// The tag is there, and it is an index of images for several platforms. One or more of those images have been
    /// removed, most often by a job that cleans up what has no tag: the images of an index never have one. Machines for
    /// the other platforms, and those that still have the image, notice nothing.
    ///
    /// ## How it is recognised
    /// The index was served, and the registry answers 404 to the digest of one of its entries, by HEAD and by GET, for
    /// a client that accepts all current types and with the same credentials. It is an error where the entry is the one
    /// for the wanted platform, and a warning for others and for attestations.
    ///
    /// ## What to do
    /// Push the tag again; the layers are mostly still there. Let the job that cleans up spare what an index lists.
    ///
    /// ## References
    /// snok/container-retention-policy#43; some-natalie/kubernoodles#664; dataaxiom/ghcr-cleanup-action#1
    "dangling-index-child" in Tree
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let children = children(case);
    let missing: Vec<_> = children.iter().filter_map(|child| Some((child, child.missing()?.0))).collect();
    let &(first, id) = missing.first()?;
    let entries: Vec<_> = children.iter().map(|child| child.descriptor.clone()).collect();
    let wanted = chosen(&entries, &case.record().platform).map(|entry| entry.digest.as_str());
    let (index, _) = case.served()?;
    let unnamed = UnnamedEntries::of(case);
    let gone = listed(&missing.iter().map(|(child, _)| name(&unnamed, child)).collect::<Vec<_>>(), 6);
    let counted = match missing.len() {
        all if all == children.len() => "All of its entries are gone".to_owned(),
        1 => "One of its entries is gone".to_owned(),
        many => format!("{many} of its {} entries are gone", children.len()),
    };
    let own = missing.iter().find(|(child, _)| Some(child.descriptor.digest.as_str()) == wanted);
    let finding = match own {
        Some(&(child, id)) => {
            let title = format!("its image for {} is gone", case.record().platform);
            Finding::error(ExitStatus::Integrity, title, id, case.words(id))
                .because(index, format!("lists {}", child.descriptor.digest.named_within(140)))
        }
        None if is_for_running(&first.descriptor) => {
            let title = format!("its image for {} is gone", platform(&unnamed, first));
            Finding::warning(title, id, case.words(id))
                .because(index, format!("lists {}", first.descriptor.digest.named_within(140)))
        }
        None => Finding::warning("an attestation that it lists is gone", id, case.words(id))
            .because(index, format!("lists {}", first.descriptor.digest.named_within(140))),
    };
    Some(with_cache_remark(
        case,
        own.map_or(id, |&(_, id)| id),
        finding
            .cause(format!(
                "The index is there. {counted}: {gone}. Most likely a job that removes what has no tag has removed it; the \
                 images of an index have none."
            ))
            .fix("Push the tag again; the layers are mostly still there.")
            .fix("Let the job that cleans up spare what an index lists."),
    ))
}

fn platform(unnamed: &UnnamedEntries, child: &Part<'_>) -> String {
    let platform = child.descriptor.platform.as_ref().filter(|_| is_for_running(&child.descriptor));
    platform.map_or_else(|| unnamed.words(&child.descriptor), |platform| platform.text().named_within(40))
}

fn name(unnamed: &UnnamedEntries, child: &Part<'_>) -> String {
    if is_for_running(&child.descriptor) { platform(unnamed, child) } else { "an attestation".to_owned() }
}
