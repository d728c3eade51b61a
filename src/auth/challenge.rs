//! The challenge: the contents of the `WWW-Authenticate` headers of a 401 response.
//!
//! A challenge tells a client where to get a token (RFC 9110 §11.6.1; RFC 6750 §3; distribution token specification,
//! "How to authenticate"). It is also where pulls fail in ways that clients hardly explain: they drop what they cannot
//! parse, and then report that credentials are missing. So two parsers process every header line:
//!
//! - the `http-auth` crate, which follows the grammar strictly. A challenge that it accepts, and that has everything a
//!   registry client needs, is used as it is;
//! - a tolerant parser of our own for everything else. It extracts what is certain, and records each deviation from the
//!   grammar with its byte offset. These problems are findings for the registry's operator.
//!
//! Parsing never fails, judges nothing and sends nothing: the realm policy decides whether the realm can be trusted.
//! Time is linear in the length of the headers, and the constants below bound what is kept.

mod problem;
mod reader;
#[cfg(test)]
mod tests;

use http_auth::{ChallengeParser, ChallengeRef};

use crate::text::Untrusted;
pub use problem::{Problem, ProblemKind};

/// The maximum length of a header line that is parsed. Real challenges stay under 1 KiB; a longer one is recorded as
/// truncated.
pub const VALUE_LIMIT: usize = 16 * 1024;

/// The maximum number of challenges that are kept per response, over all its header lines.
pub const CHALLENGE_LIMIT: usize = 64;

/// The maximum number of parameters that are kept per challenge.
pub const PARAMETER_LIMIT: usize = 64;

/// The maximum number of problems that are recorded per response; the last one then says that there are more.
pub const PROBLEM_LIMIT: usize = 64;

/// The parameters that registry clients look for in a challenge. None of these words is ever taken for a scheme.
const PARAMETER_NAMES: [&str; 7] = ["realm", "service", "scope", "error", "error_description", "error_uri", "charset"];

/// The authentication scheme of a challenge, among those that registries use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// User name and password with each request (RFC 7617).
    Basic,
    /// A token, to be fetched from the realm (RFC 6750, distribution token specification).
    Bearer,
    /// A scheme that registry clients do not support, such as `Negotiate` or `Digest`.
    Other,
}

/// The rank of the scheme, the missing parameters, and the texts that break ties.
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

    /// The name of the scheme as sent, such as Nexus' `BASIC`.
    pub fn scheme(&self) -> &Untrusted {
        &self.scheme
    }

    /// The scheme, whose name is compared without regard to case (RFC 9110 §11.1).
    pub fn kind(&self) -> Kind {
        Kind::of(self.scheme.as_str())
    }

    /// All parameters in the order sent. Names are in lower case, consist of token characters only (RFC 9110 §5.6.2)
    /// and are unique.
    pub fn parameters(&self) -> &[(String, Untrusted)] {
        &self.parameters
    }

    /// The value of a parameter, whose name is compared without regard to case (RFC 9110 §11.2).
    pub fn parameter(&self, name: &str) -> Option<&Untrusted> {
        self.parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The realm: for Bearer the address of the token service, for Basic a name of the protected area.
    pub fn realm(&self) -> Option<&Untrusted> {
        self.parameter("realm")
    }

    /// The name of the registry, to be passed to the token service. nvcr.io and OpenShift send none.
    pub fn service(&self) -> Option<&Untrusted> {
        self.parameter("service")
    }

    /// The scope for the token, as the registry words it. It cannot be trusted: GHCR sends a placeholder.
    pub fn scope(&self) -> Option<&Untrusted> {
        self.parameter("scope")
    }

    /// The reason why the credentials that were sent are insufficient (RFC 6750 §3.1), such as `invalid_token` or
    /// `insufficient_scope`.
    pub fn error(&self) -> Option<&Untrusted> {
        self.parameter("error")
    }

    /// The problems in the syntax of this challenge, in byte order.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The preference of a client for this challenge, least first; `None` if no client can answer it. Basic can always
    /// be answered, Bearer only if there is a realm.
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

/// All challenges of one response.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Challenges {
    all: Vec<Challenge>,
    problems: Vec<Problem>,
}

impl Challenges {
    /// All challenges, in the order of the header lines and within each.
    pub fn all(&self) -> &[Challenge] {
        &self.all
    }

    /// All problems in the syntax of the headers, including those of the individual challenges, in byte order. At most
    /// [`PROBLEM_LIMIT`].
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The challenge to answer: Bearer with a realm before Basic, in whatever order they were sent. `None` if there is
    /// neither.
    ///
    /// RFC 9110 §11.6.1 leaves the choice to the client. If it were the first one, the order of the lines would decide
    /// which server is asked for a token. So among several of one scheme the more detailed one wins, then the one whose
    /// text sorts first: arbitrary, but independent of the order.
    pub fn best(&self) -> Option<&Challenge> {
        let answerable = self.all.iter().filter_map(|challenge| Some((challenge.preference()?, challenge)));
        answerable.min_by(|(a, _), (b, _)| a.cmp(b)).map(|(_, challenge)| challenge)
    }

    /// Records a problem while there is room.
    fn note(&mut self, problem: Problem) {
        match PROBLEM_LIMIT - self.problems.len() {
            0 => {}
            1 => self.problems.push(Problem { what: ProblemKind::MoreProblems, ..problem }),
            _ => self.problems.push(problem),
        }
    }
}

/// Parses the values of all `WWW-Authenticate` header lines of one response.
///
/// Every input can be parsed: invalid parts become a [`Problem`]. Without any value there are neither challenges nor
/// problems; that a 401 requires one (RFC 9110 §15.5.2) is for the caller to report.
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
    // A missing realm is known only at the end of its challenge, but is reported at its beginning.
    found.problems.sort_by_key(|problem| (problem.what == ProblemKind::MoreProblems, problem.header, problem.offset));
    for challenge in &mut found.all {
        challenge.problems.sort_by_key(|problem| problem.offset);
    }
    found
}

/// Parses a value that follows the grammar and has no problems; `None` for any other.
fn read_strictly(value: &[u8], room: usize) -> Option<Vec<Challenge>> {
    // The parser supports ASCII only; other bytes are for the tolerant parser to point at.
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

/// Converts a well-formed challenge, unless a parameter is duplicated or missing, or there are too many.
fn without_problems(challenge: &ChallengeRef<'_>) -> Option<Challenge> {
    // After a missing `=`, the grammar takes the parameter name for a scheme: `Bearer realm="…",service`.
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

/// Returns the problem of a missing realm. Basic requires one (RFC 7617 §2), and so does Bearer in the distribution
/// token specification, where it is the address of the token service; RFC 6750 §3 alone would allow a Bearer challenge
/// without one.
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
