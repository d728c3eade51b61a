use super::{Absence, Elsewhere, GENERAL, absence, elsewhere};
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::as_typed;
use crate::diagnosis::tags::{TagList, tag_list};
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{ExchangeId, Query};
use crate::oci::{Addition, Change, Reference};

rule! {
    /// The official image has library/ in its name, which is missing here.
    ///
    /// ## What it means
    /// `alpine` is short for `docker.io/library/alpine`. Docker adds `library/`, for Docker Hub and for nothing else. A
    /// project or a cache that stands for Docker Hub asks it for exactly what it was asked for, and `ctr`, curl and other
    /// plain clients add nothing either. Docker Hub refuses `alpine` as it refuses everything that does not exist.
    ///
    /// ## How it is recognised
    /// The repository has one component, or one behind the name of a project, and is not served; the same with
    /// `library/` put in is.
    ///
    /// ## What to do
    /// Write `library/` in front of the name of the image.
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
        "Docker adds it, and whoever asks Docker Hub in another way has to write it".to_owned()
    } else {
        format!("{host} asks Docker Hub for what it is asked for, and Docker adds library/ for Docker Hub only")
    };
    let finding = Finding::error(ExitStatus::NotFound, format!("library/ is missing in {short}"), id, case.words(id))
        .because(shown, format!("{} for {long}", case.words(shown).as_str()))
        .cause(format!("It is {long}: an official image of Docker Hub, and those are below library/. {who}."))
        .fix_with(format!("Use {to}."), words!["ociscope", "diagnose", word]);
    Some(finding)
}

/// What was typed is the address of a manifest on Docker Hub. There nobody adds anything: it is asked for as it is.
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
    let title = "library/ is missing in the address";
    let finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id))
        .because(shown, format!("{} for {long}", case.words(shown).as_str()))
        .cause(
            "As a reference, the short name is enough, because clients add library/ for Docker Hub. An address is asked for \
             as it is, and Docker Hub refuses it like everything that does not exist.",
        )
        .fix(format!("Put it into the address: /v2/{long}/manifests/{}", reference.selector()));
    Some(finding)
}

/// The same image with `library/`, where the name has the form of one without.
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

/// Whether it is a registry that is known by its name, and stands for no other.
fn is_masked_as_known(case: &Case<'_>) -> bool {
    case.record().known().is_some() && !case.reference().registry().is_docker_hub()
}

/// The refusal, where it is not only the tag that is missing. A cache passes the refusal of Docker Hub on as a failure of
/// its own.
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
