//! The challenge: what the `WWW-Authenticate` headers of one 401 ask for.
//!
//! A challenge tells a client where a token is to be had (RFC 9110 §11.6.1; RFC 6750 §3; distribution token
//! specification, "How to authenticate"). It is also where pulls break in ways that clients hardly explain: they drop
//! what they cannot read, and then report that no credentials were given. So two readers look at every header line:
//!
//! - the `http-auth` crate, which holds to the grammar. What it accepts, and what has all that a registry's client
//!   needs, is taken as it reads it;
//! - a reader of our own for everything else. It takes what can be taken with certainty, and notes each departure from
//!   the grammar with the byte where it is. Those notes are findings for the person who runs the registry.
//!
//! Nothing here fails, nothing is judged and nothing is sent: whether the realm may be trusted is the business of the
//! realm policy. Time grows with the length of the headers, and what is kept is bounded by the constants below.

mod problem;
mod reader;
#[cfg(test)]
mod tests;

use http_auth::{ChallengeParser, ChallengeRef};

use crate::text::Untrusted;
pub use problem::{Problem, ProblemKind};

/// How many bytes of one header line are read. Real challenges stay under 1 KiB; the rest is noted as cut off.
pub const VALUE_LIMIT: usize = 16 * 1024;

/// How many challenges are kept of one answer, all its header lines together.
pub const CHALLENGE_LIMIT: usize = 64;

/// How many parameters are kept of one challenge.
pub const PARAMETER_LIMIT: usize = 64;

/// How many problems are noted of one answer; the last of them then says that there are more.
pub const PROBLEM_LIMIT: usize = 64;

/// What clients of registries look for in a challenge. A word from this list is never taken for a scheme.
const PARAMETER_NAMES: [&str; 7] = ["realm", "service", "scope", "error", "error_description", "error_uri", "charset"];

/// Which of the schemes that registries use a challenge belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// User name and password with each request (RFC 7617).
    Basic,
    /// A token, to be fetched from the realm (RFC 6750, distribution token specification).
    Bearer,
    /// A scheme no registry client answers, such as `Negotiate` or `Digest`.
    Other,
}

/// The scheme's rank, what is lacking, and the texts that decide last.
type Preference<'a> = (u8, (bool, bool), [Option<&'a Untrusted>; 3]);

/// One challenge: a scheme and its parameters, in the server's words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Challenge {
    scheme: Untrusted,
    parameters: Vec<(String, Untrusted)>,
    problems: Vec<Problem>,
}

impl Challenge {
    fn new(scheme: Untrusted) -> Self {
        Self { scheme, parameters: Vec::new(), problems: Vec::new() }
    }

    /// The name of the scheme in the spelling that was sent, such as Nexus' `BASIC`.
    pub fn scheme(&self) -> &Untrusted {
        &self.scheme
    }

    /// The scheme; its name is compared without regard to case (RFC 9110 §11.1).
    pub fn kind(&self) -> Kind {
        Kind::of(self.scheme.as_str())
    }

    /// All parameters in the order they were sent. Names are in lower case and made of token characters only
    /// (RFC 9110 §5.6.2); a name occurs once.
    pub fn parameters(&self) -> &[(String, Untrusted)] {
        &self.parameters
    }

    /// The value of a parameter; its name is compared without regard to case (RFC 9110 §11.2).
    pub fn parameter(&self, name: &str) -> Option<&Untrusted> {
        self.parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// For Bearer the address of the token service, for Basic a name for what is protected.
    pub fn realm(&self) -> Option<&Untrusted> {
        self.parameter("realm")
    }

    /// The name of the registry, to be repeated to the token service. nvcr.io and OpenShift send none.
    pub fn service(&self) -> Option<&Untrusted> {
        self.parameter("service")
    }

    /// What the token should be good for, as the registry words it. Not to be trusted: GHCR sends a placeholder.
    pub fn scope(&self) -> Option<&Untrusted> {
        self.parameter("scope")
    }

    /// Why the credentials that were sent did not do (RFC 6750 §3.1), such as `invalid_token` or
    /// `insufficient_scope`.
    pub fn error(&self) -> Option<&Untrusted> {
        self.parameter("error")
    }

    /// What is wrong with the wording of this challenge, in the order of the bytes.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// How gladly a client would answer, least first; `None` if it cannot: Basic can always be answered, Bearer when
    /// there is a realm to go to.
    fn preference(&self) -> Option<Preference<'_>> {
        let rank = match self.kind() {
            Kind::Bearer if realm_is_missing(self).is_none() => 0,
            Kind::Basic => 1,
            Kind::Bearer | Kind::Other => return None,
        };
        let bareness = (self.service().is_none(), self.scope().is_none());
        Some((rank, bareness, [self.realm(), self.service(), self.scope()]))
    }
}

impl Kind {
    fn of(scheme: &str) -> Self {
        if scheme.eq_ignore_ascii_case("basic") {
            Self::Basic
        } else if scheme.eq_ignore_ascii_case("bearer") {
            Self::Bearer
        } else {
            Self::Other
        }
    }
}

/// All challenges of one answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Challenges {
    all: Vec<Challenge>,
    problems: Vec<Problem>,
}

impl Challenges {
    /// Every challenge, in the order of the header lines and within them.
    pub fn all(&self) -> &[Challenge] {
        &self.all
    }

    /// Everything that is wrong with the wording of the headers, in the order of the bytes; those of the single
    /// challenges are among them. At most [`PROBLEM_LIMIT`].
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The challenge to answer: Bearer with a realm before Basic, whatever their order. Nothing if neither is there.
    ///
    /// RFC 9110 §11.6.1 leaves the choice to the client. Were it the first one, the order of the lines would decide who
    /// is asked for a token. So among several of a kind the more detailed one wins, then the one whose text sorts
    /// first: arbitrary, but the same for every order.
    pub fn best(&self) -> Option<&Challenge> {
        let answerable = self.all.iter().filter_map(|challenge| Some((challenge.preference()?, challenge)));
        answerable.min_by(|(a, _), (b, _)| a.cmp(b)).map(|(_, challenge)| challenge)
    }

    /// Notes a problem while there is room.
    fn note(&mut self, problem: Problem) {
        match PROBLEM_LIMIT - self.problems.len() {
            0 => {}
            1 => self.problems.push(Problem { what: ProblemKind::MoreProblems, ..problem }),
            _ => self.problems.push(problem),
        }
    }
}

/// Reads the values of all `WWW-Authenticate` header lines of one answer.
///
/// Every input is readable: what makes no sense becomes a [`Problem`]. No value at all gives no challenge and no
/// problem; that a 401 should have had one (RFC 9110 §15.5.2) is for the caller to say.
pub fn read_challenges<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Challenges {
    let mut found = Challenges::default();
    for (header, value) in values.into_iter().enumerate() {
        let considered = value.get(..VALUE_LIMIT).unwrap_or(value);
        match read_strictly(considered, CHALLENGE_LIMIT - found.all.len()) {
            Some(challenges) => found.all.extend(challenges),
            None => reader::read(header, considered, &mut found),
        }
        if considered.len() < value.len() {
            found.note(Problem { header, offset: VALUE_LIMIT, what: ProblemKind::ValueCut });
        }
    }
    // A missing realm is known only at the end of its challenge, but belongs to its beginning.
    found.problems.sort_by_key(|problem| (problem.what == ProblemKind::MoreProblems, problem.header, problem.offset));
    for challenge in &mut found.all {
        challenge.problems.sort_by_key(|problem| problem.offset);
    }
    found
}

/// Reads a value that holds to the grammar and about which there is nothing to say; `None` for every other.
fn read_strictly(value: &[u8], room: usize) -> Option<Vec<Challenge>> {
    // The parser knows ASCII only; the bytes above it are for the tolerant reader to point at.
    let text = str::from_utf8(value).ok().filter(|text| text.is_ascii())?;
    let mut challenges = Vec::new();
    for challenge in ChallengeParser::new(text) {
        if challenges.len() == room {
            return None;
        }
        challenges.push(without_problems(&challenge.ok()?)?);
    }
    Some(challenges)
}

/// Takes over a well-formed challenge, unless a parameter occurs twice, is missing, or there are too many of them.
fn without_problems(challenge: &ChallengeRef<'_>) -> Option<Challenge> {
    // After a missing `=`, the grammar makes a scheme of a parameter's name: `Bearer realm="…",service`.
    if is_parameter_name(challenge.scheme) || challenge.params.len() > PARAMETER_LIMIT {
        return None;
    }
    let mut read = Challenge::new(challenge.scheme.into());
    for (name, value) in &challenge.params {
        if read.parameter(name).is_some() {
            return None;
        }
        read.parameters.push((name.to_ascii_lowercase(), Untrusted::new(value.to_unescaped())));
    }
    realm_is_missing(&read).is_none().then_some(read)
}

/// A realm is required of Basic (RFC 7617 §2), and of Bearer by the distribution token specification, where it is the
/// address of the token service; RFC 6750 §3 by itself would allow a Bearer challenge to have none.
fn realm_is_missing(challenge: &Challenge) -> Option<ProblemKind> {
    let realm = challenge.realm().map(Untrusted::as_str);
    match (challenge.kind(), realm) {
        (Kind::Bearer, None) => Some(ProblemKind::MissingRealm(Kind::Bearer)),
        (Kind::Bearer, Some(realm)) if realm.trim().is_empty() => Some(ProblemKind::MissingRealm(Kind::Bearer)),
        (Kind::Basic, None) => Some(ProblemKind::MissingRealm(Kind::Basic)),
        _ => None,
    }
}

fn is_parameter_name(word: &str) -> bool {
    PARAMETER_NAMES.iter().any(|name| name.eq_ignore_ascii_case(word))
}
