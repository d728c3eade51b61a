use url::Url;

use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{ChallengeSeen, ClientChallenge, CredentialUse, ExchangeId, Outcome, client_challenges};
use crate::knowledge::{Takes, challenge_readers};
use crate::text::Untrusted;

rule! {
    /// Some clients cannot read the authentication challenge
    ///
    /// ## What it means
    /// A registry may offer several authentication schemes, and there are several ways to write them into
    /// `WWW-Authenticate`. Docker, containerd, Podman, crane and ORAS read one challenge per header line and stop at
    /// the first thing that they do not expect: an unquoted address, a second challenge on the same line, for some of
    /// them an empty value. Podman and crane use the first challenge that they support, and ORAS only looks at the
    /// first line, so `Basic` before `Bearer` locks out anonymous users. These clients then report `unauthorized` or
    /// `no basic auth credentials`.
    ///
    /// ## How it is recognised
    /// The challenge is parsed once by the grammar, and once as each client family parses it. The finding names the
    /// families that find no challenge they can answer.
    ///
    /// ## What to do
    /// The operator has to send each challenge as its own `WWW-Authenticate` line, `Bearer` first, with quoted values.
    ///
    /// ## References
    /// RFC 9110 §11.6.1; distribution, registry/client/auth/challenge; containers/image docker/docker_client.go;
    /// oras-go registry/remote/auth
    "challenge-read-differently" in Authentication, instead_of: ["challenge-missing-or-inconsistent"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, obstacles) = hindered_clients(case)?;
    let header = case.journal().get(id).response.as_ref()?.header("www-authenticate")?;
    let title = "some clients cannot read the challenge";
    let causes: Vec<_> = obstacles
        .iter()
        .map(|(why, families)| format!("{} cannot answer this challenge: {why}.", listed(families, 5)))
        .collect();
    let finding = Finding::warning(title, id, format!("www-authenticate: {}", header.named_within(200)))
        .cause(causes.join(" "))
        .fix(
            "Ask the operator to send each challenge as its own WWW-Authenticate line, Bearer first, with every value \
             in double quotes and no empty values.",
        );
    Some(finding)
}

/// The way in which a client responds to the challenges of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice<'c> {
    /// Fetches a token from this realm.
    Bearer(&'c Untrusted),
    /// Sends a user name and password.
    Basic,
    /// Sees a Bearer challenge without a usable realm.
    NoRealm,
    /// Sees no challenge that it supports.
    Nothing,
}

/// The reason why clients cannot answer, and the names of their families.
type Obstacle = (&'static str, Vec<String>);

/// The client families that cannot answer a challenge although it can be answered, grouped by reason.
fn hindered_clients(case: &Case<'_>) -> Option<(ExchangeId, Vec<Obstacle>)> {
    let authentication = case.authentication();
    let id = authentication.challenged_by?;
    let seen = authentication.challenge.as_ref()?;
    if matches!(authentication.outcome, Outcome::ChallengeUnusable(_) | Outcome::RealmRefused(_)) {
        return None;
    }
    let response = case.journal().get(id).response.as_ref()?;
    response.header("www-authenticate")?;
    let anonymous = authentication.credential == CredentialUse::Anonymous;
    let mut obstacles: Vec<Obstacle> = Vec::new();
    for reader in challenge_readers() {
        let read = client_challenges(response, reader.grammar);
        if let Some(reason) = obstacle(choose(&read, reader.takes), seen, anonymous) {
            match obstacles.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, families)) => families.push(reader.name.clone()),
                None => obstacles.push((reason, vec![reader.name.clone()])),
            }
        }
    }
    (!obstacles.is_empty()).then_some((id, obstacles))
}

fn choose(read: &[ClientChallenge], takes: Takes) -> Choice<'_> {
    let is_known = |challenge: &&ClientChallenge| matches!(challenge.scheme.as_str(), "basic" | "bearer");
    let bearer = || read.iter().find(|challenge| challenge.scheme == "bearer");
    let taken = match takes {
        Takes::First => read.iter().find(is_known),
        Takes::FirstLine => read.first().filter(is_known),
        Takes::Bearer | Takes::All => bearer().or_else(|| read.iter().find(is_known)),
    };
    let Some(taken) = taken else { return Choice::Nothing };
    if taken.scheme == "basic" {
        return Choice::Basic;
    }
    let is_address = |realm: &&Untrusted| Url::parse(realm.as_str().trim()).is_ok_and(|url| url.has_host());
    taken.parameter("realm").filter(is_address).map_or(Choice::NoRealm, Choice::Bearer)
}

/// The reason why a client with this choice cannot answer the challenge, if there is one.
fn obstacle(choice: Choice<'_>, seen: &ChallengeSeen, anonymous: bool) -> Option<&'static str> {
    let for_token = seen.scheme.as_str().eq_ignore_ascii_case("bearer");
    match choice {
        Choice::Nothing => {
            Some("they read one challenge per header line, and do not support the first one of this line")
        }
        Choice::NoRealm if for_token => Some("they stop reading before the end of the token service's address"),
        Choice::Basic if for_token && anonymous => {
            Some("they use the first challenge, Basic, for which there are no credentials, and ignore Bearer after it")
        }
        Choice::Bearer(_) | Choice::Basic | Choice::NoRealm => None,
    }
}
