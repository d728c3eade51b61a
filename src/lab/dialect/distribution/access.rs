//! Access control: by token, by user name and password, or none.
//!
//! From distribution's `registry/handlers/app.go` (the required access), `registry/auth/token` and
//! `registry/auth/htpasswd` (the check), and recordings of 2.8.3 and 3.1.1.

use http::Method;
use serde_json::{Value, json};

use super::route::Route;
use super::{Answer, Distribution};
use crate::lab::access::{Identity, Token};
use crate::lab::host::Visit;
use crate::lab::scenario::Access;

/// One permission that a request requires.
#[derive(Debug, PartialEq, Eq)]
struct Needed {
    kind: &'static str,
    name: String,
    action: &'static str,
}

impl Needed {
    fn is_granted_by(&self, token: &Token) -> bool {
        token.access.iter().any(|grant| {
            grant.kind == self.kind
                && grant.name == self.name
                && grant.actions.iter().any(|action| action == self.action)
        })
    }
}

/// The permissions that a request requires. A parameter `from` always means a mount of a blob from that repository.
fn needed(visit: &Visit<'_>, route: &Route) -> Vec<Needed> {
    let repository = |name: &str, action| Needed { kind: "repository", name: name.to_owned(), action };
    let Some(name) = route.name() else {
        let catalog = Needed { kind: "registry", name: "catalog".to_owned(), action: "*" };
        return if *route == Route::Catalog { vec![catalog] } else { Vec::new() };
    };
    let actions: &[&'static str] = match visit.request.method {
        Method::GET | Method::HEAD => &["pull"],
        Method::POST | Method::PUT | Method::PATCH => &["pull", "push"],
        Method::DELETE => &["delete"],
        _ => &[],
    };
    let mut needed: Vec<_> = actions.iter().map(|action| repository(name, action)).collect();
    if let Some(from) = visit.request.parameter("from").filter(|from| !from.is_empty()) {
        needed.push(repository(&from, "pull"));
    }
    needed
}

/// The required permissions as the `scope` of a challenge: one entry for each resource.
fn scope(needed: &[Needed]) -> String {
    let mut resources: Vec<(String, Vec<&str>)> = Vec::new();
    for one in needed {
        let resource = format!("{}:{}", one.kind, one.name);
        match resources.iter_mut().find(|(other, _)| *other == resource) {
            Some((_, actions)) if actions.contains(&one.action) => {}
            Some((_, actions)) => actions.push(one.action),
            None => resources.push((resource, vec![one.action])),
        }
    }
    let entries: Vec<_> = resources.iter().map(|(of, actions)| format!("{of}:{}", actions.join(","))).collect();
    entries.join(" ")
}

impl Distribution {
    /// The refusal, if any.
    pub(super) fn refuses(&self, visit: &Visit<'_>, route: &Route) -> Option<Answer> {
        let needed = needed(visit, route);
        let host = visit.host;
        let challenge = match host.access() {
            Access::Open => return None,
            Access::Basic => match visit.identity() {
                Identity::Account(_) => return None,
                _ => format!("Basic realm=\"{}\"", host.realm().unwrap_or("Registry Realm")),
            },
            Access::Token => {
                let service = host.service().unwrap_or_else(|| host.name());
                let error = match wrong_with_token(visit, service, &needed) {
                    None => return None,
                    Some("") => String::new(),
                    Some(error) => format!(",error=\"{error}\""),
                };
                let realm = host.realm().map_or_else(|| format!("{}/token", host.origin()), str::to_owned);
                let scope = match scope(&needed) {
                    scope if scope.is_empty() => scope,
                    scope => format!(",scope=\"{scope}\""),
                };
                format!("Bearer realm=\"{realm}\",service=\"{service}\"{scope}{error}")
            }
        };
        let records =
            needed.iter().map(|one| json!({ "Type": one.kind, "Class": "", "Name": one.name, "Action": one.action }));
        let detail = if needed.is_empty() { Value::Null } else { records.collect() };
        let answer = self.error(401, "UNAUTHORIZED", "authentication required", Some(detail));
        Some(answer.header("Www-Authenticate", challenge))
    }
}

/// The error in a challenge for the token of a request: empty if there is no token, `None` if the token is sufficient.
fn wrong_with_token(visit: &Visit<'_>, service: &str, needed: &[Needed]) -> Option<&'static str> {
    let value = visit.request.header("authorization").unwrap_or_default();
    match value.split(' ').collect::<Vec<_>>()[..] {
        [scheme, _] if scheme.eq_ignore_ascii_case("bearer") => {}
        _ => return Some(""),
    }
    match visit.identity() {
        Identity::Bearer(token) if token.aud == service => {
            let granted = needed.iter().all(|one| one.is_granted_by(&token));
            (!granted).then_some("insufficient_scope")
        }
        _ => Some("invalid_token"),
    }
}
