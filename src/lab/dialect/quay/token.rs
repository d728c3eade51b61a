//! Quay's token service, `/v2/auth` (`endpoints/v2/v2auth.py`).

use serde_json::json;

use super::{error, unauthorized};
use crate::lab::access::{Grant, Identity, Token};
use crate::lab::host::Visit;
use crate::lab::wire::Answer;

/// The lifetime of tokens: an hour.
const LIFETIME: i64 = 3600;

/// Issues a token to every client that requests a scope, with the actions that are allowed, possibly none.
pub(super) fn token(visit: &Visit<'_>) -> Answer {
    if !visit.request.reads() {
        return error(405, "UNSUPPORTED", "The operation is unsupported.");
    }
    let account = match visit.identity() {
        Identity::Account(account) => Some(account),
        Identity::Anonymous => None,
        _ => return error(401, "UNAUTHORIZED", "Invalid Username or Password"),
    };
    let asked: Vec<_> = visit.request.parameters("scope").into_iter().filter(|scope| !scope.is_empty()).collect();
    if account.is_none() && asked.is_empty() {
        return unauthorized(visit, None);
    }
    let mut access = Vec::new();
    for scope in &asked {
        let Some(wanted) = readable(scope) else {
            let message = format!("Unable to decode repository and actions: {scope}");
            return error(400, "INVALID_REQUEST", &message);
        };
        let may = |action: &String| action == "pull" && (account.is_some() || visit.host.is_public(&wanted.name));
        let actions = wanted.actions.iter().filter(|action| may(action)).cloned().collect();
        access.push(Grant { actions, ..wanted });
    }
    let service = visit.request.parameter("service").unwrap_or_default();
    let subject = account.as_deref().unwrap_or("(anonymous)");
    let token = Token::new(visit.host, &service, subject, access).with_default_lifetime(LIFETIME, visit.host);
    let token = Token { iss: "quay".to_owned(), ..token };
    Answer::with_body(200, "application/json", format!("{}\n", json!({ "token": token.write() })))
        .header("Cache-Control", "no-cache, no-store, must-revalidate")
}

/// Parses a scope like `SCOPE_REGEX_TEMPLATE`: a repository, and no other actions than these three.
fn readable(scope: &str) -> Option<Grant> {
    let (name, actions) = scope.strip_prefix("repository:")?.rsplit_once(':')?;
    let known = actions.split(',').all(|action| matches!(action, "pull" | "push" | "*"));
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte));
    let actions = actions.split(',').map(str::to_owned).collect();
    (known && is_name).then(|| Grant { kind: "repository".to_owned(), name: name.to_owned(), actions })
}
