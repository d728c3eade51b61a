//! Faults on the client's side: no registry is at fault, and the advice says what to do.

use super::{explained, shown};
use crate::knowledge::AtFault;

/// Client messages, each with words of the advice.
const LOCAL: [(&str, &str); 32] = [
    ("failed to register layer: lchown /opt/x: invalid argument", "usermod --add-subuids"),
    (
        "Error: writing blob: potentially insufficient UIDs or GIDs available in user namespace (requested 0:42 for /etc/gshadow)",
        "usermod",
    ),
    ("container ID 65534 cannot be mapped to a host ID", "usermod"),
    ("docker: failed to register layer: max depth exceeded", "fewer layers"),
    ("write /var/lib/containerd/tmp/x: no space left on device", "docker system prune"),
    ("FATAL: While making image from oci registry: write /home/u/.apptainer/x: disk quota exceeded", "TMPDIR"),
    (
        "failed to extract layer sha256:aa: failed to mount /tmp/containerd-mount1: operation not permitted",
        "--privileged",
    ),
    (
        "FATAL: packer failed to pack: while unpacking tmpfs: error unpacking rootfs: unpack entry: usr/lib/x: operation not permitted",
        "APPTAINER_TMPDIR",
    ),
    ("failed to extract layer: failed to convert whiteout file \"opt/.wh.x\": operation not permitted", "cache clean"),
    ("conveyor failed to get: no descriptor found for reference \"00ff\"", "apptainer cache clean"),
    ("ref layer-sha256:aa locked for 3m0s (since 2026): unavailable", "systemctl restart containerd"),
    (
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "docker context ls",
    ),
    ("Source image rejected: Running image docker://quay.io/a/b:1 is rejected by policy.", "policy.json"),
    (
        "rpc error: code = Unknown desc = SignatureValidationFailed: Source image rejected: A signature was required, but no signature exists",
        "use-sigstore-attachments",
    ),
    ("Error: no matching signatures: invalid signature when validating ASN.1 encoded signature", "cosign verify"),
    (
        "admission webhook \"mutate.kyverno.svc-fail\" denied the request: image verification failed for r.test/a:1",
        "cosign verify",
    ),
    (
        "Error from server: admission webhook \"validation.gatekeeper.sh\" denied the request: [repos] container <x> has an invalid image repo",
        "administrators",
    ),
    (
        "Error: remote trust data does not exist for docker.io/a/b: notary.docker.io does not have trust data for docker.io/a/b",
        "DOCKER_CONTENT_TRUST",
    ),
    ("Error: ErrImagePull: pull QPS exceeded", "registryPullQPS"),
    ("Container image \"app:dev\" is not present with pull policy of Never", "imagePullPolicy"),
    (
        "Error: secret \"app-env\" not found\nReason: CreateContainerConfigError secret \"app-env\" not found",
        "kubectl get secret",
    ),
    (
        "Error: failed to create containerd task: failed to create shim task: OCI runtime create failed: exec: \"serve\": executable file not found in $PATH",
        "ociscope config",
    ),
    (
        "Error: media type \"application/vnd.cncf.helm.chart.provenance.v1.prov\" is not allowed, found in descriptor",
        "Helm 3.18.1",
    ),
    (
        "Error: looks like \"https://r.test/charts\" is not a valid chart repository or cannot be reached",
        "oci://HOST/PATH",
    ),
    ("error getting credentials - err: exit status 1, out: `keychain cannot be accessed`", "docker-credential-NAME"),
    (
        "docker.errors.DockerException: Credentials store error: StoreError('docker-credential-pass exited with \"pass not initialized\"')",
        "docker-credential-NAME",
    ),
    ("mksquashfs not found, please install squashfs-tools", "squashfs-tools"),
    ("failed to mount squashfs image: fuse: device not found", "squashfuse"),
    ("runtime: out of memory: cannot allocate memory", "more memory"),
    ("The node was low on resource: ephemeral-storage.", "docker system prune"),
    ("FreeDiskSpaceFailed: failed to garbage collect required amount of images", "docker system prune"),
    ("Error: GET \"https://r.test/v2/a/tags/list\": unable to retrieve credentials", "docker-credential-NAME"),
];

#[test]
fn local_fault_blames_no_registry_and_gives_advice() {
    for (text, advice) in LOCAL {
        let explanation = explained(text);
        let cause = &explanation.causes[0];
        assert_eq!((cause.fault, cause.rules.len()), (AtFault::Client, 0), "{text}: {}", cause.topic);
        let words = shown(text).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("No registry is at fault.") && words.contains(advice), "{text}\n{words}");
        assert!(!words.contains("ociscope diagnose"), "{text}\n{words}");
    }
}

/// The same words in a registry's message, or with a registry as the reason.
#[test]
fn look_alike_of_a_local_fault_is_not_one() {
    for text in [
        "PATCH https://r.test/v2/a/blobs/uploads/1: 500 Internal Server Error: write /data/x: no space left on device",
        "failed to register layer: ApplyLayer exit status 1: unexpected EOF",
        "failed to extract layer sha256:aa: failed to get stream processor for application/vnd.in-toto+json",
        "image verification failed for r.test/a:1: GET https://r.test/v2/: UNAUTHORIZED: authentication required",
        "admission webhook \"x\" denied the request: Get \"https://r.test/v2/\": x509: certificate signed by unknown authority",
        "manifest for acme/policy:1 not found: manifest unknown",
    ] {
        let cause = &explained(text).causes[0];
        assert!(cause.fault != AtFault::Client || !cause.rules.is_empty(), "{text}: {}", cause.topic);
    }
}
