//! OpenShift's internal registry: distribution 2, with the accounts of the cluster.
//!
//! Passwords are tokens of the cluster, and the token service returns them unchanged. From openshift/image-registry,
//! `pkg/dockerregistry/server`: `auth.go`, `token.go`, `app.go`; all other answers are distribution's.

use serde_json::{Value, json};

use super::distribution;
use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::{Answer, Authorization, Endpoint};

/// See the module. The passwords of a scenario's accounts are their tokens.
pub(crate) struct OpenShift;

/// The token of anonymous clients.
const ANONYMOUS: &str = "anonymous";

impl Dialect for OpenShift {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let mut answer = if visit.request.path == "/openshift/token" {
            token(visit)
        } else {
            refused(visit).unwrap_or_else(|| {
                let mut answer = distribution::TWO.answer(visit);
                // Distribution sends this header with its default configuration, which OpenShift does not use.
                answer.remove("X-Content-Type-Options");
                answer
            })
        };
        answer.set("X-Registry-Supports-Signatures", "1");
        answer
    }
}

/// The account of a token, or `Some(None)` for the anonymous one. `None` if the cluster does not know the token.
fn holder<'a>(visit: &Visit<'a>, token: &str) -> Option<Option<&'a str>> {
    if token == ANONYMOUS {
        return Some(None);
    }
    let mut accounts = visit.host.accounts().iter();
    accounts.find(|(_, password)| *password == token).map(|(account, _)| Some(account.as_str()))
}

/// The refusal of a request, if any.
fn refused(visit: &Visit<'_>) -> Option<Answer> {
    let repository = match visit.endpoint() {
        Endpoint::Base | Endpoint::Catalog => None,
        Endpoint::Manifest { repository, .. }
        | Endpoint::Blob { repository, .. }
        | Endpoint::Tags { repository }
        | Endpoint::Referrers { repository, .. } => Some(repository),
        Endpoint::Other => return None,
    };
    let token = match visit.request.authorization() {
        Authorization::Bearer(token) | Authorization::Basic { password: token, .. } => token,
        Authorization::Missing | Authorization::Other => {
            // The challenge names neither a service nor a scope.
            let challenge = format!("Bearer realm=\"{}/openshift/token\"", visit.host.origin());
            return Some(unauthorized(repository, challenge));
        }
    };
    let may = match (holder(visit, &token), repository) {
        (Some(Some(_)), _) | (Some(None), None) => true,
        (Some(None), Some(repository)) => visit.host.is_public(repository),
        (None, _) => false,
    };
    // The realm has no quotation marks.
    (!may).then(|| unauthorized(repository, "Basic realm=openshift,error=\"access denied\"".to_owned()))
}

/// Distribution's 401, with the required permission as its detail.
fn unauthorized(repository: Option<&str>, challenge: String) -> Answer {
    let needed = |name| json!([{ "Type": "repository", "Class": "", "Name": name, "Action": "pull" }]);
    let detail = repository.map_or(Value::Null, needed);
    let error = json!({ "code": "UNAUTHORIZED", "message": "authentication required", "detail": detail });
    let body = format!("{}\n", json!({ "errors": [error] }));
    Answer::with_body(401, "application/json; charset=utf-8", body)
        .header("Docker-Distribution-Api-Version", "registry/2.0")
        .header("Www-Authenticate", challenge)
}

fn token(visit: &Visit<'_>) -> Answer {
    let token = match visit.request.authorization() {
        Authorization::Missing => ANONYMOUS.to_owned(),
        Authorization::Basic { password, .. } if holder(visit, &password).is_some() => password,
        _ => return Answer::with_body(401, "application/json", ""),
    };
    // The fields are in alphabetical order, as Go writes a map.
    let body = json!({ "access_token": token, "token": token });
    Answer::with_body(200, "application/json", format!("{body}\n"))
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;

    const IMAGE: &str = "https://default-route-openshift-image-registry.apps.example/v2/shop/web/manifests/latest";

    /// `auth.go`: `tokenAuthChallenge` and `authChallenge`.
    #[test]
    fn challenge_depends_on_the_credentials() {
        let lab = in_scenario("openshift-basic-error");
        let challenge = |sent: &[(&str, &str)]| {
            let answer = lab.to(&format!("GET {IMAGE}"), sent);
            assert_eq!((answer.status, answer.get("x-registry-supports-signatures")), (401, Some("1")));
            answer.get("www-authenticate").map(str::to_owned)
        };
        let realm = "Bearer realm=\"https://default-route-openshift-image-registry.apps.example/openshift/token\"";
        assert_eq!(challenge(&[]).as_deref(), Some(realm));
        let denied = "Basic realm=openshift,error=\"access denied\"";
        assert_eq!(challenge(&[("Authorization", "Bearer anonymous")]).as_deref(), Some(denied));
        assert_eq!(challenge(&[("Authorization", "Bearer unknown")]).as_deref(), Some(denied));
    }

    /// `token.go`: `writeToken` and `writeUnauthorized`.
    #[test]
    fn token_service_returns_the_password_as_the_token() {
        let lab = in_scenario("openshift-basic-error");
        let service = "https://default-route-openshift-image-registry.apps.example/openshift/token";
        lab.to(&format!("GET {service}"), &[]).assert_reproduces(
            "HTTP/1.1 200 OK
            content-type: application/json
            x-registry-supports-signatures: 1

{\"access_token\":\"anonymous\",\"token\":\"anonymous\"}⏎",
        );
        let of = |authorization: &str| lab.to(&format!("GET {service}"), &[("Authorization", authorization)]);
        // developer:sha256~example
        let own = of("Basic ZGV2ZWxvcGVyOnNoYTI1Nn5leGFtcGxl");
        assert_eq!(own.body, "{\"access_token\":\"sha256~example\",\"token\":\"sha256~example\"}\n");
        let wrong = of("Basic ZGV2ZWxvcGVyOndyb25n");
        assert_eq!((wrong.status, wrong.body.len()), (401, 0));
        assert_eq!(lab.to(&format!("GET {IMAGE}"), &[("Authorization", "Bearer sha256~example")]).status, 200);
    }
}
