use super::{Absence, Elsewhere, GENERAL, absence, elsewhere};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::oci::{Addition, Reference};

rule! {
    /// A name without a host was looked for on Docker Hub, and it is no official image.
    ///
    /// ## What it means
    /// Where neither a host nor a namespace is written, clients ask Docker Hub for an official image. Most often the name
    /// is that of an image that was only built on some machine, of a stage in a Dockerfile, or of an image in another
    /// registry whose host was left out; or it is misspelt. The server's words speak of a login, and none would help.
    ///
    /// ## How it is recognised
    /// Docker Hub gives a token and refuses it for `library/NAME`, and with the same login does not refuse
    /// `library/alpine`. All official images are public, so this one does not exist.
    ///
    /// ## What to do
    /// Write the host of the registry in front, push the image first, or tell the cluster not to pull what it has:
    /// `imagePullPolicy: Never`, `kind load docker-image`.
    ///
    /// ## References
    /// oracle/docker-images#999; kubernetes/website#14257; GoogleContainerTools/kaniko#3427
    "local-image-looked-up-on-hub" in Place, instead_of: GENERAL
}

/// An official image that has always been there.
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
            "Neither a host nor a namespace was written, so Docker Hub was asked for the official image {name}. It \
             refuses this one and not others, and all official images are public. Most likely {name} was only built \
             locally, or is in another registry, or is misspelt. A login would not help."
        ));
    let finding = match reference.looks_like_host() {
        Some(host) => {
            finding.fix(format!("If {host} is meant as the registry, a repository has to follow it behind a /."))
        }
        None => finding,
    };
    let finding = finding
        .fix("If it is in another registry: write the host in front, and its namespace.")
        .fix(
            "If it was built locally: push it, or let the cluster use what it has (imagePullPolicy: Never, kind load).",
        )
        .fix("If it is meant to be an official image: check the spelling.");
    Some(finding)
}
