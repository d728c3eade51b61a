use super::control::{self, Existence, existence};
use super::with_both_checks;
use crate::diagnosis::case::credentials::{is_anonymous, story, token_is_called_invalid};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::Outcome;

rule! {
    /// Registry rejects the token that the token service issued
    ///
    /// ## What it means
    /// Token services often issue a token to every user, and list in it what the user may do. Here, that does not
    /// include pulling this repository: the user has no pull access, or the repository does not exist. If the registry
    /// calls the token invalid, it does not trust its own token service: their keys, names or clocks differ.
    ///
    /// ## How it is recognised
    /// A token was issued for the user, and the registry returned 401 for it.
    ///
    /// ## What to do
    /// Check the spelling, and ask the owner for pull access. For an invalid token, the registry operator has to
    /// compare keys, issuer, audience and clocks.
    ///
    /// ## References
    /// RFC 6750 §3.1; containerd/containerd#6492; distribution/distribution#4299; docker/hub-feedback#647
    "token-grants-nothing" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let authentication = story(case)?;
    let token = authentication.token.filter(|_| authentication.outcome == Outcome::Rejected)?;
    let (id, _) = case.refusal().filter(|(_, response)| response.status == 401)?;
    let (host, service) = (case.reference().registry(), case.host_of(token));
    if token_is_called_invalid(case) {
        let title = "registry rejects the token of its own token service";
        let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
            .likely()
            .cause(match names_and_times_agree(case) {
                true => format!(
                    "{service} issued a token, and {host} calls it invalid. Its audience and its validity period are \
                     right, so most likely the registry does not know the signing key or the issuer. Logging in does \
                     not help."
                ),
                false => format!(
                    "{service} issued a token, and {host} calls it invalid. Most likely the keys, names or clocks of \
                     the two differ. Logging in does not help."
                ),
            })
            .fix(match names_and_times_agree(case) {
                true => {
                    "Ask the registry operator to configure the certificate and the issuer of the token service \
                     (auth.token.rootcertbundle and issuer in distribution)."
                }
                false => "Ask the registry operator to compare keys, issuer, audience and clocks of the two.",
            });
        return Some(finding);
    }
    if is_anonymous(case) {
        return None;
    }
    let existence = existence(case, id);
    let title = match existence {
        Existence::Confirmed(_) => "user has no pull access",
        _ => "user has no pull access, or the repository does not exist",
    };
    let (reading, control) = match existence {
        Existence::Confirmed(control) => {
            (" A control request for a nonexistent repository got 404, so this one exists.", Some(control))
        }
        Existence::Masked(Some(control)) => (
            " A control request for a nonexistent repository got the same answer, so the two cases are \
             indistinguishable.",
            Some(control),
        ),
        Existence::Masked(None) | Existence::Unknown => ("", None),
    };
    let mut finding = Finding::error(ExitStatus::Denied, title, id, case.words(id)).cause(format!(
        "{service} accepted the user name and password and issued a token. {host} rejected it for this \
         repository.{reading}"
    ));
    if let Some(shape) = &authentication.token_shape {
        finding = finding.because(token, shape.clone());
    }
    if let Some(control) = control {
        finding = finding.because(control, control::quote(case, control));
    }
    finding = finding.fix("Ask the owner of the repository for pull access.");
    Some(if matches!(existence, Existence::Confirmed(_)) { finding } else { with_both_checks(case, finding) })
}

/// Returns `true` if a rejected token is for this registry and valid by the registry's clock.
fn names_and_times_agree(case: &Case<'_>) -> bool {
    let agree = || {
        let authentication = story(case)?;
        let claims = authentication.token_claims.as_ref()?;
        let now = case.refusal()?.1.date()?;
        let service = authentication.challenge.as_ref()?.service.as_ref()?;
        let from = claims.not_before.or(claims.issued_at)?;
        Some(claims.audience.contains(service) && from <= now && now < claims.expires?)
    };
    agree() == Some(true)
}
