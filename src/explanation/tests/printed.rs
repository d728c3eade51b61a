//! The output of clients: the cause that it must suggest first, the client, and the image.

use serde::Deserialize;

use super::explained;
use crate::explanation::Kind;

const DIGEST: &str = "sha256:7bba31d78d431ce702da963ad6d2a3685194d766954505f72fc7d1b2ad52390d";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Printed {
    text: String,
    rule: String,
    #[serde(default)]
    image: String,
}

#[derive(Deserialize)]
struct File {
    printed: Vec<Printed>,
}

#[test]
fn client_output_suggests_the_right_rule_first() {
    let file: File = toml::from_str(include_str!("printed.toml")).unwrap();
    let mut wrong = Vec::new();
    for Printed { text, rule, image } in &file.printed {
        let explanation = explained(text);
        let found = explanation.reference.clone().unwrap_or_default();
        let first = explanation.rules.first().copied().unwrap_or_default();
        if (explanation.kind, first, &found) != (Kind::ErrorText, rule, image) {
            wrong.push(format!("{text}\n  {} {first} ({}) {found:?}\n", explanation.kind.as_str(), explanation.topic));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn client_is_named() {
    for (text, client) in [
        (
            "Error response from daemon: manifest for acme/api:1 not found: manifest unknown",
            "Docker (classic image store)",
        ),
        (
            "Error response from daemon: failed to resolve reference \"r.example.com/s2:nope\": r.example.com/s2:nope: not found",
            "Docker (containerd image store)",
        ),
        (
            "ctr: failed to resolve reference \"r.example.com/s2:nope\": r.example.com/s2:nope: not found",
            "containerd (ctr)",
        ),
        (
            "time=\"2026-01-01\" level=fatal msg=\"initializing source docker://r.example.com/s2:nope: reading manifest nope in r.example.com/s2: manifest unknown\"",
            "skopeo",
        ),
        (
            "Error: initializing source docker://r.example.com/s2:nope: reading manifest nope in r.example.com/s2: manifest unknown",
            "Podman, Buildah or CRI-O",
        ),
        (
            "Failed to pull image \"a/b:c\": rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/a/b:c\": not found: manifest unknown",
            "kubelet, with containerd",
        ),
        (
            "ERROR: failed to solve: a/b: failed to resolve source metadata for docker.io/a/b:latest: docker.io/a/b:latest: not found",
            "BuildKit (docker build)",
        ),
        (
            "FATAL:   While making image from oci registry: no layer found corresponding to SIF image",
            "Singularity or Apptainer",
        ),
        ("curl: (60) SSL certificate problem: unable to get local issuer certificate", "curl"),
    ] {
        let shown = super::shown(text);
        assert!(shown.starts_with(&format!("This error from {client} means: ")), "{text}\n{shown}");
    }
}

/// `kubectl describe pod`, as pasted: columns, several events, the reason in the middle.
#[test]
fn pasted_kubernetes_events_are_parsed() {
    let events = format!(
        "Events:\n  Type     Reason     Age                From               Message\n  ----     ------     ----               ----               -------\n  \
         Normal   Scheduled  27s                default-scheduler  Successfully assigned default/web to node-1\n  \
         Normal   Pulling    12s (x2 over 26s)  kubelet            Pulling image \"ghcr.io/o/web:1.2\"\n  \
         Warning  Failed     12s (x2 over 26s)  kubelet            Failed to pull image \"ghcr.io/o/web:1.2\": rpc error: code = NotFound desc = \
         failed to pull and unpack image \"ghcr.io/o/web:1.2\": failed to copy: httpReadSeeker: failed open: content at \
         https://ghcr.io/v2/o/web/manifests/{DIGEST} not found: not found\n  \
         Warning  Failed     12s (x2 over 26s)  kubelet            Error: ErrImagePull\n  \
         Normal   BackOff    1s (x2 over 25s)   kubelet            Back-off pulling image \"ghcr.io/o/web:1.2\"\n  \
         Warning  Failed     1s (x2 over 25s)   kubelet            Error: ImagePullBackOff\n"
    );
    let explanation = explained(&events);
    assert_eq!(explanation.rules[0], "dangling-index-child");
    assert_eq!(explanation.reference, Some("ghcr.io/o/web:1.2".to_owned()));
    assert!(super::shown(&events).starts_with("This error from kubelet, with containerd means: "));
}

#[test]
fn event_without_a_reason_says_where_to_find_it() {
    let shown = super::shown("Back-off pulling image \"acme/api:1\"\nError: ImagePullBackOff");
    assert!(
        shown.contains("kubectl describe pod") && shown.contains("ociscope diagnose docker.io/acme/api:1"),
        "{shown}"
    );
}
