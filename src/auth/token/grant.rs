//! The claims of a token.
//!
//! The tokens of CNCF distribution and its derivatives are JSON Web Tokens with an `access` claim (distribution token
//! specification, "Token Authentication Implementation"). Header and claims are only encoded, so they are readable; the
//! signature is neither parsed nor verified, because its key is the registry's.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::TokenProblem;
use crate::text::{Untrusted, read_json};

/// The maximum number of `access` entries that are kept, and of actions in each.
const ACCESS_LIMIT: usize = 64;

/// One entry of the `access` claim: the actions allowed on a resource.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Access {
    /// The type of resource, usually `repository`.
    pub kind: Untrusted,
    /// The name of the resource.
    pub name: Untrusted,
    /// The allowed actions, such as `pull`.
    pub actions: Vec<Untrusted>,
}

/// The claims of a JSON Web Token (RFC 7519 §3), or `None` for any other token.
///
/// A JWT has three parts, of which the first two are JSON objects in base64url without padding (RFC 7515 §3.1). The
/// caller has bounded its length.
pub(super) fn claims(token: &str) -> Option<Map<String, Value>> {
    let mut parts = token.split('.');
    let (header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    object(header)?;
    object(claims)
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    match read_json(&json) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

/// The time in a claim, in whole seconds since 1970 (RFC 7519 §2, NumericDate).
pub(super) fn moment(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = claims.get(name)?;
    // Fractions are allowed; a number that is too large becomes the largest possible one.
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

/// The maximum number of audiences that are kept per token.
const AUDIENCE_LIMIT: usize = 16;

/// The audience of the token (RFC 7519 §4.1.3): one text or a list of them.
pub(super) fn audience(claims: &Map<String, Value>) -> Vec<Untrusted> {
    match claims.get("aud") {
        Some(Value::String(one)) => vec![Untrusted::from(one.as_str())],
        Some(Value::Array(several)) => several.iter().take(AUDIENCE_LIMIT).filter_map(text).collect(),
        _ => Vec::new(),
    }
}

/// The `access` claim. `None` if there is none; an empty one is a grant of nothing, and so is `null`, which Go services
/// write for it.
pub(super) fn grant(claims: &Map<String, Value>, problems: &mut Vec<TokenProblem>) -> Option<Vec<Access>> {
    let entries = match claims.get("access")? {
        Value::Null => return Some(Vec::new()),
        Value::Array(entries) => entries,
        _ => {
            problems.push(TokenProblem::GrantUnreadable);
            return None;
        }
    };
    let read: Vec<Option<Access>> = entries.iter().take(ACCESS_LIMIT).map(access).collect();
    if read.contains(&None) {
        problems.push(TokenProblem::GrantUnreadable);
    }
    let mut lengths = entries.iter().filter_map(|entry| member(entry, "actions")?.as_array()).map(Vec::len);
    if entries.len() > ACCESS_LIMIT || lengths.any(|length| length > ACCESS_LIMIT) {
        problems.push(TokenProblem::GrantCut);
    }
    Some(read.into_iter().flatten().collect())
}

fn access(entry: &Value) -> Option<Access> {
    let Value::Array(actions) = member(entry, "actions")? else { return None };
    let actions: Option<Vec<_>> = actions.iter().take(ACCESS_LIMIT).map(text).collect();
    Some(Access { kind: text(member(entry, "type")?)?, name: text(member(entry, "name")?)?, actions: actions? })
}

/// A member by its name in any case: Go registries read `Type` and `type` alike.
fn member<'a>(entry: &'a Value, name: &str) -> Option<&'a Value> {
    entry.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text(value: &Value) -> Option<Untrusted> {
    value.as_str().map(Untrusted::from)
}
