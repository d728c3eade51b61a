//! Texts of several messages: a cause keeps its own image.

use super::{explain, explained, shown};

/// The image and the first rule of each cause.
fn causes(text: &str) -> Vec<(String, &'static str)> {
    let causes = explained(text).causes;
    causes
        .into_iter()
        .map(|cause| (cause.reference.unwrap_or_default(), cause.rules.first().copied().unwrap_or("-")))
        .collect()
}

#[track_caller]
fn assert_causes(text: &str, expected: &[(&str, &str)]) {
    let found = causes(text);
    let found: Vec<_> = found.iter().map(|(image, rule)| (image.as_str(), *rule)).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn cause_is_not_combined_with_the_image_of_another_message() {
    assert_causes(
        "  Warning  Failed  9s  kubelet  Failed to pull image \"r.test/a:1\": r.test/a:1: not found: manifest unknown\n  \
         Normal  Pulling  8s  kubelet  Pulling image \"r.test/b:2\"\n  \
         Warning  Failed  7s  kubelet  Error: secret \"x\" not found\n",
        &[("r.test/a:1", "tag-not-found"), ("", "pull-secret-not-found")],
    );
    assert_causes(
        "$ docker pull r.test/a:1\nError response from daemon: manifest for r.test/a:1 not found: manifest unknown\n\
         $ docker login r.test\nError response from daemon: Get \"https://r.test/v2/\": unauthorized: incorrect username or password\n",
        &[("r.test/a:1", "tag-not-found"), ("", "bad-credentials")],
    );
    assert_causes(
        "[1] Pulling\nMar 03 10:01:12 n kubelet[1]: E0303 10:01:12.1 1 x.go:1] pulling image \"r.test/a:1\"\n\
         Mar 03 10:01:12 n kubelet[1]: E0303 10:01:12.1 1 x.go:1] image \"r.test/b:1\"\n\
         Mar 03 10:01:13 n kubelet[1]: E0303 10:01:13.1 1 x.go:1] toomanyrequests: You have reached your pull rate limit.\n",
        &[("", "hub-pull-limit")],
    );
}

#[test]
fn error_is_about_the_last_command_or_announcement() {
    for (text, image) in [
        (
            "$ docker pull acme/api\nUsing default tag: latest\nError response from daemon: denied: denied",
            "docker.io/acme/api:latest",
        ),
        (
            "docker pull acme/one:1\ndocker pull acme/two:2\nError response from daemon: unauthorized: authentication required",
            "docker.io/acme/two:2",
        ),
        ("Step 1/3 : FROM r.test/base:7\nunauthorized: authentication required", "r.test/base:7"),
        (
            "Trying to pull quay.io/a/b:1...\n  unauthorized: access to the requested resource is not authorized",
            "quay.io/a/b:1",
        ),
        ("Pulling web (quay.io/a/web:3)...\nERROR: manifest unknown: manifest unknown", "quay.io/a/web:3"),
        (
            "$ docker pull r.test/a/b:1\n1: Pulling from a/b\nError response from daemon: toomanyrequests: Rate exceeded",
            "r.test/a/b:1",
        ),
        ("$ helm pull oci://r.test/charts/x --version 0.8.1\nError: denied: denied", "r.test/charts/x:0.8.1"),
        (
            "POST /v1.47/images/create?fromImage=acme%2Fapi&tag=7-alpine returned error: toomanyrequests: pull rate limit",
            "docker.io/acme/api:7-alpine",
        ),
    ] {
        assert_eq!(explained(text).reference.as_deref(), Some(image), "{text}");
    }
}

/// Without a named registry, none is invented.
#[test]
fn ordinary_word_is_not_an_image() {
    for text in [
        "latest: Pulling from org/app\nmanifest unknown",
        "Failed to pull image with policy \"always\": denied: denied",
        "Error: image pull failed: denied: denied",
        "failed to resolve image: manifest unknown: manifest unknown",
        "for image: it was denied: denied",
        "error pulling image sha256: denied: denied",
        "no matching manifest for linux/arm64 in the manifest list entries",
        "Error: manifest unknown: manifest unknown",
        "k8s.io/apimachinery/pkg/util/wait.go:155: unauthorized: authentication required",
        "node.kubernetes.io/not-ready:NoExecute and then toomanyrequests: Rate exceeded",
        "see https://docs.docker.com/engine/reference/run/ denied: denied",
    ] {
        assert_eq!(explained(text).reference, None, "{text}");
    }
}

#[test]
fn general_cause_counts_only_without_a_specific_one() {
    for text in [
        "Error: ErrImagePull\nError: ImagePullBackOff\nError: pull QPS exceeded",
        "Back-off pulling image \"r.test/a:1\"\nFailed to pull image \"r.test/a:1\": pull QPS exceeded\nError: ErrImagePull",
    ] {
        let explanation = explained(text);
        assert_eq!((explanation.causes.len(), explanation.topic.as_str()), (1, "pull qps exceeded"), "{text}");
    }
    assert_eq!(explained("Error: ErrImagePull").topic, "errimagepull");
}

#[test]
fn mirror_is_named_and_diagnosed_instead_of_the_registry() {
    for (text, mirror) in [
        (
            "Head \"https://mirror.test/v2/library/nginx/manifests/1?ns=docker.io\": x509: certificate signed by unknown authority",
            "mirror.test",
        ),
        (
            "failed to resolve reference \"docker.io/library/nginx:1\": failed to do request: Head \"https://10.0.0.9:5000/v2/library/nginx/manifests/1\": dial tcp 10.0.0.9:5000: connect: connection refused",
            "10.0.0.9:5000",
        ),
    ] {
        let explanation = explained(text);
        assert_eq!(explanation.reference.as_deref(), Some("docker.io/library/nginx:1"), "{text}");
        assert_eq!(explanation.causes[0].mirror.as_deref(), Some(mirror), "{text}");
        assert!(shown(text).contains(&format!("ociscope diagnose {mirror}/library/nginx:1")), "{}", shown(text));
    }
    for text in [
        "failed to resolve reference \"docker.io/library/nginx:1\": Head \"https://registry-1.docker.io/v2/library/nginx/manifests/1\": denied: denied",
        "Failed to pull image \"r.test/a:1\": Head \"https://r.test:443/v2/a/manifests/1\": denied: denied",
        "Failed to pull image \"r.test/a:1\": failed to fetch anonymous token: Get \"https://auth.test/token?service=x\": dial tcp: i/o timeout",
    ] {
        assert_eq!(explained(text).causes[0].mirror, None, "{text}");
    }
}

#[test]
fn advice_fits_the_client() {
    let of_pod =
        shown("Failed to pull image \"r.test/a:1\": rpc error: code = Unknown desc = no basic auth credentials");
    assert!(of_pod.contains("imagePullSecrets") && !of_pod.contains("check the host name in"), "{of_pod}");
    let of_person =
        shown("Error response from daemon: Head \"https://r.test/v2/a/manifests/1\": no basic auth credentials");
    assert!(of_person.contains("~/.docker/config.json") && !of_person.contains("kubectl"), "{of_person}");
}

#[test]
fn client_is_named_with_its_version_if_known() {
    for (text, client) in [
        (
            "Running with gitlab-runner 16.3.1 (abc)\nERROR: Job failed: failed to pull image \"r.test/a:1\" with specified policies [always]: denied: denied",
            "GitLab Runner 16.3.1",
        ),
        (
            "podman version 4.3.1\n$ podman pull r.test/a:1\nError: initializing source docker://r.test/a:1: denied: denied",
            "Podman, Buildah or CRI-O 4.3.1",
        ),
        (
            "[ERROR ImagePull]: failed to pull image r.test/kube-proxy:v1: output: Error response from daemon: Get \"https://r.test/v2/\": x509: certificate signed by unknown authority",
            "kubeadm",
        ),
        (
            "$ helm install x oci://r.test/x\nError: INSTALLATION FAILED: failed to authorize: failed to fetch oauth token: unexpected status: 403 Forbidden",
            "Helm",
        ),
        (
            "May 12 18:16:34 vps dockerd[812]: level=error msg=\"Not continuing with pull after error: toomanyrequests: pull rate limit\"",
            "Docker",
        ),
        ("CannotPullContainerError: pull access denied: toomanyrequests: Rate exceeded", "Amazon ECS"),
    ] {
        let shown = shown(text);
        let shown = shown.replace('\n', " ");
        assert!(shown.starts_with(&format!("This error from {client} means: ")), "{text}\n{shown}");
    }
}

#[test]
fn at_most_four_candidates_are_named() {
    for text in [
        "manifest for docker.io/bitnami/redis:7.0.5 not found: manifest unknown",
        "pull access denied for app, repository does not exist or may require 'docker login'",
        "reading manifest latest in gcr.io/a/b: manifest unknown",
    ] {
        assert!((1..=4).contains(&explained(text).rules.len()), "{text}");
    }
}

/// Statuses that are unrelated to images are not explained as a registry's.
#[test]
fn unrelated_status_is_not_a_registry_s() {
    for text in [
        "E: Failed to fetch http://deb.debian.org/debian/dists/buster/InRelease  404  Not Found [IP: 192.0.2.1 80]",
        "npm ERR! 404 Not Found - GET https://registry.npmjs.org/foo - Not found",
        "ERROR: HTTP error 503 Service Unavailable while getting https://files.example.com/simple/x.whl",
        "fatal: unable to access 'https://git.example.com/a.git/': The requested URL returned error: 403 Forbidden",
        "wget https://example.com/x.tgz: server returned error: HTTP/1.1 404 Not Found",
    ] {
        assert!(explain(&text.into()).is_err(), "{text}");
    }
    for text in [
        "unexpected status: 502 Bad Gateway",
        "GET https://r.example.com/v2/a/manifests/1: unexpected status: 502 Bad Gateway",
    ] {
        assert!(explain(&text.into()).is_ok(), "{text}");
    }
}

/// The meaning of a cause is given once, and names an image only if it is about one.
#[test]
fn table_explains_each_cause_once() {
    let missing = |image: &str| format!("Error: reading manifest 1 in {image}: manifest unknown: manifest unknown\n");
    let two = shown(&(missing("r.test/a") + &missing("r.test/b")));
    assert!(two.starts_with("2 images, 2 causes in 2 lines\n"), "{two}");
    assert!(two.contains("  r.test/a:1  not found  tag-not-found") && two.contains("  r.test/b:1  not found"), "{two}");
    assert_eq!(two.matches("The registry does not have the image").count(), 1, "{two}");
    assert!(two.contains("ociscope diagnose r.test/a:1 r.test/b:1"), "{two}");
    // A repeated message is counted, and is still one page.
    let twice = shown(&missing("r.test/a").repeat(2));
    assert!(twice.starts_with("The registry does not have r.test/a:1"), "{twice}");
    // A name keeps its case.
    let mixed = shown(&(missing("r.test/a") + "Error: exec format error in image \"r.test/b:1\"\n"));
    assert!(mixed.contains(": r.test/b:1 was pulled"), "{mixed}");
}
