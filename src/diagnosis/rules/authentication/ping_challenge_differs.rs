use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{ClientChallenge, CredentialUse, Exchange, ExchangeId, Outcome, Query, client_challenges};
use crate::image::Shape;
use crate::knowledge::{ChallengeFrom, ChallengeGrammar, challenge_readers};

rule! {
    /// `/v2/` asks for another authentication than the image does, or does not answer as a registry's.
    ///
    /// ## What it means
    /// Docker, Podman and crane ask `/v2/` before anything else, and authenticate as its answer says. containerd and
    /// others do what the answer for the image says. Where the two differ, one kind of client pulls and the other is
    /// refused with the same credentials. At another status than 200 and 401, Podman, skopeo, Buildah and CRI-O stop
    /// (`pinging container registry`), and so do crane, kaniko and Trivy. Docker goes on without credentials.
    ///
    /// ## How it is recognised
    /// A diagnosis in which a challenge was seen, in which an image was served without one, or in which credentials were
    /// not asked for and nothing was served, asks `/v2/` once without credentials. It is answered with another status than
    /// 200 or 401, with 200 although the image requires authentication, or with a 401 that names another scheme or none.
    /// Where no authentication is required, a server that fails or limits requests (429, 5xx) is left out.
    ///
    /// ## What to do
    /// The operator has `/v2/` answered by the registry itself, with the same challenge as for the image. Proxies often
    /// treat that one path in their own way.
    ///
    /// ## References
    /// distribution-spec, determining support; containers/image#211; moby/moby distribution/registry.go
    "ping-challenge-differs" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, ping) = ping(case)?;
    let status = ping.status()?;
    let story = case.authentication();
    let asked = story.challenged_by.and_then(|id| first_known(case.journal().get(id)));
    let (title, why) = match (status, first_known(ping), asked) {
        (401, Some(one), Some(other)) if one.scheme == other.scheme => return None,
        (401, Some(one), Some(other)) => (
            "/v2/ asks for another authentication than the image",
            format!("/v2/ asks for {}, and the image for {}", one.scheme, other.scheme),
        ),
        (401, None, Some(_)) => {
            ("/v2/ is 401 without a usable challenge", "/v2/ does not say how to authenticate".to_owned())
        }
        (200..=299, _, Some(_)) => (
            "/v2/ requires no authentication, and the image does",
            "/v2/ requires no authentication, so they do not authenticate for the image either".to_owned(),
        ),
        (400 | 403..=428 | 430.., _, Some(_)) => return Some(not_answered(case, id, status)),
        (400 | 402..=428, _, None) if is_served_a_manifest(case) => return Some(not_answered(case, id, status)),
        // Who was never asked has sent nothing, and those who are asked there have.
        (401, Some(_), None)
            if case.served().is_none()
                && story.credential != CredentialUse::Anonymous
                && story.outcome == Outcome::NotAsked =>
        {
            (
                "/v2/ requires authentication, and the image does not ask for it",
                "/v2/ asks who they are, so they send credentials; the answer here was given to an anonymous client"
                    .to_owned(),
            )
        }
        _ => return None,
    };
    let pinging = challenge_readers().iter().filter(|reader| reader.asks == ChallengeFrom::Ping);
    let families: Vec<_> = pinging.map(|reader| reader.name.clone()).collect();
    let finding = Finding::warning(title, id, case.words(id))
        .cause(format!("{} ask /v2/ first. {why}. containerd does not ask it.", listed(&families, 4)));
    let finding = match story.challenged_by {
        Some(challenged) => finding.because(challenged, case.words(challenged)),
        None => finding,
    };
    Some(finding.fix("Tell the operator to have /v2/ answered by the registry itself, as the paths below it are."))
}

/// `/v2/` has a status at which many clients stop, whatever they would be answered afterwards (containers/image,
/// docker/docker_client.go, detectPropertiesHelper; go-containerregistry, transport/ping.go; moby, registry/auth.go,
/// which reads a challenge of any answer and does not look at the status).
fn not_answered(case: &Case<'_>, id: ExchangeId, status: u16) -> Finding {
    let stopping = challenge_readers().iter().filter(|reader| reader.asks == ChallengeFrom::Ping && reader.stops);
    let stopping: Vec<_> = stopping.map(|reader| reader.name.clone()).collect();
    let challenged = case.authentication().challenged_by;
    let docker = match challenged {
        Some(_) => "Docker gets no challenge from it, sends no credentials and is refused",
        None => "Docker goes on",
    };
    let finding = Finding::warning("/v2/ does not answer as a registry's", id, case.words(id)).cause(format!(
        "/v2/ is answered with {status}. {} request it first and stop there (pinging container registry …). {docker}, and \
         containerd does not request it.",
        stopping.join("; ")
    ));
    let finding = match challenged {
        Some(challenged) => finding.because(challenged, case.words(challenged)),
        None => finding,
    };
    finding.fix("Tell the operator to have /v2/ answered by the registry itself, as the paths below it are.")
}

/// What `/v2/` answered. It is asked where a challenge was seen, where an image was served without one, and where a
/// refusal came without one although there are credentials that a challenge would have asked for.
fn ping<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Exchange)> {
    let story = case.authentication();
    let kept_back = || {
        let refused = case.refusal().is_some_and(|(_, response)| response.status != 429);
        refused && story.credential != CredentialUse::Anonymous
    };
    if story.challenged_by.is_none() && !is_served_a_manifest(case) && !kept_back() {
        return None;
    }
    case.ask(Query::Ping).filter(|(_, exchange)| exchange.failure.is_none())
}

/// Whether the asking client was served a manifest or an index, and not a page.
fn is_served_a_manifest(case: &Case<'_>) -> bool {
    case.document().is_some_and(|(_, document)| document.shape() != Shape::Unknown)
}

/// The exchange in which `/v2/` named a way to authenticate.
pub(super) fn challenge_of_ping(case: &Case<'_>) -> Option<ExchangeId> {
    ping(case).filter(|(_, ping)| ping.status() == Some(401) && first_known(ping).is_some()).map(|(id, _)| id)
}

/// The first challenge that a client of a registry knows.
fn first_known(exchange: &Exchange) -> Option<ClientChallenge> {
    let read = client_challenges(exchange.response.as_ref()?, ChallengeGrammar::Distribution);
    read.into_iter().find(|challenge| matches!(challenge.scheme.as_str(), "basic" | "bearer"))
}
