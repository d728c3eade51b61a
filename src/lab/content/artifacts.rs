//! Artifacts other than images, each in the layout that its own tool writes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::document::{Artifact, Blob, Writer, digest_of};
use super::images::{CREATED, OCI_LAYER, oci_image};
use super::layer::{Layer, archive_of, gzip};
use crate::oci::media_type::{OCI_CONFIG, OCI_MANIFEST};

/// The type of an empty config (image-spec, manifest.md, "Guidance for an Empty Descriptor").
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
/// The type of an SBOM in SPDX.
const SPDX: &str = "application/spdx+json";
/// The type of a Sigstore bundle (cosign, specs/BUNDLE_SPEC.md).
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// A chart as `helm push` stores it: the content of Chart.yaml as the config, the packed chart as the only layer, and
/// no field `mediaType` (helm, pkg/registry; helm.sh/docs/topics/registries).
pub(super) fn helm_chart() -> Artifact {
    let config = Blob::new(
        json!({
            "name": "web",
            "version": "1.2.3",
            "description": "A chart for the tests",
            "apiVersion": "v2",
            "appVersion": "1.0.0",
            "type": "application",
        })
        .to_string(),
    );
    let chart = "apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: 1.0.0\n";
    let chart = Blob::new(gzip(&archive_of("web/Chart.yaml", chart.as_bytes())));
    let manifest = json!({
        "schemaVersion": 2,
        "config": config.descriptor("application/vnd.cncf.helm.config.v1+json"),
        "layers": [chart.descriptor("application/vnd.cncf.helm.chart.content.v1.tar+gzip")],
        "annotations": {
            "org.opencontainers.image.created": CREATED,
            "org.opencontainers.image.description": "A chart for the tests",
            "org.opencontainers.image.title": "web",
            "org.opencontainers.image.version": "1.2.3",
        },
    });
    Artifact::written(OCI_MANIFEST, &manifest, Writer::Compact).with_blobs([config, chart])
}

/// A signature of `oci-image` as cosign stores it under a tag of its own (cosign, specs/SIGNATURE_SPEC.md). It has the
/// format of a signature, but no key made it.
pub(super) fn cosign_signature() -> Artifact {
    let image = oci_image();
    let payload = json!({
        "critical": {
            "identity": { "docker-reference": "" },
            "image": { "docker-manifest-digest": image.digest },
            "type": "cosign container image signature",
        },
        "optional": null,
    });
    let payload = Blob::new(payload.to_string());
    let mut layer = payload.descriptor("application/vnd.dev.cosign.simplesigning.v1+json");
    layer["annotations"] = json!({ "dev.cosignproject.cosign/signature": signature("signature") });
    stored_by_cosign(payload, &layer)
}

/// An attestation of `oci-image` as cosign stores it under a tag of its own (cosign, specs/ATTESTATION_SPEC.md).
pub(super) fn cosign_attestation() -> Artifact {
    let image = oci_image();
    let predicate_type = "https://slsa.dev/provenance/v0.2";
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": predicate_type,
        "subject": [{
            "name": "registry.example/sigstore/greeting",
            "digest": { "sha256": image.digest.trim_start_matches("sha256:") },
        }],
        "predicate": {
            "builder": { "id": "https://builder.example/1" },
            "buildType": "https://builder.example/container",
            "materials": [],
        },
    });
    let envelope = json!({
        "payloadType": "application/vnd.in-toto+json",
        "payload": STANDARD.encode(statement.to_string()),
        "signatures": [{ "keyid": "", "sig": signature("attestation") }],
    });
    let envelope = Blob::new(envelope.to_string());
    let mut layer = envelope.descriptor("application/vnd.dsse.envelope.v1+json");
    layer["annotations"] = json!({ "dev.cosignproject.cosign/signature": "", "predicateType": predicate_type });
    stored_by_cosign(envelope, &layer)
}

/// The manifest that cosign stores, with an image config that has no information.
fn stored_by_cosign(payload: Blob, layer: &Value) -> Artifact {
    let config = json!({
        "architecture": "",
        "created": "0001-01-01T00:00:00Z",
        "history": [{ "created": "0001-01-01T00:00:00Z" }],
        "os": "",
        "rootfs": { "type": "layers", "diff_ids": [payload.digest] },
        "config": {},
    });
    let config = Blob::new(config.to_string());
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": config.descriptor(OCI_CONFIG),
        "layers": [layer],
    });
    Artifact::written(OCI_MANIFEST, &manifest, Writer::Compact).with_blobs([config, payload])
}

/// A Singularity image as `singularity push oras://` stores it: an empty config, the file as the only layer, and no
/// field `mediaType` (sylabs/singularity, internal/pkg/client/oras).
pub(super) fn sif() -> Artifact {
    let config = Blob::new("{}");
    let image = Blob::new(sif_header());
    let mut layer = image.descriptor("application/vnd.sylabs.sif.layer.v1.sif");
    layer["annotations"] = json!({ "org.opencontainers.image.title": "greeting.sif" });
    let manifest = json!({
        "schemaVersion": 2,
        "config": config.descriptor("application/vnd.sylabs.sif.config.v1"),
        "layers": [layer],
    });
    Artifact::written(OCI_MANIFEST, &manifest, Writer::Compact).with_blobs([config, image])
}

/// The header of an empty SIF file: a line for the shell, the magic number, the version, the architecture (2 is
/// amd64), and 16 + 8 × 8 bytes of ID, times and offsets (sylabs/sif, pkg/sif/sif.go).
fn sif_header() -> Vec<u8> {
    let mut header = b"#!/usr/bin/env run-singularity\n\0".to_vec();
    header.extend(b"SIF_MAGIC\x0001\x0002\0");
    header.resize(128, 0);
    header
}

/// A WebAssembly module in the layout of the CNCF
/// (tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact, containerd/runwasi).
pub(super) fn wasm() -> Artifact {
    // The shortest valid module: the magic number and the version.
    let module = Blob::new(&b"\0asm\x01\0\0\0"[..]);
    let config = json!({
        "created": CREATED,
        "author": null,
        "architecture": "wasm",
        "os": "wasip1",
        "layerDigests": [module.digest],
        "component": null,
    });
    let config = Blob::new(config.to_string());
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": config.descriptor("application/vnd.wasm.config.v0+json"),
        "layers": [module.descriptor("application/wasm")],
    });
    Artifact::written(OCI_MANIFEST, &manifest, Writer::Compact).with_blobs([config, module])
}

/// A build cache as BuildKit exports it with `image-manifest=true`, its default since 0.21 (moby/buildkit#3724;
/// docs.docker.com/build/cache/backends/registry).
pub(super) fn buildkit_cache() -> Artifact {
    let step = Layer::with_greeting("Hello from linux/amd64.\n");
    let layer = step.blob();
    let config = json!({
        "layers": [{ "blob": layer.digest, "parent": -1 }],
        "records": [{
            "layers": [{ "layer": 0, "createdAt": CREATED }],
            "digest": digest_of(b"COPY greeting /greeting"),
        }],
    });
    let config = Blob::new(config.to_string());
    let mut descriptor = layer.descriptor(OCI_LAYER);
    descriptor["annotations"] = json!({ "buildkit/createdat": CREATED, "containerd.io/uncompressed": step.diff_id });
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": config.descriptor("application/vnd.buildkit.cacheconfig.v0"),
        "layers": [descriptor],
    });
    Artifact::written(OCI_MANIFEST, &manifest, Writer::BuildKit).with_blobs([config, layer])
}

/// An SBOM that refers to `oci-image`, stored along with the image.
pub(super) fn artifact() -> Artifact {
    let image = oci_image();
    spdx_of(&image).with_children([image])
}

/// `oci-image` with two referrers: an SBOM and a signature.
pub(super) fn image_with_referrers() -> Artifact {
    let image = oci_image();
    let referrers = [spdx_of(&image), bundle_of(&image)];
    image.with_children(referrers)
}

fn spdx_of(image: &Artifact) -> Artifact {
    let parts = json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "greeting",
        "documentNamespace": "https://registry.example/spdx/greeting",
        "creationInfo": { "created": CREATED, "creators": ["Tool: example"] },
        "packages": [],
    });
    let parts = Blob::new(parts.to_string());
    let mut layer = parts.descriptor(SPDX);
    layer["annotations"] = json!({ "org.opencontainers.image.title": "greeting.spdx.json" });
    let annotations = json!({ "org.opencontainers.image.created": CREATED });
    attached(image, SPDX, &layer, &annotations).with_blobs([parts])
}

/// A signature as cosign 3 attaches it (cosign, specs/BUNDLE_SPEC.md). No key made this one.
fn bundle_of(image: &Artifact) -> Artifact {
    let bundle = json!({
        "mediaType": BUNDLE,
        "verificationMaterial": { "publicKey": { "hint": "example" } },
        "messageSignature": {
            "messageDigest": { "algorithm": "SHA2_256", "digest": STANDARD.encode(Sha256::digest(&image.bytes)) },
            "signature": signature("bundle"),
        },
    });
    let bundle = Blob::new(bundle.to_string());
    let annotations = json!({
        "dev.sigstore.bundle.content": "message-signature",
        "org.opencontainers.image.created": CREATED,
    });
    attached(image, BUNDLE, &bundle.descriptor(BUNDLE), &annotations).with_blobs([bundle])
}

/// An artifact with a subject and an empty config (image-spec 1.1, manifest.md, "Guidelines for Artifact Usage"), as
/// ORAS and cosign write it.
fn attached(subject: &Artifact, artifact_type: &str, layer: &Value, annotations: &Value) -> Artifact {
    let config = Blob::new("{}");
    let mut empty = config.descriptor(EMPTY);
    empty["data"] = json!("e30=");
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": artifact_type,
        "config": empty,
        "layers": [layer],
        "subject": subject.descriptor(),
        "annotations": annotations,
    });
    Artifact::written(OCI_MANIFEST, &manifest, Writer::Compact).with_blobs([config])
}

/// Bytes with the format of an ECDSA signature on P-256, two numbers in DER (RFC 3279 §2.2.3), the same in every run.
fn signature(purpose: &str) -> String {
    let mut bytes = vec![0x30, 0x44];
    for half in ["r", "s"] {
        let mut number = Sha256::digest(format!("{purpose} {half}"));
        // Below 2^255, so that it is positive, and at least 2^248, so that it has 32 bytes.
        number[0] = number[0] & 0x7f | 0x40;
        bytes.extend([0x02, 0x20]);
        bytes.extend(number);
    }
    STANDARD.encode(bytes)
}
