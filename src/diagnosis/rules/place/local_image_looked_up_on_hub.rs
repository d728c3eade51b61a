use super::{Absence, Elsewhere, GENERAL, absence, elsewhere};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::oci::{Addition, Reference};

rule! {
    /// Name without a host is not an official image on Docker Hub
    ///
    /// ## What it means
    /// If a reference has neither a host nor a namespace, clients ask Docker Hub for an official image. Most often the
    /// name belongs to an image that was only built locally, to a Dockerfile stage, or to an image in another registry
    /// whose host was left out; or it is misspelled. The error message asks for a login, but logging in would not help.
    ///
    /// ## How it is recognised
    /// Docker Hub issues a token and rejects it for `library/NAME`, but does not reject `library/alpine` with the same
    /// login. All official images are public, so this one does not exist.
    ///
    /// ## What to do
    /// Add the registry host, push the image first, or configure the cluster to use its local copy:
    /// `imagePullPolicy: Never`, `kind load docker-image`.
    ///
    /// ## References
    /// oracle/docker-images#999; kubernetes/website#14257; GoogleContainerTools/kaniko#3427
    "local-image-looked-up-on-hub" in Place, instead_of: GENERAL
}

/// An official image that has always existed.
const CONTROL: &str = "docker.io/library/alpine:latest";

pub(super) fn examine(case: &Case<'_>) -> Option<Finding> {
    let reference = case.reference();
    let added = |addition| reference.additions().contains(&addition);
    if !added(Addition::DefaultRegistry) || !added(Addition::LibraryPrefix) {
        return None;
    }
    let (id, Absence::Masked) = absence(case)? else { return None };
    let (shown, Elsewhere::There | Elsewhere::Missing) = elsewhere(case, Reference::parse(CONTROL).ok()?)? else {
        return None;
    };
    let name = reference.repository().strip_prefix("library/").unwrap_or_default();
    let title = format!("Docker Hub has no official image {name}");
    let finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id))
        .because(shown, format!("{} for library/alpine", case.words(shown).as_str()))
        .cause(format!(
            "The reference has neither a host nor a namespace, so it means the official image {name} on Docker Hub. \
             Docker Hub refuses this image and not others, and all official images are public. Most likely {name} was \
             only built locally, is in another registry, or is misspelled. Logging in would not help."
        ));
    let finding = match reference.looks_like_host() {
        Some(host) => {
            finding.fix(format!("If {host} is the registry: write the repository after it, separated by a slash."))
        }
        None => finding,
    };
    let finding = finding
        .fix("If the image is in another registry: write its host and namespace in front.")
        .fix("If it was built locally: push it, or use the cluster's local copy (imagePullPolicy: Never, kind load).")
        .fix("If it should be an official image: check the spelling.");
    Some(finding)
}
