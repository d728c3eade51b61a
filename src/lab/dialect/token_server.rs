//! A token service as distribution specifies it, for registries without a well-known one.
//!
//! It is `of` the registry whose repositories and accounts it knows. From distribution's specification of the token
//! (`docs/spec/auth/token.md`): it grants the allowed part of the requested scope, and leaves the refusal to the
//! registry; a wrong password gets no token at all. `POST` (OAuth2, `oauth.md`) is not supported.

use serde_json::json;

use crate::lab::access::{Grant, Token, scopes};
use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::{Answer, Authorization};

/// See the module.
pub(crate) struct TokenServer;

/// The default lifetime of its tokens, in seconds.
const LIFETIME: i64 = 300;

impl Dialect for TokenServer {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        if !visit.request.reads() {
            return Answer::new(405).header("Allow", "GET, HEAD");
        }
        let Some(account) = account(visit) else {
            let error = json!({ "code": "UNAUTHORIZED", "message": "authentication required", "detail": null });
            let body = format!("{}\n", json!({ "errors": [error] }));
            let challenge = format!("Basic realm=\"{}\"", visit.host.name());
            return Answer::with_body(401, "application/json", body).header("Www-Authenticate", challenge);
        };
        let service = visit.request.parameter("service").unwrap_or_default();
        let asked = scopes(visit.request).into_iter();
        let granted = asked.filter_map(|grant| allowed(visit, &account, grant)).collect();
        // A scenario may set the lifetime with either host.
        let configured = visit.other_host().filter(|_| visit.host.token_lifetime().is_none()).unwrap_or(visit.host);
        let token = Token::new(visit.host, &service, &account, granted).with_default_lifetime(LIFETIME, configured);
        let text = token.write();
        let body = json!({
            "token": text,
            "access_token": text,
            "expires_in": token.lifetime(),
            "issued_at": token.issued_at(),
        });
        Answer::with_body(200, "application/json", body.to_string())
    }
}

/// The account for the token: empty for an anonymous client, `None` for a wrong user name or password.
fn account(visit: &Visit<'_>) -> Option<String> {
    match visit.request.authorization() {
        Authorization::Missing => Some(String::new()),
        Authorization::Basic { user, password } => {
            let mut hosts = std::iter::once(visit.host).chain(visit.other_host());
            hosts.any(|host| host.accounts().get(&user) == Some(&password)).then_some(user)
        }
        _ => None,
    }
}

/// The allowed part of a requested grant: anonymous clients may pull from public repositories, accounts may do more.
fn allowed(visit: &Visit<'_>, account: &str, mut asked: Grant) -> Option<Grant> {
    let registry = visit.other_host().unwrap_or(visit.host);
    if !registry.is_public(&asked.name) && !registry.account_may_read(account, &asked.name) {
        return None;
    }
    if account.is_empty() {
        if asked.kind != "repository" || !registry.is_public(&asked.name) {
            return None;
        }
        asked.actions.retain(|action| action == "pull");
    }
    Some(asked)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::lab::access::Token;
    use crate::lab::testing::in_scenario;
    use crate::lab::wire::Answer;

    const SERVER: &str = "https://auth.example/token";
    const QUERY: &str = "service=registry.example&scope=repository:team/app:pull,push";

    fn token(answer: &Answer) -> Token {
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(body["token"], body["access_token"]);
        assert_eq!(body["expires_in"], 300);
        assert!(body["issued_at"].as_str().unwrap().ends_with('Z'), "RFC 3339");
        Token::read(body["token"].as_str().unwrap()).unwrap()
    }

    /// distribution's `docs/spec/auth/token.md`, "Requesting a Token".
    #[test]
    fn anonymous_client_gets_no_grant_for_a_private_repository() {
        let lab = in_scenario("distribution-2-private-repository");
        let ask = |headers: &[(&str, &str)]| lab.to(&format!("GET {SERVER}?{QUERY}"), headers);
        let anonymous = token(&ask(&[]));
        assert_eq!((anonymous.access.len(), anonymous.aud.as_str()), (0, "registry.example"));
        // reader:open-sesame
        let account = token(&ask(&[("Authorization", "Basic cmVhZGVyOm9wZW4tc2VzYW1l")]));
        assert!(account.grants_pull("team/app"));
        assert_eq!(ask(&[("Authorization", "Basic cmVhZGVyOndyb25n")]).status, 401);
    }

    #[test]
    fn account_can_be_limited_to_some_repositories() {
        let lab = in_scenario("token-for-another-repository");
        let ask = |name: &str| {
            let request = format!("GET {SERVER}?service=registry.example&scope=repository:{name}:pull");
            // ci:an-example-password
            token(&lab.to(&request, &[("Authorization", "Basic Y2k6YW4tZXhhbXBsZS1wYXNzd29yZA==")]))
        };
        assert!(ask("team/other").grants_pull("team/other"));
        assert!(ask("team/app").access.is_empty());
    }

    /// distribution `registry/auth/token/token.go`: a token that is not valid yet is refused.
    #[test]
    fn token_of_a_fast_clock_is_not_valid_yet() {
        let lab = in_scenario("token-not-valid-yet");
        let request = format!("GET {SERVER}?service=registry.example&scope=repository:skewed/greeting:pull");
        let given = lab.to(&request, &[]);
        let date = given.get("date").unwrap();
        let ours = crate::lab::clock::for_headers(time::OffsetDateTime::now_utc());
        assert!(date.ends_with(" GMT") && date != ours, "{date}");
        let bearer = lab.token_for("registry.example", SERVER, "skewed/greeting");
        let refused =
            lab.to("GET https://registry.example/v2/skewed/greeting/manifests/1.0", &[("Authorization", &bearer)]);
        let challenge = refused.get("www-authenticate").unwrap();
        assert!(refused.status == 401 && challenge.ends_with(",error=\"invalid_token\""), "{challenge}");
    }
}
