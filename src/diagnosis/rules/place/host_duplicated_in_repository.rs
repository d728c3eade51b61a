use super::{Absence, Elsewhere, GENERAL, absence, elsewhere};
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::as_typed;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::oci::{Host, Reference};

rule! {
    /// The host of a registry stands in the repository.
    ///
    /// ## What it means
    /// A workflow puts the host in front of a name that already has one, because it was given the whole address of a
    /// repository where only its name was wanted. Or a tool ignores the host and asks Docker Hub for
    /// `docker.io/ghcr.io/owner/app`.
    ///
    /// ## How it is recognised
    /// The repository begins with what looks like a host and is not served, and without it, it is; or, where Docker Hub
    /// was asked, the registry of that name serves it. It is likely if the two hosts belong together. A cache may have
    /// hosts in its repositories by design, so that the name alone proves nothing.
    ///
    /// ## What to do
    /// Write the host once. For Amazon ECR, the name of the repository is what follows the host, not the whole URI.
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
    let title = format!("the repository begins with the host {first}");
    let finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id));
    let written =
        format!("The repository that was asked for at {} begins with {first}, which is a host", reference.registry());
    for (answer, to) in &asked {
        let Some((shown, Elsewhere::There)) = answer else { continue };
        let (to, word) = (as_typed(to), Word::in_full(to));
        return Some(
            finding
                .because(*shown, format!("{} for {to}", case.words(*shown).as_str()))
                .cause(format!("{written}. Without it, the image is there."))
                .fix_with(format!("Use {to}."), words!["ociscope", "diagnose", word]),
        );
    }
    let alike = absence == Absence::Missing && belong_together(&inner, reference.registry());
    alike.then(|| {
        finding
            .likely()
            .cause(format!("{written}. Most likely the registry was written twice."))
            .fix("Write the host once. For Amazon ECR, the name is what follows the host, not the whole URI.")
    })
}

/// The image in the registry that the repository names.
fn below(host: &Host, rest: &str, reference: &Reference) -> Option<Reference> {
    let tag = reference.tag().map(|tag| format!(":{tag}")).unwrap_or_default();
    let digest = reference.digest().map(|digest| format!("@{digest}")).unwrap_or_default();
    Reference::parse(&format!("{host}/{rest}{tag}{digest}")).ok()
}

/// Whether two hosts are the same, or of the same owner: below one domain, or both of Amazon's registries.
fn belong_together(one: &Host, other: &Host) -> bool {
    let (one, other) = (one.name(), other.name());
    let domain = |name: &str| name.rsplit('.').take(2).map(str::to_owned).collect::<Vec<_>>();
    let amazon = |name: &str| name.contains(".ecr.");
    one == other || (one.contains('.') && domain(one) == domain(other)) || (amazon(one) && amazon(other))
}
