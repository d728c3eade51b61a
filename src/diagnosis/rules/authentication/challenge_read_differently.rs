use url::Url;

use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{ChallengeSeen, ClientChallenge, CredentialUse, ExchangeId, Outcome, client_challenges};
use crate::knowledge::{Takes, challenge_readers};
use crate::text::Untrusted;

rule! {
    /// Some clients cannot read the challenge that others can.
    ///
    /// ## What it means
    /// A registry may offer several ways to authenticate, and there are several ways to write that down. Docker,
    /// containerd, Podman, crane and ORAS read one challenge a header line, and stop at the first thing that they do not
    /// expect: an address without quotes, a second challenge on the same line, for some an empty value. Podman and crane
    /// take the first challenge that they know, and ORAS that of the first line alone, so `Basic` before `Bearer` keeps
    /// out anonymous users. They then report `unauthorized` or `no basic auth credentials`.
    ///
    /// ## How it is recognised
    /// The challenge is read once as the grammar has it, and once as each family of clients reads it. The families that
    /// find nothing that they can answer are named.
    ///
    /// ## What to do
    /// The operator sends each challenge as a `WWW-Authenticate` line of its own, `Bearer` first, with values in quotes.
    ///
    /// ## References
    /// RFC 9110 §11.6.1; distribution, registry/client/auth/challenge; containers/image docker/docker_client.go;
    /// oras-go registry/remote/auth
    "challenge-read-differently" in Authentication, instead_of: ["challenge-missing-or-inconsistent"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, obstacles) = who_cannot_read(case)?;
    let header = case.journal().get(id).response.as_ref()?.header("www-authenticate")?;
    let title = "some clients cannot read the challenge";
    let causes: Vec<_> = obstacles
        .iter()
        .map(|(why, families)| format!("{} cannot answer this challenge: {why}.", listed(families, 5)))
        .collect();
    let finding = Finding::warning(title, id, format!("www-authenticate: {}", header.named_within(200)))
        .cause(causes.join(" "))
        .fix(
            "Tell the operator to send each challenge as a WWW-Authenticate line of its own, Bearer first, with every \
             value in double quotes and none of them empty.",
        );
    Some(finding)
}

/// What a client can do with the challenges of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice<'c> {
    /// It fetches a token there.
    Bearer(&'c Untrusted),
    /// It sends a name and a password.
    Basic,
    /// It sees a Bearer challenge without an address that it could ask.
    NoRealm,
    /// It sees no challenge that it knows.
    Nothing,
}

/// What keeps clients from answering, and the names of their families.
type Obstacle = (&'static str, Vec<String>);

/// The families of clients that cannot answer a challenge which can be answered, by what keeps them from it.
fn who_cannot_read(case: &Case<'_>) -> Option<(ExchangeId, Vec<Obstacle>)> {
    let story = case.authentication();
    let id = story.challenged_by?;
    let seen = story.challenge.as_ref()?;
    if matches!(story.outcome, Outcome::ChallengeUnusable(_) | Outcome::RealmRefused(_)) {
        return None;
    }
    let response = case.journal().get(id).response.as_ref()?;
    response.header("www-authenticate")?;
    let anonymous = story.credential == CredentialUse::Anonymous;
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

/// What keeps a client with this choice from answering what was understood here.
fn obstacle(choice: Choice<'_>, seen: &ChallengeSeen, anonymous: bool) -> Option<&'static str> {
    let for_token = seen.scheme.as_str().eq_ignore_ascii_case("bearer");
    match choice {
        Choice::Nothing => {
            Some("they read one challenge a header line, and the first of this line is none that they know")
        }
        Choice::NoRealm if for_token => Some("they stop reading before the end of the token service's address"),
        Choice::Basic if for_token && anonymous => {
            Some("they take the first challenge, Basic, for which there are no credentials, and not Bearer after it")
        }
        Choice::Bearer(_) | Choice::Basic | Choice::NoRealm => None,
    }
}
