use super::{Absence, Elsewhere, GENERAL, absence, elsewhere};
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::as_typed;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::oci::{Host, Reference};

rule! {
    /// Repository name starts with a registry host
    ///
    /// ## What it means
    /// A workflow prepends the host to a name that already has one, because it was given a full repository address
    /// where a repository name was expected. Or a tool ignores the host and asks Docker Hub for
    /// `docker.io/ghcr.io/owner/app`.
    ///
    /// ## How it is recognised
    /// The repository name starts with a host name and is not served, and the name without that host is; or the request
    /// went to Docker Hub, and the registry with that host name serves the image. If neither serves it, the cause is
    /// likely when the two hosts belong together. A cache may have hosts in its repository names by design, so the name
    /// alone proves nothing.
    ///
    /// ## What to do
    /// Write the host once. For Amazon ECR, the repository name is the part after the host, not the whole URI.
    ///
    /// ## References
    /// actions/starter-workflows#2647; aws-actions/amazon-ecr-login#202; crazy-max/diun#660
    "host-duplicated-in-repository" in Place, instead_of: GENERAL
}

pub(super) fn examine(case: &Case<'_>) -> Option<Finding> {
    let reference = case.reference();
    let (first, rest) = reference.repository().split_once('/')?;
    let inner: Host = if first.contains('.') || first == "localhost" { first.parse().ok()? } else { return None };
    let (id, absence) = absence(case)?;
    let mut places = vec![reference.with_repository(rest).ok()?];
    if reference.registry().is_docker_hub() {
        places.extend(below(&inner, rest, reference));
    }
    let asked: Vec<_> = places.into_iter().map(|to| (elsewhere(case, to.clone()), to)).collect();
    let title = format!("the repository name starts with the host {first}");
    let finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id));
    let written =
        format!("The repository requested from {} starts with {first}, which is a registry host", reference.registry());
    for (answer, to) in &asked {
        let Some((shown, Elsewhere::There)) = answer else { continue };
        let (to, word) = (as_typed(to), Word::in_full(to));
        return Some(
            finding
                .because(*shown, format!("{} for {to}", case.words(*shown).as_str()))
                .cause(format!("{written}. Without that host, the image exists."))
                .fix_with(format!("Use {to}:"), words!["ociscope", "diagnose", word]),
        );
    }
    let alike = absence == Absence::Missing && belong_together(&inner, reference.registry());
    alike.then(|| {
        finding.likely().cause(format!("{written}. Most likely the host was written twice.")).fix(
            "Write the host once. For Amazon ECR, the repository name is the part after the host, not the whole URI.",
        )
    })
}

/// The image in the registry whose host the repository name contains.
fn below(host: &Host, rest: &str, reference: &Reference) -> Option<Reference> {
    let tag = reference.tag().map(|tag| format!(":{tag}")).unwrap_or_default();
    let digest = reference.digest().map(|digest| format!("@{digest}")).unwrap_or_default();
    Reference::parse(&format!("{host}/{rest}{tag}{digest}")).ok()
}

/// Returns whether two hosts are the same, or have the same owner: a shared domain, or both Amazon ECR.
fn belong_together(one: &Host, other: &Host) -> bool {
    let (one, other) = (one.name(), other.name());
    let domain = |name: &str| name.rsplit('.').take(2).map(str::to_owned).collect::<Vec<_>>();
    let amazon = |name: &str| name.contains(".ecr.");
    one == other || (one.contains('.') && domain(one) == domain(other)) || (amazon(one) && amazon(other))
}
