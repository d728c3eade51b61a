//! Parses the response of a token service.
//!
//! The response is a JSON object with the token in `token` or, as in OAuth 2.0, in `access_token` (distribution token
//! specification, "Token Response Fields"; RFC 6749 §5.1). It is a secret throughout: no error, remark or `Debug`
//! output contains any of the body, only its shape.
//!
//! The issue time (`issued_at`) is ignored: clocks differ, and what counts is the time since the response arrived.

mod grant;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::evidence::TokenClaims;
use crate::text::{Secret, UnreadJson, Untrusted, read_json};
pub use grant::Access;

/// The maximum length of a response in bytes. The caller stops reading there; a longer body is rejected here too.
pub const BODY_LIMIT: usize = 256 * 1024;

/// The maximum length of a token. Common servers reject header lines that are far shorter.
pub const TOKEN_LIMIT: usize = 64 * 1024;

/// The lifetime of a token if the response does not name one (distribution token specification, `expires_in`).
pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(60);

/// The maximum time for which a token is used, whatever the response says.
pub const LONGEST_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// The minimum lifetime that the distribution token specification allows.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(60);

/// A token, and what can be said about it without revealing it.
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

/// The times from which a token is valid, at which it was issued, and at which it expires.
type Moments = [Option<i64>; 3];

/// The form of a token: whether clients can read it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A JSON Web Token (RFC 7519), whose claims are readable.
    Jwt,
    /// A text that only the server understands. This is normal (RFC 6749 §1.4); GHCR issues such tokens.
    Opaque,
}

impl Token {
    /// The token, for the `Authorization` header.
    pub fn value(&self) -> &Secret {
        &self.value
    }

    /// The time for which it may be used, from its arrival: as the response says, 60 seconds if it says nothing or
    /// something invalid, at most an hour.
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// The lifetime in seconds, if the response names one.
    pub fn stated_lifetime(&self) -> Option<u64> {
        self.lifetime_told.then_some(self.lifetime.as_secs())
    }

    /// The form of the token.
    pub fn form(&self) -> Form {
        self.form
    }

    /// The access that the token grants, if it is a JWT with an `access` claim (distribution token specification,
    /// "Token Authentication Implementation"). The signature is not verified, so this is the service's statement.
    ///
    /// An empty list is a finding: services issue tokens that grant nothing instead of rejecting a request.
    pub fn grant(&self) -> Option<&[Access]> {
        self.grant.as_deref()
    }

    /// The claims of the token, and the actions that it grants in this repository. `None` for an opaque one.
    pub fn claims(&self, repository: &str) -> Option<TokenClaims> {
        let [not_before, issued_at, expires] = self.moments;
        let of_it = |access: &&Access| access.kind.as_str() == "repository" && access.name.as_str() == repository;
        let actions = |grant: &[Access]| grant.iter().filter(of_it).flat_map(|access| access.actions.clone()).collect();
        let actions = self.grant().map(actions);
        let audience = self.audience.clone();
        (self.form == Form::Jwt).then_some(TokenClaims { not_before, issued_at, expires, audience, actions })
    }

    /// The grant of the token in words: `grants nothing`, `grants “pull” of “demo/app”`. `None` if it is not readable.
    ///
    /// Docker Hub issues a token to every client, even for repositories that do not exist; only its grant tells.
    pub fn grant_in_words(&self) -> Option<String> {
        let granted: Vec<_> = self.grant()?.iter().filter(|access| !access.actions.is_empty()).collect();
        let Some((first, more)) = granted.split_first() else { return Some("grants nothing".to_owned()) };
        let actions: Vec<_> = first.actions.iter().take(4).map(|action| action.quoted_within(20)).collect();
        let rest = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        Some(format!("grants {} of {}{rest}", actions.join(", "), first.name.quoted_within(80)))
    }

    /// The problems of a response that contains a token nevertheless.
    pub fn problems(&self) -> &[TokenProblem] {
        &self.problems
    }

    /// The shape of the token, for display instead of it: `jwt, 1.2 kB, expires in 300 s`. The lifetime is omitted if
    /// the response names none.
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

/// A problem of a response with a usable token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenProblem {
    /// `token` and `access_token` differ. `token` is used; the specification leaves the choice open, and Docker uses
    /// the other.
    BothDiffer,
    /// One of `token` and `access_token` is unusable; the other one is used.
    OneUnusable,
    /// The token has characters that RFC 6750 §2.1 does not list for a bearer token.
    UnusualCharacters,
    /// `expires_in` is not a possible number of seconds: zero, negative, a word.
    LifetimeUnusable,
    /// `expires_in` is a string or a fraction. Go clients reject the whole response.
    LifetimeNotInteger,
    /// `expires_in` is less than 60 seconds, the minimum in the specification.
    LifetimeShort,
    /// `expires_in` is more than an hour.
    LifetimeCapped,
    /// The `Content-Type` of the response is not that of JSON.
    ContentType,
    /// The `access` claim, or one of its entries, does not have the form that the specification requires.
    GrantUnreadable,
    /// The `access` claim has more entries than the limit.
    GrantCut,
}

impl TokenProblem {
    /// The problem in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::BothDiffer => {
                "token and access_token differ; token is used here, but Docker, for one, uses access_token"
            }
            Self::OneUnusable => "one of token and access_token is unusable; the other one is used",
            Self::UnusualCharacters => "the token has characters that are invalid in a bearer token",
            Self::LifetimeUnusable => "expires_in is not a valid number of seconds; 60 is assumed",
            Self::LifetimeNotInteger => "expires_in is not an integer; some clients reject the response for that",
            Self::LifetimeShort => "the token lasts less than 60 seconds, the minimum in the specification",
            Self::LifetimeCapped => "expires_in is more than an hour; the token is used for an hour",
            Self::ContentType => "the response is JSON, but its Content-Type says otherwise",
            Self::GrantUnreadable => "the token's access claim is malformed; invalid entries were ignored",
            Self::GrantCut => "the token's access claim has more entries than are shown",
        }
    }
}

/// The reason why a response contains no token. No variant contains anything of the body.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum TokenError {
    /// The status is not a success. The error body has the service's explanation.
    #[error("the token service answered with status {0} and no token")]
    Refused(u16),
    /// The service redirects the client; credentials do not follow.
    #[error("the token service answered with a redirect (status {0}); token requests do not follow redirects")]
    Redirected(u16),
    /// The response is empty.
    #[error("the token service answered with status {0} and an empty body")]
    Empty(u16),
    /// The response is longer than the limit.
    #[error("the token service's response is longer than {BODY_LIMIT} bytes; tokens are not that long")]
    TooLong,
    /// The response is a web page: a login form, an error page of a proxy, a captive portal.
    #[error("the token service answered with a web page instead of JSON; another server is at this address")]
    WebPage,
    /// The response is not JSON, or nested too deeply; the position is counted from 1.
    #[error("the token service's response is not JSON: it is invalid at line {line}, column {column}")]
    NotJson {
        /// The line in the response.
        line: usize,
        /// The column in the line.
        column: usize,
    },
    /// The response is JSON but truncated.
    #[error("the token service's response is truncated: it ends in the middle of its JSON")]
    CutOff,
    /// The response is JSON, but not an object.
    #[error("the token service's response is {0}, not an object with a token")]
    NotAnObject(&'static str),
    /// The object has neither `token` nor `access_token`.
    #[error("the token service's response has neither token nor access_token")]
    NoToken,
    /// The token is not a string.
    #[error("the token service sent {found} as {field} instead of a string")]
    WrongType {
        /// `token` or `access_token`.
        field: &'static str,
        /// The type found instead, in words.
        found: &'static str,
    },
    /// The token is an empty string.
    #[error("the token service sent an empty {0}")]
    EmptyToken(&'static str),
    /// The token is longer than any server would accept.
    #[error("the token service sent {length} bytes as {field}; the limit is {TOKEN_LIMIT}")]
    TokenTooLong {
        /// `token` or `access_token`.
        field: &'static str,
        /// Its length in bytes.
        length: usize,
    },
    /// The token has bytes that would break out of a header line, or are not ASCII. The offset is counted from 0.
    #[error("the token has illegal bytes: byte {offset} of {field} is not visible ASCII")]
    IllegalBytes {
        /// `token` or `access_token`.
        field: &'static str,
        /// The byte offset in the field.
        offset: usize,
    },
}

/// Parses the response of a token service.
///
/// The caller has read at most [`BODY_LIMIT`] bytes of the body, and knows the status. As in all clients, the
/// `Content-Type` decides nothing; it only helps to describe a response without a token.
///
/// # Errors
///
/// A [`TokenError`] if it contains no token that could be sent in a header.
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

/// The object that the response must be.
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
    // An error of serde_json may quote the body, so only its position is used.
    match read_json(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => Err(TokenError::NotAnObject(name_of(&other))),
        Err(UnreadJson::TooMany) => Err(TokenError::TooLong),
        Err(UnreadJson::NotJson(_)) if is_web_page(content_type, body) => Err(TokenError::WebPage),
        Err(UnreadJson::NotJson(error)) if error.is_eof() => Err(TokenError::CutOff),
        Err(UnreadJson::NotJson(error)) => Err(TokenError::NotJson { line: error.line(), column: error.column() }),
    }
}

/// Takes a token out of the response. `null` counts as missing: some services send both names and fill one.
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
    // A line break in a token would start a header of the server's choice in a request to another server.
    match bytes.iter().position(|byte| !byte.is_ascii_graphic()) {
        Some(offset) => Err(TokenError::IllegalBytes { field, offset }),
        None => Ok(Some(text)),
    }
}

/// The lifetime in `expires_in`, or `None` if it is invalid.
fn lifetime(expires_in: &Value, problems: &mut Vec<TokenProblem>) -> Option<Duration> {
    let seconds = match expires_in {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    // Everything from one second on, and nothing that is not a number: comparisons with NaN are false.
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

/// Returns `true` if a token consists of the characters of a bearer token: `b64token`, RFC 6750 §2.1.
fn is_bearer_token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

/// Returns `true` for the media type of JSON: `application/json`, or one with the suffix `+json` (RFC 6839 §3.1).
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
