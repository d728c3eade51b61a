//! Docker Hub's token service, auth.docker.io. It issues a token to every client for every name; the grants are in the
//! token, and there are none for a repository that does not exist or is private (distribution/distribution#1203).

use serde_json::json;

use super::SERVICE;
use crate::lab::access::{Grant, Identity, Token, scopes};
use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::Answer;

/// See the module.
pub(crate) struct TokenService;

/// The only instance.
pub(crate) static TOKEN_SERVICE: TokenService = TokenService;

impl Dialect for TokenService {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        if visit.request.path != "/token" {
            return Answer::with_body(404, "text/plain; charset=utf-8", "404 page not found\n");
        }
        // The OAuth request has a body, which the lab does not read. Clients fall back to GET (containerd,
        // core/remotes/docker/authorizer.go).
        if !visit.request.reads() {
            return Answer::new(405);
        }
        let account = match visit.identity() {
            Identity::Anonymous => String::new(),
            Identity::Account(account) => account,
            // The clients of Snyk (snyk/cli) and Triton (docker-registry-client) compare with it, including the line
            // feed.
            _ => {
                let body = "{\"details\":\"incorrect username or password\"}\n";
                return Answer::with_body(401, "application/json", body);
            }
        };
        let granted = scopes(visit.request).into_iter().filter_map(|wanted| grant(visit, wanted, &account));
        let token = Token::new(visit.host, SERVICE, &account, granted.collect());
        let written = token.write();
        let body = json!({
            "token": written,
            "access_token": written,
            "expires_in": token.lifetime(),
            "issued_at": token.issued_at(),
        });
        Answer::with_body(200, "application/json", format!("{body}\n"))
    }
}

/// The grant for a requested scope: pull only, and only for a repository that exists.
fn grant(visit: &Visit<'_>, wanted: Grant, account: &str) -> Option<Grant> {
    let registry = visit.other_host()?;
    let exists = registry.store().repository(&wanted.name).is_some();
    let may = registry.is_public(&wanted.name) || (exists && !account.is_empty());
    let pulls = wanted.kind == "repository" && wanted.actions.iter().any(|action| action == "pull");
    (may && pulls).then(|| Grant { actions: vec!["pull".to_owned()], ..wanted })
}
