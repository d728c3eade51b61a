//! Reads the answer of a token service.
//!
//! The answer is a JSON object with the token in `token` or, in the words of OAuth 2.0, in `access_token`
//! (distribution token specification, "Token Response Fields"; RFC 6749 §5.1). It is a secret all through: nothing of
//! the body gets into an error, a remark or a `Debug` output, only its shape.
//!
//! When the token was made is not read (`issued_at`): clocks differ, and what counts is how long ago it came here.

mod grant;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::evidence::TokenClaims;
use crate::text::{Secret, UnreadJson, Untrusted, read_json};
pub use grant::Access;

/// How many bytes of an answer are read. The caller stops there; more is refused here too.
pub const BODY_LIMIT: usize = 256 * 1024;

/// How long a token may be. Common servers refuse header lines that are far shorter than this.
pub const TOKEN_LIMIT: usize = 64 * 1024;

/// How long a token lasts if the answer does not say so (distribution token specification, `expires_in`).
pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(60);

/// How long a token is used at most, whatever the answer says.
pub const LONGEST_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// The least that the distribution token specification lets a service hand out.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(60);

/// A token, and what can be said about it without showing it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    value: Secret,
    lifetime: Duration,
    lifetime_told: bool,
    form: Form,
    moments: Moments,
    audience: Vec<Untrusted>,
    grant: Option<Vec<Access>>,
    problems: Vec<TokenProblem>,
}

/// When a token begins to be good, was made, and stops being good.
type Moments = [Option<i64>; 3];

/// Whether a client can see what is in a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A JSON Web Token (RFC 7519), which shows what it is good for.
    Jwt,
    /// A text that only the server understands. This is normal (RFC 6749 §1.4); GHCR hands out such.
    Opaque,
}

impl Token {
    /// The token, for the `Authorization` header.
    pub fn value(&self) -> &Secret {
        &self.value
    }

    /// How long it may be used, counted from its arrival: what the answer says, 60 seconds if it says nothing or
    /// nonsense, an hour at most.
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// How many seconds it is good for, where the answer says so.
    pub fn told_lifetime(&self) -> Option<u64> {
        self.lifetime_told.then_some(self.lifetime.as_secs())
    }

    /// Whether it shows what it is good for.
    pub fn form(&self) -> Form {
        self.form
    }

    /// What the token is good for, if it is a JWT with an `access` claim (distribution token specification, "Token
    /// Authentication Implementation"). The signature is not checked, so this is what the service says.
    ///
    /// An empty list is a finding: services hand out tokens that allow nothing instead of refusing.
    pub fn grant(&self) -> Option<&[Access]> {
        self.grant.as_deref()
    }

    /// What it says of itself, and of what it lets its holder do in this repository. `None` for an opaque one.
    pub fn claims(&self, repository: &str) -> Option<TokenClaims> {
        let [not_before, issued_at, expires] = self.moments;
        let of_it = |access: &&Access| access.kind.as_str() == "repository" && access.name.as_str() == repository;
        let actions = |grant: &[Access]| grant.iter().filter(of_it).flat_map(|access| access.actions.clone()).collect();
        let actions = self.grant().map(actions);
        let audience = self.audience.clone();
        (self.form == Form::Jwt).then_some(TokenClaims { not_before, issued_at, expires, audience, actions })
    }

    /// What the token grants, in words: `grants nothing`, `grants “pull” of “demo/app”`. `None` where it cannot be told.
    ///
    /// Docker Hub gives everybody a token, for repositories that do not exist too; only its grant tells.
    pub fn grant_in_words(&self) -> Option<String> {
        let granted: Vec<_> = self.grant()?.iter().filter(|access| !access.actions.is_empty()).collect();
        let Some((first, more)) = granted.split_first() else { return Some("grants nothing".to_owned()) };
        let actions: Vec<_> = first.actions.iter().take(4).map(|action| action.quoted_within(20)).collect();
        let rest = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        Some(format!("grants {} of {}{rest}", actions.join(", "), first.name.quoted_within(80)))
    }

    /// What is odd about the answer although there was a token in it.
    pub fn problems(&self) -> &[TokenProblem] {
        &self.problems
    }

    /// The token's shape, to be shown in its place: `jwt, 1.2 kB, expires in 300 s`. Without a word on its end if
    /// the answer had none.
    pub fn shape(&self) -> String {
        let form = match self.form {
            Form::Jwt => "jwt",
            Form::Opaque => "opaque",
        };
        let length = match self.value.reveal().len() {
            1 => "1 byte".to_owned(),
            bytes @ ..1000 => format!("{bytes} bytes"),
            bytes => format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100),
        };
        if self.lifetime_told {
            format!("{form}, {length}, expires in {} s", self.lifetime.as_secs())
        } else {
            format!("{form}, {length}")
        }
    }
}

/// Something odd about an answer that has a usable token all the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenProblem {
    /// `token` and `access_token` differ. `token` is used; the specification leaves the choice open, and Docker
    /// chooses the other.
    BothDiffer,
    /// One of `token` and `access_token` cannot be used; the other is.
    OneUnusable,
    /// The token has characters that RFC 6750 §2.1 does not list for a bearer token.
    UnusualCharacters,
    /// `expires_in` is no number of seconds that a token could last: zero, negative, a word.
    LifetimeUnusable,
    /// `expires_in` is a string or a fraction. Clients written in Go refuse the whole answer.
    LifetimeNotInteger,
    /// `expires_in` is less than the 60 seconds that the specification sets as the least.
    LifetimeShort,
    /// `expires_in` is more than an hour.
    LifetimeCapped,
    /// The `Content-Type` of the answer is not that of JSON.
    ContentType,
    /// The `access` claim, or one of its entries, is not of the form that the specification gives it.
    GrantUnreadable,
    /// The `access` claim has more entries than are kept.
    GrantCut,
}

impl TokenProblem {
    /// The oddity in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::BothDiffer => {
                "token and access_token differ; token is used here, but Docker, for one, uses access_token"
            }
            Self::OneUnusable => "one of token and access_token is not a usable token; the other one is used",
            Self::UnusualCharacters => "the token has characters that a bearer token should not have",
            Self::LifetimeUnusable => "expires_in is not a usable number of seconds; 60 is assumed",
            Self::LifetimeNotInteger => "expires_in is not a whole number; some clients refuse the answer for that",
            Self::LifetimeShort => "the token lasts less than the 60 seconds that the specification asks for",
            Self::LifetimeCapped => "the token is said to last more than an hour; it is used for an hour",
            Self::ContentType => "the answer is JSON, but its Content-Type says something else",
            Self::GrantUnreadable => "the token's access claim is not of the usual form; what is odd was left out",
            Self::GrantCut => "the token's access claim is longer than is shown",
        }
    }
}

/// Why an answer has no token in it. No variant holds anything of the body.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum TokenError {
    /// The status is not one of success. What the service says about it is in the error body.
    #[error("the token service answered with status {0} and gave no token")]
    Refused(u16),
    /// The service sends the client elsewhere; credentials do not follow.
    #[error("the token service answered with a redirect (status {0}); requests for a token do not follow redirects")]
    Redirected(u16),
    /// There is nothing in the answer.
    #[error("the token service answered with status {0}, but with nothing in it")]
    Empty(u16),
    /// The answer is longer than is read.
    #[error("the answer of the token service is longer than {BODY_LIMIT} bytes; tokens are not that long")]
    TooLong,
    /// The answer is a web page: a login form, an error page of a proxy, a captive portal.
    #[error("the token service answered with a web page instead of JSON; something else answers at this address")]
    WebPage,
    /// The answer is not JSON, or nested deeper than is read; the place is counted from 1.
    #[error("the answer of the token service is not JSON: it stops making sense at line {line}, column {column}")]
    NotJson {
        /// The line of the answer.
        line: usize,
        /// The column in it.
        column: usize,
    },
    /// The answer is JSON up to its end, which comes too early.
    #[error("the answer of the token service is cut off: it ends in the middle of its JSON")]
    CutOff,
    /// The answer is JSON, but no object.
    #[error("the answer of the token service is {0} where an object with a token is expected")]
    NotAnObject(&'static str),
    /// The object has neither `token` nor `access_token`.
    #[error("the answer of the token service has neither token nor access_token")]
    NoToken,
    /// The token is not a string.
    #[error("the token service sent {found} as {field} where a string is expected")]
    WrongType {
        /// `token` or `access_token`.
        field: &'static str,
        /// What stands there instead, in words.
        found: &'static str,
    },
    /// The token is an empty string.
    #[error("the token service sent an empty {0}")]
    EmptyToken(&'static str),
    /// The token is longer than any server would take it back.
    #[error("the token service sent {length} bytes as {field}; more than {TOKEN_LIMIT} are not used")]
    TokenTooLong {
        /// `token` or `access_token`.
        field: &'static str,
        /// Its length in bytes.
        length: usize,
    },
    /// The token has bytes that would break out of a header line, or are not ASCII. The place is counted from 0.
    #[error("the token has illegal bytes: byte {offset} of {field} is not a visible ASCII character")]
    IllegalBytes {
        /// `token` or `access_token`.
        field: &'static str,
        /// The byte in it.
        offset: usize,
    },
}

/// Reads the answer of a token service.
///
/// The caller has read the body, at most [`BODY_LIMIT`] bytes of it, and knows the status. The `Content-Type` decides
/// nothing, as with all clients; it only helps to name what came instead of a token.
///
/// # Errors
///
/// A [`TokenError`] if there is no token in it that could be sent in a header.
pub fn read_token(status: u16, content_type: Option<&Untrusted>, body: &[u8]) -> Result<Token, TokenError> {
    let mut answer = object(status, content_type, body)?;
    let mut problems = Vec::new();
    if content_type.is_some_and(|content_type| !is_json(content_type.as_str())) {
        problems.push(TokenProblem::ContentType);
    }
    let value = match (token(&mut answer, "token"), token(&mut answer, "access_token")) {
        (Ok(Some(token)), Ok(Some(access_token))) => {
            if token != access_token {
                problems.push(TokenProblem::BothDiffer);
            }
            token
        }
        (Ok(Some(value)), Ok(None)) | (Ok(None), Ok(Some(value))) => value,
        (Ok(Some(value)), Err(_)) | (Err(_), Ok(Some(value))) => {
            problems.push(TokenProblem::OneUnusable);
            value
        }
        (Err(error), _) | (_, Err(error)) => return Err(error),
        (Ok(None), Ok(None)) => return Err(TokenError::NoToken),
    };
    if !is_bearer_token(value.reveal()) {
        problems.push(TokenProblem::UnusualCharacters);
    }
    let expires_in = answer.get("expires_in").filter(|value| !value.is_null());
    let lifetime = expires_in.and_then(|expires_in| lifetime(expires_in, &mut problems));
    let claims = grant::claims(value.reveal());
    let moment = |name| grant::moment(claims.as_ref()?, name);
    let moments = ["nbf", "iat", "exp"].map(moment);
    let audience = claims.as_ref().map(grant::audience).unwrap_or_default();
    let form = if claims.is_some() { Form::Jwt } else { Form::Opaque };
    let grant = claims.and_then(|claims| grant::grant(&claims, &mut problems));
    Ok(Token {
        value,
        lifetime: lifetime.unwrap_or(DEFAULT_LIFETIME),
        lifetime_told: lifetime.is_some(),
        form,
        moments,
        audience,
        grant,
        problems,
    })
}

/// The object that the answer must be.
fn object(status: u16, content_type: Option<&Untrusted>, body: &[u8]) -> Result<Map<String, Value>, TokenError> {
    match status {
        200..=299 => {}
        300..=399 => return Err(TokenError::Redirected(status)),
        _ => return Err(TokenError::Refused(status)),
    }
    if body.trim_ascii().is_empty() {
        return Err(TokenError::Empty(status));
    }
    if body.len() > BODY_LIMIT {
        return Err(TokenError::TooLong);
    }
    // What serde_json says of an error may quote the body. Only the place is taken from it.
    match read_json(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => Err(TokenError::NotAnObject(name_of(&other))),
        Err(UnreadJson::TooMany) => Err(TokenError::TooLong),
        Err(UnreadJson::NotJson(_)) if is_web_page(content_type, body) => Err(TokenError::WebPage),
        Err(UnreadJson::NotJson(error)) if error.is_eof() => Err(TokenError::CutOff),
        Err(UnreadJson::NotJson(error)) => Err(TokenError::NotJson { line: error.line(), column: error.column() }),
    }
}

/// Takes a token out of the answer. A `null` counts as not there: some services send both names and fill one.
fn token(answer: &mut Map<String, Value>, field: &'static str) -> Result<Option<Secret>, TokenError> {
    let text = match answer.swap_remove(field) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => Secret::new(text),
        Some(other) => return Err(TokenError::WrongType { field, found: name_of(&other) }),
    };
    let bytes = text.reveal().as_bytes();
    if bytes.is_empty() {
        return Err(TokenError::EmptyToken(field));
    }
    if bytes.len() > TOKEN_LIMIT {
        return Err(TokenError::TokenTooLong { field, length: bytes.len() });
    }
    // A line break in a token would begin a header of the server's choice in a request to somebody else.
    match bytes.iter().position(|byte| !byte.is_ascii_graphic()) {
        Some(offset) => Err(TokenError::IllegalBytes { field, offset }),
        None => Ok(Some(text)),
    }
}

/// The lifetime that `expires_in` gives, or `None` if it gives none that makes sense.
fn lifetime(expires_in: &Value, problems: &mut Vec<TokenProblem>) -> Option<Duration> {
    let seconds = match expires_in {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    // Everything from one second on, and nothing that is not a number: comparisons with those are false.
    let Some(seconds) = seconds.filter(|seconds: &f64| *seconds >= 1.0 && seconds.is_finite()) else {
        problems.push(TokenProblem::LifetimeUnusable);
        return None;
    };
    if !expires_in.is_u64() {
        problems.push(TokenProblem::LifetimeNotInteger);
    }
    if seconds > LONGEST_LIFETIME.as_secs_f64() {
        problems.push(TokenProblem::LifetimeCapped);
        return Some(LONGEST_LIFETIME);
    }
    let lifetime = Duration::try_from_secs_f64(seconds).ok()?;
    if lifetime < SHORTEST_LIFETIME {
        problems.push(TokenProblem::LifetimeShort);
    }
    Some(lifetime)
}

/// The characters of a bearer token: `b64token`, RFC 6750 §2.1.
fn is_bearer_token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

/// Whether a media type is that of JSON: `application/json` or one with the suffix `+json` (RFC 6839 §3.1).
fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type == "application/json" || media_type.ends_with("+json")
}

fn is_web_page(content_type: Option<&Untrusted>, body: &[u8]) -> bool {
    let said = content_type.is_some_and(|content_type| {
        content_type.as_str().get(..9).is_some_and(|start| start.eq_ignore_ascii_case("text/html"))
    });
    said || body.trim_ascii_start().starts_with(b"<")
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
