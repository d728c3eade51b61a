//! Pull secrets of Kubernetes.

use serde_json::json;

use super::{PASSWORD, auth, entry, name, registry, seen, told};
use crate::support::basic_authorization;

fn base64(text: &str) -> String {
    basic_authorization("", text).trim_start_matches("Basic ").to_owned()
}

/// A Secret as `kubectl create secret docker-registry` makes it.
pub(super) fn secret(inner: &str) -> String {
    use ::base64::Engine as _;
    let data = ::base64::engine::general_purpose::STANDARD.encode(inner);
    format!(
        "apiVersion: v1\ndata:\n  .dockerconfigjson: {data}\nkind: Secret\nmetadata:\n  name: regcred\n\
         type: kubernetes.io/dockerconfigjson\n"
    )
}

#[test]
fn a_pull_secret_is_used_as_the_kubelet_would() {
    let server = registry();
    let mut entry = entry("me", PASSWORD);
    entry["username"] = json!("me");
    entry["password"] = json!(PASSWORD);
    let inner = json!({ "auths": { name(&server): entry } }).to_string();
    let run = auth(&server, &["--pull-secret", "secret.yaml"]).home_file("secret.yaml", &secret(&inner));
    let told = told(run.home_file(".docker/config.json", "{\"auths\":{}}").run());
    assert_eq!((told["credential"].as_str(), told["outcome"].as_str()), (Some("stored"), Some("accepted")));
    assert_eq!(told["looked_at"][0]["because"], "pull_secret_option");
    assert_eq!(server.header_values("Authorization"), [basic_authorization("me", PASSWORD)]);
}

#[test]
fn what_is_no_pull_secret_is_named_and_nothing_of_it_shown() {
    for text in [
        "kind: Secret\ntype: Opaque\nstringData:\n  password: CANARY\n".to_owned(),
        "CANARY: [".to_owned(),
        "kind: ConfigMap\ndata: {a: CANARY}\n".to_owned(),
        secret("{\"auths\":\"CANARY\"}"),
        secret(&base64("x")),
        String::new(),
    ] {
        let server = registry();
        let told = told(auth(&server, &["--pull-secret", "s.yaml"]).home_file("s.yaml", &text).run());
        assert_eq!((told["credential"].as_str(), seen(&told)), (Some("anonymous"), vec!["pull_secret"]), "{text}");
        assert!(server.header_values("Authorization").is_empty());
    }
}
