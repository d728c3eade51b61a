//! Harbor's refusals before any lookup (`src/server/middleware/v2auth/auth.go`).
//!
//! A client without credentials gets a challenge with the token service; any other client one for a user name and a
//! password. The message is repeated.

use super::{SERVICE, error, is_public, project_of, repositories_of};
use crate::lab::access::Identity;
use crate::lab::host::Visit;
use crate::lab::wire::{Answer, Endpoint};

/// The challenge for insufficient credentials.
const BASIC: &str = "Basic realm=\"harbor\"";

/// The refusal of a request, if any.
pub(super) fn of(visit: &Visit<'_>) -> Option<Answer> {
    let sent = visit.request.headers.contains_key("authorization");
    let repository = match visit.endpoint() {
        Endpoint::Base if is_authenticated(&visit.identity()) => return None,
        Endpoint::Base if sent => return Some(unauthorized(BASIC, "unauthorized")),
        Endpoint::Base => return Some(unauthorized(&token_service(visit, None), "unauthorized")),
        Endpoint::Catalog if is_authenticated(&visit.identity()) => return None,
        Endpoint::Catalog => return Some(unauthorized(BASIC, "unauthorized to list catalog")),
        Endpoint::Manifest { repository, .. }
        | Endpoint::Blob { repository, .. }
        | Endpoint::Tags { repository }
        | Endpoint::Referrers { repository, .. } => repository,
        Endpoint::Other => return None,
    };
    if !sent {
        // The source has HEAD here, whatever the method.
        let challenge = token_service(visit, Some(repository));
        return Some(unauthorized(&challenge, "authorize header needed to send HEAD to repository"));
    }
    let project = project_of(repository);
    if repositories_of(visit.host, project).next().is_none() {
        return Some(unauthorized("", &format!("project {project} not found")));
    }
    let may_pull = match visit.identity() {
        Identity::Account(_) => true,
        Identity::Bearer(token) => token.grants_pull(repository),
        // Invalid credentials count as none.
        Identity::Anonymous | Identity::ExpiredBearer(_) | Identity::Rejected => is_public(visit.host, project),
    };
    let message = format!("unauthorized to access repository: {repository}, action: pull");
    (!may_pull).then(|| unauthorized(BASIC, &message))
}

fn is_authenticated(identity: &Identity) -> bool {
    match identity {
        Identity::Account(_) => true,
        Identity::Bearer(token) => !token.sub.is_empty(),
        Identity::Anonymous | Identity::ExpiredBearer(_) | Identity::Rejected => false,
    }
}

fn token_service(visit: &Visit<'_>, repository: Option<&str>) -> String {
    let scope = repository.map_or_else(String::new, |name| format!(",scope=\"repository:{name}:pull\""));
    format!("Bearer realm=\"{}/service/token\",service=\"{SERVICE}\"{scope}", visit.host.origin())
}

fn unauthorized(challenge: &str, message: &str) -> Answer {
    error(401, "UNAUTHORIZED", &format!("{message}: {message}"))
        .header("Docker-Distribution-Api-Version", "registry/2.0")
        .header("Www-Authenticate", challenge)
}
