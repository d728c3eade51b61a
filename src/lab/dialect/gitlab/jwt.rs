//! `/jwt/auth`, where GitLab's web application issues tokens for its registry and for its dependency proxy.
//!
//! From `gitlabhq/gitlabhq`: `app/controllers/jwt_controller.rb`,
//! `app/services/auth/container_registry_authentication_service.rb` and `dependency_proxy_authentication_service.rb`.
//! Wrong passwords get a bare 403 (mayflower/docker-ls#36); of several scopes only the last one counts
//! (estesp/manifest-tool#53, 2017).

use serde_json::{Value, json};

use crate::lab::access::{Grant, Identity, Token, scopes};
use crate::lab::host::{Dialect, Host, Visit};
use crate::lab::wire::Answer;

/// The token service by itself; the registry is another host.
pub(crate) struct Auth;

impl Dialect for Auth {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        match visit.request.path.as_str() {
            "/jwt/auth" => token(visit, visit.other_host().unwrap_or(visit.host)),
            _ => super::not_found(),
        }
    }
}

/// Answers a request for a token for this registry.
pub(super) fn token(visit: &Visit<'_>, registry: &Host) -> Answer {
    let account = match Identity::of(visit.request, registry) {
        Identity::Account(account) => Some(account),
        Identity::Anonymous => None,
        _ => return Answer::new(403),
    };
    match visit.request.parameter("service").as_deref() {
        Some("container_registry") => for_registry(visit, registry, account.as_deref()),
        Some("dependency_proxy") => for_dependency_proxy(registry, account.as_deref()),
        _ => Answer::new(404),
    }
}

fn json_answer(status: u16, body: &Value) -> Answer {
    Answer::with_body(status, "application/json; charset=utf-8", body.to_string())
}

/// Issues a token for the registry. It omits grants that are not allowed; an anonymous client without any grant gets no
/// token.
fn for_registry(visit: &Visit<'_>, registry: &Host, account: Option<&str>) -> Answer {
    let exists = |grant: &Grant| registry.store().repository(&grant.name).is_some();
    let may = |grant: &Grant| exists(grant) && (account.is_some() || registry.is_public(&grant.name));
    let wanted = scopes(visit.request).pop().filter(may);
    let granted: Vec<_> = wanted.map(|grant| Grant { actions: vec!["pull".to_owned()], ..grant }).into_iter().collect();
    if granted.is_empty() && account.is_none() {
        let errors = json!([{ "code": "DENIED", "message": "access forbidden" }]);
        return json_answer(403, &json!({ "errors": errors, "http_status": 403 }));
    }
    let token = Token::new(registry, "container_registry", account.unwrap_or_default(), granted);
    json_answer(200, &json!({ "token": Token { iss: "gitlab-issuer".to_owned(), ..token }.write() }))
}

/// Issues a token for the dependency proxy. It identifies the user and names no repositories.
fn for_dependency_proxy(registry: &Host, account: Option<&str>) -> Answer {
    let Some(account) = account else {
        let body = json!({ "message": "access forbidden", "status": "error", "http_status": 403 });
        return json_answer(403, &body);
    };
    let token = Token::new(registry, "dependency_proxy", account, Vec::new());
    json_answer(200, &json!({ "token": token.write_without_access() }))
}
