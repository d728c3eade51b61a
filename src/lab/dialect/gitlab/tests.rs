use crate::lab::content::digest_in;
use crate::lab::testing::{in_scenario, with_hosts};

const REGISTRY: &str = "https://registry.gitlab.com/v2";

/// oras-project/oras#923 (2023): the headers and the length.
#[test]
fn challenge_names_a_service_other_than_the_host() {
    in_scenario("gitlab-healthy")
        .to(&format!("HEAD {REGISTRY}/rwaldon/pingpong/pingpong/manifests/1"), &[])
        .assert_reproduces(
            "HTTP/1.1 401 Unauthorized
        Content-Type: application/json
        Docker-Distribution-Api-Version: registry/2.0
        Www-Authenticate: Bearer realm=\"https://gitlab.com/jwt/auth\",service=\"container_registry\",\
scope=\"repository:rwaldon/pingpong/pingpong:pull\"
        X-Content-Type-Options: nosniff
        Content-Length: 168

{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\",\"detail\":[{\"Type\":\"repository\",\
\"Class\":\"\",\"Name\":\"rwaldon/pingpong/pingpong\",\"Action\":\"pull\"}]}]}⏎",
        );
}

/// portainer/portainer#2956 (2018): the length.
#[test]
fn catalog_is_refused() {
    let answer = in_scenario("gitlab-healthy").to(&format!("GET {REGISTRY}/_catalog"), &[]);
    assert_eq!((answer.status, answer.body.len()), (401, 145));
}

/// n0madic/gitlab-registry-images-cleaner#13: the length for the tags of some project is 176; and the strings of
/// bazel-contrib/rules_oci `oci/private/authn.bzl`.
#[test]
fn token_for_a_missing_repository_grants_nothing() {
    let lab = in_scenario("gitlab-no-grant");
    let service = "https://gitlab.com/jwt/auth?service=container_registry";
    let ask =
        |headers: &[(&str, &str)]| lab.to(&format!("GET {service}&scope=repository:example/team/secret:pull"), headers);
    let anonymous = ask(&[]);
    let words = "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"access forbidden\"}],\"http_status\":403}";
    assert_eq!((anonymous.status, &*anonymous.body), (403, words.as_bytes()));
    // `example:glpat-example`
    let token = ask(&[("Authorization", "Basic ZXhhbXBsZTpnbHBhdC1leGFtcGxl")]);
    let body: serde_json::Value = serde_json::from_slice(&token.body).unwrap();
    let bearer = format!("Bearer {}", body["token"].as_str().unwrap());
    let image = format!("GET {REGISTRY}/example/team/secret/manifests/latest");
    let answer = lab.to(&image, &[("Authorization", &bearer)]);
    let challenge = "Bearer realm=\"https://gitlab.com/jwt/auth\",service=\"container_registry\",\
                     scope=\"repository:example/team/secret:pull\",error=\"insufficient_scope\"";
    assert_eq!((answer.status, answer.get("www-authenticate")), (401, Some(challenge)));
    assert_eq!(ask(&[("Authorization", "Basic ZXhhbXBsZTp3cm9uZw==")]).status, 403);
}

/// sergi0g/cup#132 (2025).
#[test]
fn manifest_is_hidden_from_clients_that_accept_only_an_index() {
    let lab = in_scenario("gitlab-hidden-manifest");
    let token = lab.token_for("container_registry", "https://gitlab.com/jwt/auth", "example/tools/cup");
    let answer = lab.to(
        &format!("GET {REGISTRY}/example/tools/cup/manifests/v3"),
        &[("Authorization", &token), ("Accept", "application/vnd.oci.image.index.v1+json")],
    );
    let body = "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"OCI manifest found, but accept header does not \
                support OCI manifests\"}]}\n";
    assert_eq!((answer.status, String::from_utf8_lossy(&answer.body).as_ref()), (404, body));
}

/// containerd/containerd#5799 (2021).
#[test]
fn head_converted_to_schema1_names_a_missing_digest() {
    let lab = in_scenario("gitlab-legacy-proxy");
    let realm = "https://gitlab.example/jwt/auth";
    let token = lab.token_for("container_registry", realm, "root/gitlab-k8s-cicd-demo/hwservice");
    let accept = "application/vnd.docker.distribution.manifest.v2+json, \
                  application/vnd.docker.distribution.manifest.list.v2+json, \
                  application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, */*";
    let headers = [("Authorization", token.as_str()), ("Accept", accept)];
    let of = |method: &str, reference: &str| {
        let image = "https://registry.example:8443/v2/root/gitlab-k8s-cicd-demo/hwservice/manifests";
        lab.to(&format!("{method} {image}/{reference}"), &headers)
    };
    let head = of("HEAD", "master-1");
    head.assert_reproduces(&format!(
        "HTTP/1.1 200 OK
        content-type: application/vnd.docker.distribution.manifest.v1+prettyjws
        docker-content-digest: *
        docker-distribution-api-version: registry/2.0
        etag: *
        server: openresty
        x-content-type-options: nosniff

{}",
        String::from_utf8_lossy(&head.body)
    ));
    let digest = head.get("docker-content-digest").unwrap();
    assert_eq!(of("GET", digest).status, 404);
    assert_eq!(of("GET", "master-1").get("docker-content-digest"), digest_in("docker-image", "manifest").as_deref());
}

/// oras-project/oras#923 (2023).
#[test]
fn blobs_redirect_to_a_delivery_network() {
    let cdn = "cdn.registry.gitlab-static.net";
    let hosts = format!(
        "[[host]]\nname = \"registry.gitlab.com\"\ndialect = \"gitlab\"\nof = \"{cdn}\"\n\
         repositories.\"a/b\" = {{ latest = \"docker-image\" }}\n\
         [[host]]\nname = \"gitlab.com\"\ndialect = \"gitlab-auth\"\nof = \"registry.gitlab.com\"\n\
         [[host]]\nname = \"{cdn}\"\ndialect = \"gitlab\"\n"
    );
    let lab = with_hosts(&hosts);
    let token = lab.token_for("container_registry", "https://gitlab.com/jwt/auth", "a/b");
    let digest = digest_in("docker-image", "layer").unwrap();
    let answer = lab.to(&format!("HEAD {REGISTRY}/a/b/blobs/{digest}"), &[("Authorization", &token)]);
    answer.assert_reproduces(
        "HTTP/1.1 307 Temporary Redirect
        Content-Type: text/html; charset=utf-8
        Docker-Distribution-Api-Version: registry/2.0
        Location: *
        X-Content-Type-Options: nosniff

<a href=\"https://cdn.registry.gitlab-static.net/gitlab/docker/registry/v2/blobs/sha256/...",
    );
    let hex = &digest["sha256:".len()..];
    let place = format!("https://{cdn}/gitlab/docker/registry/v2/blobs/sha256/{}/{hex}/data?Expires=", &hex[..2]);
    assert!(answer.get("location").unwrap().starts_with(&place), "{answer:?}");
}

/// `app/controllers/groups/dependency_proxy/application_controller.rb`, `app/models/dependency_proxy/registry.rb`.
#[test]
fn dependency_proxy_refuses_anonymous_clients_without_a_body() {
    let lab = in_scenario("dependency-proxy-anonymous");
    let image = "https://gitlab.com/v2/example/dependency_proxy/containers/alpine/manifests/3.18";
    lab.to(&format!("GET {image}"), &[]).assert_reproduces(
        "HTTP/1.1 401 Unauthorized
        Content-Type: text/plain; charset=utf-8
        Www-Authenticate: Bearer realm=\"https://gitlab.com/jwt/auth\",service=\"dependency_proxy\"
        Content-Length: 0

",
    );
    assert_eq!(lab.to("GET https://gitlab.com/jwt/auth?service=dependency_proxy", &[]).status, 403);
}

/// `app/controllers/groups/dependency_proxy_for_containers_controller.rb`, `send_manifest`.
#[test]
fn dependency_proxy_ignores_the_accept_header() {
    let lab = in_scenario("dependency-proxy-ignores-accept");
    // `example:glpat-example`
    let login = [("Authorization", "Basic ZXhhbXBsZTpnbHBhdC1leGFtcGxl")];
    let token = lab.to("GET https://gitlab.com/jwt/auth?service=dependency_proxy", &login);
    let body: serde_json::Value = serde_json::from_slice(&token.body).unwrap();
    let bearer = format!("Bearer {}", body["token"].as_str().unwrap());
    let image = "GET https://gitlab.com/v2/example/dependency_proxy/containers/alpine/manifests/3.20";
    for accept in ["application/vnd.docker.distribution.manifest.v1+json", "*/*", "application/json"] {
        let answer = lab.to(image, &[("Authorization", &bearer), ("Accept", accept)]);
        let digest = answer.get("docker-content-digest").unwrap().to_owned();
        assert_eq!((answer.status, answer.get("etag")), (200, Some(&*format!("\"{digest}\""))));
        assert_eq!(answer.get("docker-distribution-api-version"), Some("registry/2.0"));
    }
}
