use super::control::{self, Telling, telling};
use super::with_both_checks;
use crate::diagnosis::case::credentials::{is_anonymous, story, token_is_called_invalid};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::Outcome;

rule! {
    /// The token service gave a token, and the registry does not let anybody pull with it.
    ///
    /// ## What it means
    /// Token services often give a token to every user, and put into it what the user may do. Here that is not pulling
    /// this repository: the user has no right to, or there is no such repository. If the registry calls the token
    /// invalid, it does not trust its own token service: keys, names or clocks of the two differ.
    ///
    /// ## How it is recognised
    /// A token was issued for the user, and the registry answered 401 to it.
    ///
    /// ## What to do
    /// Check the spelling, and ask the owner for the right to pull. For an invalid token, whoever runs the registry has
    /// to compare keys, issuer, audience and clocks.
    ///
    /// ## References
    /// RFC 6750 §3.1; containerd/containerd#6492; distribution/distribution#4299; docker/hub-feedback#647
    "token-grants-nothing" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let story = story(case)?;
    let token = story.token.filter(|_| story.outcome == Outcome::Rejected)?;
    let (id, _) = case.refusal().filter(|(_, response)| response.status == 401)?;
    let (host, service) = (case.reference().registry(), case.host_of(token));
    if token_is_called_invalid(case) {
        let title = "the registry does not accept the token of its own token service";
        let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
            .likely()
            .cause(match names_and_times_agree(case) {
                true => format!(
                    "{service} gave a token, and {host} calls it invalid. Its audience and its times are right, so most \
                     likely the registry does not know the key that signs it, or the issuer. No login changes that."
                ),
                false => format!(
                    "{service} gave a token, and {host} calls it invalid. Most likely keys, names or clocks of the two \
                     differ. No login changes that."
                ),
            })
            .fix(match names_and_times_agree(case) {
                true => {
                    "Whoever runs the registry has to give it the certificate and the issuer of the token service \
                     (auth.token.rootcertbundle and issuer in distribution)."
                }
                false => "Whoever runs the registry has to compare keys, issuer, audience and clocks of the two.",
            });
        return Some(finding);
    }
    if is_anonymous(case) {
        return None;
    }
    let told = telling(case, id);
    let title = match told {
        Telling::Exists(_) => "this user may not pull it",
        _ => "this user may not pull it, or there is no such repository",
    };
    let (reading, control) = match told {
        Telling::Exists(control) => {
            (" A name beside it that cannot exist is answered with 404, so this one exists.", Some(control))
        }
        Telling::Masks(Some(control)) => {
            (" A name beside it that cannot exist is answered alike, so the two cannot be told apart.", Some(control))
        }
        Telling::Masks(None) | Telling::Unknown => ("", None),
    };
    let mut finding = Finding::error(ExitStatus::Denied, title, id, case.words(id)).cause(format!(
        "{service} took the user name and password and gave a token. {host} refused it for this repository.{reading}"
    ));
    if let Some(shape) = &story.token_shape {
        finding = finding.because(token, shape.clone());
    }
    if let Some(control) = control {
        finding = finding.because(control, control::quote(case, control));
    }
    finding = finding.fix("Ask the owner of the repository for the right to pull.");
    Some(if matches!(told, Telling::Exists(_)) { finding } else { with_both_checks(case, finding) })
}

/// Whether a token that is refused is for this registry and within its times by the registry's clock.
fn names_and_times_agree(case: &Case<'_>) -> bool {
    let agree = || {
        let story = story(case)?;
        let claims = story.token_claims.as_ref()?;
        let now = case.refusal()?.1.date()?;
        let service = story.challenge.as_ref()?.service.as_ref()?;
        let from = claims.not_before.or(claims.issued_at)?;
        Some(claims.audience.contains(service) && from <= now && now < claims.expires?)
    };
    agree() == Some(true)
}
