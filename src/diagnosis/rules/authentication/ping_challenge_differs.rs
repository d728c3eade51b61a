use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{ClientChallenge, CredentialUse, Exchange, ExchangeId, Outcome, Query, client_challenges};
use crate::image::Shape;
use crate::knowledge::{ChallengeFrom, ChallengeGrammar, challenge_readers};

rule! {
    /// `/v2/` check fails, or its authentication differs
    ///
    /// ## What it means
    /// Docker, Podman and crane request `/v2/` before anything else and authenticate as its answer says. containerd and
    /// others follow the answer for the image. If the two differ, one kind of client can pull, and the other is refused
    /// with the same credentials. At a status other than 200 and 401, Podman, skopeo, Buildah and CRI-O stop (`pinging
    /// container registry`), and so do crane, kaniko and Trivy. Docker continues without credentials.
    ///
    /// ## How it is recognised
    /// A diagnosis requests `/v2/` once without credentials if it met a challenge, if an image was served without one,
    /// or if nothing was served and no challenge asked for the given credentials. The answer has a status other than
    /// 200 and 401, or is 200 although the image requires authentication, or is a 401 that names another scheme or
    /// none. If no authentication is required, failures and rate limits of the server (429, 5xx) are ignored.
    ///
    /// ## What to do
    /// The operator has to route `/v2/` to the registry itself, with the same challenge as for the image. Proxies often
    /// treat that one path separately.
    ///
    /// ## References
    /// distribution-spec, determining support; containers/image#211; moby/moby distribution/registry.go
    "ping-challenge-differs" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, ping) = ping(case)?;
    let status = ping.status()?;
    let authentication = case.authentication();
    let challenge = authentication.challenged_by.and_then(|id| first_known(case.journal().get(id)));
    let (title, why) = match (status, first_known(ping), challenge) {
        (401, Some(one), Some(other)) if one.scheme == other.scheme => return None,
        (401, Some(one), Some(other)) => (
            "/v2/ requires another authentication than the image",
            format!("/v2/ requires {}, the image requires {}", one.scheme, other.scheme),
        ),
        (401, None, Some(_)) => {
            ("/v2/ returns 401 without a usable challenge", "/v2/ does not say how to authenticate".to_owned())
        }
        (200..=299, _, Some(_)) => (
            "/v2/ requires no authentication, but the image does",
            "/v2/ requires no authentication, so they do not authenticate for the image either".to_owned(),
        ),
        (400 | 403..=428 | 430.., _, Some(_)) => return Some(not_answered(case, id, status)),
        (400 | 402..=428, _, None) if is_served_a_manifest(case) => return Some(not_answered(case, id, status)),
        // ociscope met no challenge and sent nothing; clients that are challenged by `/v2/` sent their credentials.
        (401, Some(_), None)
            if case.served().is_none()
                && authentication.credential != CredentialUse::Anonymous
                && authentication.outcome == Outcome::NotAsked =>
        {
            (
                "/v2/ requires authentication, but the image does not",
                "/v2/ requires authentication, so they send credentials; this answer was given to an anonymous client"
                    .to_owned(),
            )
        }
        _ => return None,
    };
    let pinging = challenge_readers().iter().filter(|reader| reader.asks == ChallengeFrom::Ping);
    let families: Vec<_> = pinging.map(|reader| reader.name.clone()).collect();
    let finding = Finding::warning(title, id, case.words(id))
        .cause(format!("{} request /v2/ first. {why}. containerd does not request it.", listed(&families, 4)));
    let finding = match authentication.challenged_by {
        Some(challenged) => finding.because(challenged, case.words(challenged)),
        None => finding,
    };
    Some(finding.fix("Ask the operator to route /v2/ to the registry itself, like the paths below it."))
}

/// The warning about a status of `/v2/` at which many clients stop, whatever would follow (containers/image,
/// docker/docker_client.go, detectPropertiesHelper; go-containerregistry, transport/ping.go; moby, registry/auth.go,
/// which reads a challenge from any answer and ignores the status).
fn not_answered(case: &Case<'_>, id: ExchangeId, status: u16) -> Finding {
    let stopping = challenge_readers().iter().filter(|reader| reader.asks == ChallengeFrom::Ping && reader.stops);
    let stopping: Vec<_> = stopping.map(|reader| reader.name.clone()).collect();
    let challenged = case.authentication().challenged_by;
    let docker = match challenged {
        Some(_) => "Docker gets no challenge from it, sends no credentials and is refused",
        None => "Docker continues",
    };
    let finding = Finding::warning("/v2/ does not answer like a registry", id, case.words(id)).cause(format!(
        "/v2/ returns {status}. {} request it first and stop there (pinging container registry …). {docker}, and \
         containerd does not request it.",
        stopping.join("; ")
    ));
    let finding = match challenged {
        Some(challenged) => finding.because(challenged, case.words(challenged)),
        None => finding,
    };
    finding.fix("Ask the operator to route /v2/ to the registry itself, like the paths below it.")
}

/// The answer for `/v2/`. It is requested if there was a challenge, if an image was served without one, and if the
/// image was refused without one although there are credentials to answer it with.
fn ping<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Exchange)> {
    let authentication = case.authentication();
    let is_unchallenged = || {
        let refused = case.refusal().is_some_and(|(_, response)| response.status != 429);
        refused && authentication.credential != CredentialUse::Anonymous
    };
    if authentication.challenged_by.is_none() && !is_served_a_manifest(case) && !is_unchallenged() {
        return None;
    }
    case.ask(Query::Ping).filter(|(_, exchange)| exchange.failure.is_none())
}

/// Returns `true` if the asking client was served a manifest or an index, not a web page.
fn is_served_a_manifest(case: &Case<'_>) -> bool {
    case.document().is_some_and(|(_, document)| document.shape() != Shape::Unknown)
}

/// The exchange in which `/v2/` returned a challenge that clients support.
pub(super) fn challenge_of_ping(case: &Case<'_>) -> Option<ExchangeId> {
    ping(case).filter(|(_, ping)| ping.status() == Some(401) && first_known(ping).is_some()).map(|(id, _)| id)
}

/// The first challenge that registry clients support.
fn first_known(exchange: &Exchange) -> Option<ClientChallenge> {
    let read = client_challenges(exchange.response.as_ref()?, ChallengeGrammar::Distribution);
    read.into_iter().find(|challenge| matches!(challenge.scheme.as_str(), "basic" | "bearer"))
}
