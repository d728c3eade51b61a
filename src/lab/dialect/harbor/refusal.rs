//! Whom Harbor refuses before it looks for anything (`src/server/middleware/v2auth/auth.go`).
//!
//! The challenge tells a client that has sent nothing where tokens are; everybody else is asked for a name and a
//! password. Its message is put in front of itself.

use super::{SERVICE, error, is_public, project_of, repositories_of};
use crate::lab::access::Who;
use crate::lab::host::Visit;
use crate::lab::wire::{Answer, Endpoint};

/// Sent to whoever sent credentials that do not do.
const BASIC: &str = "Basic realm=\"harbor\"";

/// The refusal of a request, where it is refused.
pub(super) fn of(visit: &Visit<'_>) -> Option<Answer> {
    let sent = visit.request.headers.contains_key("authorization");
    let repository = match visit.endpoint() {
        Endpoint::Base if is_somebody(&visit.who()) => return None,
        Endpoint::Base if sent => return Some(unauthorized(BASIC, "unauthorized")),
        Endpoint::Base => return Some(unauthorized(&token_service(visit, None), "unauthorized")),
        Endpoint::Catalog if is_somebody(&visit.who()) => return None,
        Endpoint::Catalog => return Some(unauthorized(BASIC, "unauthorized to list catalog")),
        Endpoint::Manifest { repository, .. }
        | Endpoint::Blob { repository, .. }
        | Endpoint::Tags { repository }
        | Endpoint::Referrers { repository, .. } => repository,
        Endpoint::Other => return None,
    };
    if !sent {
        // The source says HEAD, whatever the method is.
        let challenge = token_service(visit, Some(repository));
        return Some(unauthorized(&challenge, "authorize header needed to send HEAD to repository"));
    }
    let project = project_of(repository);
    if repositories_of(visit.host, project).next().is_none() {
        return Some(unauthorized("", &format!("project {project} not found")));
    }
    let may_pull = match visit.who() {
        Who::Account(_) => true,
        Who::Holder(token) => token.grants_pull(repository),
        // Credentials that are not understood are none.
        Who::Nobody | Who::HolderOfExpired(_) | Who::Impostor => is_public(visit.host, project),
    };
    let message = format!("unauthorized to access repository: {repository}, action: pull");
    (!may_pull).then(|| unauthorized(BASIC, &message))
}

fn is_somebody(who: &Who) -> bool {
    match who {
        Who::Account(_) => true,
        Who::Holder(token) => !token.sub.is_empty(),
        Who::Nobody | Who::HolderOfExpired(_) | Who::Impostor => false,
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
