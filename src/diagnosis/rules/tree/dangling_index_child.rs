use crate::diagnosis::case::cached::with_cache_remark;
use crate::diagnosis::content::{Part, UnnamedEntries, children, chosen, is_for_running};
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Index lists an image that does not exist
    ///
    /// ## What it means
    /// The tag exists and is an index of images for several platforms. One or more of those images have been removed,
    /// most often by a cleanup job that removes untagged manifests: the images of an index are never tagged. Machines
    /// for other platforms, and those that still have the image, are not affected.
    ///
    /// ## How it is recognised
    /// The index was served, and the registry answers 404 to HEAD and GET for the digest of one of its entries, for a
    /// client that accepts all current types and with the same credentials. It is an error if the entry is the one for
    /// the wanted platform, and a warning for other platforms and for attestations.
    ///
    /// ## What to do
    /// Push the tag again; the layers mostly still exist. Configure the cleanup job to keep manifests that an index
    /// references.
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
        all if all == children.len() => "All of its entries are missing".to_owned(),
        1 => "One of its entries is missing".to_owned(),
        many => format!("{many} of its {} entries are missing", children.len()),
    };
    let own = missing.iter().find(|(child, _)| Some(child.descriptor.digest.as_str()) == wanted);
    let finding = match own {
        Some(&(child, id)) => {
            let title = format!("its image for {} does not exist", case.record().platform);
            Finding::error(ExitStatus::Integrity, title, id, case.words(id))
                .because(index, format!("lists {}", child.descriptor.digest.named_within(140)))
        }
        None if is_for_running(&first.descriptor) => {
            let title = format!("its image for {} does not exist", platform(&unnamed, first));
            Finding::warning(title, id, case.words(id))
                .because(index, format!("lists {}", first.descriptor.digest.named_within(140)))
        }
        None => Finding::warning("an attestation in the index does not exist", id, case.words(id))
            .because(index, format!("lists {}", first.descriptor.digest.named_within(140))),
    };
    Some(with_cache_remark(
        case,
        own.map_or(id, |&(_, id)| id),
        finding
            .cause(format!(
                "The index exists. {counted}: {gone}. Most likely a job that removes untagged manifests has removed \
                 it; the images of an index are untagged."
            ))
            .fix("Push the tag again; the layers mostly still exist.")
            .fix("Configure the cleanup job to keep manifests that an index references."),
    ))
}

fn platform(unnamed: &UnnamedEntries, child: &Part<'_>) -> String {
    let platform = child.descriptor.platform.as_ref().filter(|_| is_for_running(&child.descriptor));
    platform.map_or_else(|| unnamed.words(&child.descriptor), |platform| platform.text().named_within(40))
}

fn name(unnamed: &UnnamedEntries, child: &Part<'_>) -> String {
    if is_for_running(&child.descriptor) { platform(unnamed, child) } else { "an attestation".to_owned() }
}
