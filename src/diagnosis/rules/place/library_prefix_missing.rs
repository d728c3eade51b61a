use super::{Absence, Elsewhere, GENERAL, absence, elsewhere};
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::as_typed;
use crate::diagnosis::tags::{TagList, tag_list};
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{ExchangeId, Query};
use crate::oci::{Addition, Change, Reference};

rule! {
    /// Official image needs the `library/` prefix here
    ///
    /// ## What it means
    /// `alpine` is short for `docker.io/library/alpine`. Docker adds `library/`, for Docker Hub only. A Harbor proxy
    /// project or a pull-through cache of Docker Hub forwards the name as it is, and `ctr`, curl and other plain
    /// clients do not add the prefix either. Docker Hub answers for `alpine` as it does for any repository that does
    /// not exist.
    ///
    /// ## How it is recognised
    /// The repository has one component, or one after a project name, and is not served; with `library/` inserted, it
    /// is.
    ///
    /// ## What to do
    /// Write `library/` before the image name.
    ///
    /// ## References
    /// containerd/containerd#7064; goharbor/harbor#13733; distribution/distribution-library-image#146
    "library-prefix-missing" in Place, instead_of: GENERAL
}

pub(super) fn examine(case: &Case<'_>) -> Option<Finding> {
    if let Some(written) = written_as_an_address(case) {
        return Some(written);
    }
    let full = with_library(case.reference())?;
    if is_masked_as_known(case) {
        return None;
    }
    let id = refused(case)?;
    let (shown, Elsewhere::There) = elsewhere(case, full.clone())? else { return None };
    let (short, long) = (case.reference().repository(), full.repository());
    let (to, word) = (as_typed(&full), Word::in_full(&full));
    let host = case.reference().registry();
    let who = if host.is_docker_hub() {
        "Docker adds the prefix; requests made in another way have to contain it".to_owned()
    } else {
        format!("{host} forwards the name to Docker Hub as it is, and Docker adds library/ for Docker Hub only")
    };
    let title = format!("{short} lacks the prefix library/");
    let finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id))
        .because(shown, format!("{} for {long}", case.words(shown).as_str()))
        .cause(format!("The image is {long}: official images of Docker Hub are under library/. {who}."))
        .fix_with(format!("Use {to}:"), words!["ociscope", "diagnose", word]);
    Some(finding)
}

/// The finding where the input is the address of a manifest on Docker Hub: clients request an address as it is.
fn written_as_an_address(case: &Case<'_>) -> Option<Finding> {
    let reference = case.reference();
    let is_address = reference.changes().contains(&Change::ManifestAddress);
    if !is_address || !reference.additions().contains(&Addition::LibraryPrefix) {
        return None;
    }
    let (shown, _) = case.served()?;
    let bare = reference.repository().strip_prefix("library/")?;
    let (id, exchange) = case.ask(Query::Elsewhere(reference.with_repository(bare).ok()?))?;
    if !matches!(exchange.status(), Some(401 | 403 | 404)) {
        return None;
    }
    let long = reference.repository();
    let title = "the address lacks the prefix library/";
    let finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id))
        .because(shown, format!("{} for {long}", case.words(shown).as_str()))
        .cause(
            "In a reference the short name is enough, because clients add library/ for Docker Hub. An address is \
             requested as it is, and Docker Hub refuses it as it refuses any repository that does not exist.",
        )
        .fix(format!("Write the prefix into the address: /v2/{long}/manifests/{}", reference.selector()));
    Some(finding)
}

/// The same image with `library/`, if the name has the form of one without it.
fn with_library(reference: &Reference) -> Option<Reference> {
    let repository = reference.repository();
    let with = match repository.split('/').collect::<Vec<_>>().as_slice() {
        [image] => format!("library/{image}"),
        [project, image] if *project != "library" && !reference.registry().is_docker_hub() => {
            format!("{project}/library/{image}")
        }
        _ => return None,
    };
    reference.with_repository(&with).ok()
}

/// Returns whether the registry is a known one that does not proxy Docker Hub.
fn is_masked_as_known(case: &Case<'_>) -> bool {
    case.record().known().is_some() && !case.reference().registry().is_docker_hub()
}

/// The refusal, if more than the tag is missing. A cache reports the refusal of Docker Hub as a failure of its own.
fn refused(case: &Case<'_>) -> Option<ExchangeId> {
    match absence(case) {
        Some((id, Absence::Masked)) => Some(id),
        Some((id, Absence::Missing)) => {
            let is_there = matches!(tag_list(case)?, TagList::Served { .. });
            (!is_there).then_some(id)
        }
        None => {
            let (id, response) = case.refusal().filter(|(_, response)| response.status == 500)?;
            let text = String::from_utf8_lossy(&response.body.bytes);
            (case.all_served().is_empty() && text.contains("DENIED") && text.contains("UNAUTHORIZED")).then_some(id)
        }
    }
}
