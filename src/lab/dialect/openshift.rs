//! OpenShift's internal registry: distribution 2, whose people are those of the cluster.
//!
//! Passwords are tokens of the cluster, and the token service hands them back as they are. From openshift/image-registry,
//! `pkg/dockerregistry/server`: `auth.go`, `token.go`, `app.go`; what is not refused there is distribution's.

use serde_json::{Value, json};

use super::distribution;
use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::{Answer, Authorization, Endpoint};

/// See the module. The passwords of a scenario's accounts are their tokens.
pub(crate) struct OpenShift;

/// What everybody gets who asks for a token without a name.
const ANONYMOUS: &str = "anonymous";

impl Dialect for OpenShift {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let mut answer = if visit.request.path == "/openshift/token" {
            token(visit)
        } else {
            refused(visit).unwrap_or_else(|| {
                let mut answer = distribution::TWO.answer(visit);
                // Distribution sends this where its own stock configuration is used, which it is not here.
                answer.remove("X-Content-Type-Options");
                answer
            })
        };
        answer.set("X-Registry-Supports-Signatures", "1");
        answer
    }
}

/// Whom a token stands for: nobody in particular, or an account. `None` where the cluster does not know it.
fn holder<'a>(visit: &Visit<'a>, token: &str) -> Option<Option<&'a str>> {
    if token == ANONYMOUS {
        return Some(None);
    }
    let mut accounts = visit.host.accounts().iter();
    accounts.find(|(_, password)| *password == token).map(|(account, _)| Some(account.as_str()))
}

/// The refusal of a request, where it is refused.
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
            // Neither a service nor a scope is named.
            let challenge = format!("Bearer realm=\"{}/openshift/token\"", visit.host.origin());
            return Some(unauthorized(repository, challenge));
        }
    };
    let may = match (holder(visit, &token), repository) {
        (Some(Some(_)), _) | (Some(None), None) => true,
        (Some(None), Some(repository)) => visit.host.is_public(repository),
        (None, _) => false,
    };
    // The realm stands there without quotation marks.
    (!may).then(|| unauthorized(repository, "Basic realm=openshift,error=\"access denied\"".to_owned()))
}

/// Distribution's words for a 401, with what was needed as its detail.
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
    // Fields in the order of their names, as Go writes a map.
    let body = json!({ "access_token": token, "token": token });
    Answer::with_body(200, "application/json", format!("{body}\n"))
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;

    const IMAGE: &str = "https://default-route-openshift-image-registry.apps.example/v2/shop/web/manifests/latest";

    /// `auth.go`: `tokenAuthChallenge` and `authChallenge`.
    #[test]
    fn the_challenge_depends_on_what_was_sent() {
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
    fn the_password_is_the_token() {
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
