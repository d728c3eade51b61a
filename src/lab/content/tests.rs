//! Checks that content is as its name says. These tests compute digests on their own, so that a mistake in the code
//! that generates content cannot hide in the code that checks it.

use std::collections::BTreeMap;
use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{content, document::Artifact, named};
use crate::oci::media_type::*;

fn sha256(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

#[track_caller]
fn made(name: &str) -> Artifact {
    named(name).unwrap_or_else(|| panic!("there is no {name}"))
}

fn read(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// The document with this name, parsed.
#[track_caller]
fn json_of(name: &str) -> Value {
    read(&made(name).bytes)
}

/// A document and all documents that are stored along with it.
fn all(document: &Artifact) -> Vec<&Artifact> {
    let mut found = vec![document];
    found.extend(document.children.iter().flat_map(all));
    found
}

/// The bytes of everything that is stored along with a document, by the digest that they are stored under.
fn stored(document: &Artifact) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for document in all(document) {
        found.insert(document.digest.clone(), document.bytes.to_vec());
        found.extend(document.blobs.iter().map(|blob| (blob.digest.clone(), blob.bytes.to_vec())));
    }
    found
}

/// The descriptors in a document, and the fields that they are in.
fn descriptors(content: &Value) -> Vec<(&'static str, &Value)> {
    let one = |name| content.get(name).map(|found| (name, found)).into_iter();
    let many = |name| content[name].as_array().into_iter().flatten().map(move |found| (name, found));
    one("config").chain(one("subject")).chain(many("layers")).chain(many("manifests")).collect()
}

/// All inconsistencies in a document.
fn inconsistencies(document: &Artifact) -> Vec<String> {
    let stored = stored(document);
    let mut found = Vec::new();
    for (digest, bytes) in &stored {
        if sha256(bytes) != *digest {
            found.push(if all(document).iter().any(|other| other.digest == *digest) {
                "document has another digest".to_owned()
            } else {
                "blob has another digest".to_owned()
            });
        }
    }
    for content in all(document).iter().map(|document| read(&document.bytes)) {
        for (place, descriptor) in descriptors(&content) {
            let digest = descriptor["digest"].as_str().unwrap();
            let Some(bytes) = stored.get(digest) else {
                found.push(format!("{place} is not there"));
                continue;
            };
            if descriptor["size"] != json!(bytes.len()) {
                found.push(format!("{place} has another size"));
            }
            if let Some(data) = descriptor["data"].as_str() {
                assert_eq!(&STANDARD.decode(data).unwrap(), bytes);
            }
        }
    }
    found
}

#[test]
fn digests_and_sizes_are_true_unless_the_name_says_otherwise() {
    for (name, _) in content() {
        let expected: &[&str] = match name {
            // The digest does not cover the signature.
            "schema1-signed" => &["document has another digest"],
            // The damage is in a digit of that size.
            "wrong-manifest-bytes" => &["document has another digest", "layers has another size"],
            "wrong-bytes" => &["blob has another digest"],
            "wrong-size" => &["config has another size", "layers has another size"],
            "missing-config" => &["config is not there"],
            "missing-layer" | "missing-layer-of-250" | "foreign-layers" => &["layers is not there"],
            "index-missing-child" | "index-missing-attestation" => &["manifests is not there"],
            "index-all-children-gone" | "index-missing-image-and-attestation" => &["manifests is not there"; 2],
            _ => &[],
        };
        assert_eq!(inconsistencies(&made(name)), expected, "{name}");
    }
}

#[test]
fn content_is_the_same_in_every_run() {
    for (name, _) in content() {
        let (once, again) = (made(name), made(name));
        assert_eq!(once.digest, again.digest, "{name}");
        assert!(name == "schema1-signed" || stored(&once) == stored(&again), "{name}");
    }
    let digests: BTreeMap<_, _> = content().map(|(name, _)| (made(name).digest, name)).collect();
    // These are one document: they differ in the parts that are stored with it, or in the damage to the stored copy.
    let same = ["docker-image", "missing-config", "missing-layer", "wrong-bytes", "wrong-manifest-bytes"];
    assert!(same.iter().all(|name| made(name).digest == made("docker-image").digest));
    assert_eq!(made("image-with-referrers").digest, made("oci-image").digest);
    for (name, whole) in [
        ("index-missing-child", "oci-index"),
        ("index-all-children-gone", "oci-index"),
        ("index-missing-attestation", "index-with-attestations"),
        ("index-missing-image-and-attestation", "index-with-attestations"),
    ] {
        assert_eq!(made(name).digest, made(whole).digest, "{name}");
    }
    assert_eq!(digests.len(), content().count() - (same.len() - 1) - 5);
}

#[test]
fn documents_have_the_types_that_their_tools_write() {
    let docker_layer = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    let layer = "application/vnd.oci.image.layer.v1.tar+gzip";
    let foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    let in_toto = "application/vnd.in-toto+json";
    let spdx = "application/spdx+json";
    for (name, manifest, config, layers) in [
        ("docker-image", DOCKER_V2, DOCKER_CONFIG, vec![docker_layer]),
        ("docker-image-newer", DOCKER_V2, DOCKER_CONFIG, vec![docker_layer]),
        ("deepvariant", DOCKER_V2, DOCKER_CONFIG, vec![docker_layer; 11]),
        ("arm64-image", DOCKER_V2, DOCKER_CONFIG, vec![docker_layer]),
        ("foreign-layers", DOCKER_V2, DOCKER_CONFIG, vec![foreign, docker_layer]),
        ("oci-image", OCI_MANIFEST, OCI_CONFIG, vec![layer]),
        ("zstd-layers", OCI_MANIFEST, OCI_CONFIG, vec!["application/vnd.oci.image.layer.v1.tar+zstd"]),
        ("attestation", OCI_MANIFEST, OCI_CONFIG, vec![in_toto; 2]),
        (
            "helm-chart",
            OCI_MANIFEST,
            "application/vnd.cncf.helm.config.v1+json",
            vec!["application/vnd.cncf.helm.chart.content.v1.tar+gzip"],
        ),
        ("cosign-signature", OCI_MANIFEST, OCI_CONFIG, vec!["application/vnd.dev.cosign.simplesigning.v1+json"]),
        ("cosign-attestation", OCI_MANIFEST, OCI_CONFIG, vec!["application/vnd.dsse.envelope.v1+json"]),
        ("sif", OCI_MANIFEST, "application/vnd.sylabs.sif.config.v1", vec!["application/vnd.sylabs.sif.layer.v1.sif"]),
        ("wasm", OCI_MANIFEST, "application/vnd.wasm.config.v0+json", vec!["application/wasm"]),
        ("buildkit-cache", OCI_MANIFEST, "application/vnd.buildkit.cacheconfig.v0", vec![layer]),
        ("artifact", OCI_MANIFEST, "application/vnd.oci.empty.v1+json", vec![spdx]),
    ] {
        let document = made(name);
        let content = read(&document.bytes);
        assert_eq!(document.media_type, manifest, "{name}");
        assert_eq!(content["config"]["mediaType"], config, "{name}");
        let types: Vec<_> = content["layers"].as_array().unwrap().iter().map(|layer| &layer["mediaType"]).collect();
        assert_eq!(types, layers, "{name}");
        let said = content.get("mediaType").map(|said| said == manifest);
        assert_eq!(said, (!["helm-chart", "sif"].contains(&name)).then_some(true), "{name}");
    }
    for (name, list, child) in [
        ("docker-list", DOCKER_LIST, DOCKER_V2),
        ("oci-index", OCI_INDEX, OCI_MANIFEST),
        ("mixed-tree", DOCKER_LIST, OCI_MANIFEST),
        ("nested-index", OCI_INDEX, OCI_INDEX),
    ] {
        let content = json_of(name);
        assert_eq!((made(name).media_type.as_str(), &content["mediaType"]), (list, &json!(list)), "{name}");
        let children = content["manifests"].as_array().unwrap();
        assert!(children.iter().all(|entry| entry["mediaType"] == child), "{name}");
    }
}

#[test]
fn documents_without_media_type_differ_in_nothing_else() {
    for (name, whole, kind) in
        [("oci-image-no-mediatype", "oci-image", OCI_MANIFEST), ("oci-index-no-mediatype", "oci-index", OCI_INDEX)]
    {
        let (mut expected, content) = (json_of(whole), json_of(name));
        expected.as_object_mut().unwrap().shift_remove("mediaType");
        assert_eq!(content.to_string(), expected.to_string(), "{name}");
        assert_eq!(made(name).media_type, kind);
    }
}

fn platforms(name: &str) -> Vec<String> {
    let content = json_of(name);
    let platform = |entry: &Value| {
        let field = |name: &str| entry["platform"][name].as_str().map(|value| format!("/{value}")).unwrap_or_default();
        let parts: String = ["os", "architecture", "variant", "os.version"].map(field).concat();
        parts.trim_start_matches('/').to_owned()
    };
    content["manifests"].as_array().unwrap().iter().map(platform).collect()
}

#[test]
fn lists_have_the_platforms_in_their_names() {
    let two = ["linux/amd64", "linux/arm64/v8"];
    for name in ["docker-list", "oci-index", "oci-index-no-mediatype", "mixed-tree", "index-missing-child"] {
        assert_eq!(platforms(name), two, "{name}");
    }
    assert_eq!(platforms("docker-list-arm64"), ["linux/arm64/v8"]);
    assert_eq!(platforms("index-other-platforms"), ["linux/s390x", "linux/ppc64le"]);
    assert_eq!(platforms("windows-index"), ["windows/amd64/10.0.17763.5329", "windows/amd64/10.0.20348.2227"]);
    assert_eq!(platforms("nested-index"), [""]);
    let unknown = "unknown/unknown";
    assert_eq!(platforms("index-with-attestations"), ["linux/amd64", "linux/arm64", unknown, unknown]);
    for (name, many) in [("index-20-platforms", 20), ("index-100-children", 100)] {
        let different: std::collections::BTreeSet<_> = platforms(name).into_iter().collect();
        assert_eq!(different.len(), many);
    }
}

/// The platform in the config of an image.
fn own_platform(image: &Artifact) -> Value {
    let config = read(&image.blobs[0].bytes);
    let mut fields = config.as_object().unwrap().clone();
    fields.retain(|name, _| ["os", "architecture", "os.version", "variant"].contains(&name.as_str()));
    Value::Object(fields)
}

#[test]
fn children_have_the_platforms_in_the_list() {
    for (name, _) in content() {
        let document = made(name);
        let content = read(&document.bytes);
        for entry in content["manifests"].as_array().into_iter().flatten() {
            let Some(child) = document.children.iter().find(|child| entry["digest"] == child.digest) else { continue };
            let is_wrong = name == "index-wrong-config-platform" && entry["platform"]["architecture"] == "arm64";
            if is_wrong {
                assert_eq!(own_platform(child), json!({ "architecture": "amd64", "os": "linux" }));
            } else if let Some(platform) = entry.get("platform").filter(|_| name != "index-variant-only-in-index") {
                assert_eq!(own_platform(child), *platform, "{name}");
            }
        }
    }
    let expected = json!({ "architecture": "arm64", "os": "linux", "variant": "v8" });
    assert_eq!(own_platform(&made("arm64-image")), expected);
}

/// Decompresses a layer. Of zstd it supports only raw blocks (RFC 8878 §3.1.1).
fn unpacked(media_type: &str, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if media_type.ends_with("gzip") {
        flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap();
    } else if media_type.ends_with("+zstd") {
        assert_eq!(bytes[..5], [0x28, 0xb5, 0x2f, 0xfd, 0xa0], "magic, and a header with a length of four bytes");
        let length = u32::from_le_bytes(bytes[5..9].try_into().unwrap());
        let mut rest = &bytes[9..];
        loop {
            let header = u32::from_le_bytes([rest[0], rest[1], rest[2], 0]);
            assert_eq!(header >> 1 & 3, 0, "a raw block");
            let (block, after) = rest[3..].split_at((header >> 3) as usize);
            out.extend(block);
            rest = after;
            if header & 1 == 1 {
                break;
            }
        }
        assert!(rest.is_empty() && out.len() == length as usize);
    } else {
        out = bytes.to_vec();
    }
    out
}

#[test]
fn configs_name_the_digests_of_their_layers() {
    let mut checked = 0;
    for (name, _) in content() {
        // The mismatch is the fault of these.
        if ["wrong-bytes", "duplicate-keys", "layer-not-in-config", "gzip-layer-called-tar"].contains(&name) {
            continue;
        }
        let content = made(name);
        let stored = stored(&content);
        for document in all(&content) {
            let manifest = read(&document.bytes);
            let of_image = [DOCKER_CONFIG, OCI_CONFIG].iter().any(|kind| manifest["config"]["mediaType"] == **kind);
            let config = manifest["config"]["digest"].as_str().and_then(|digest| stored.get(digest));
            let (true, Some(config)) = (of_image, config) else { continue };
            let config = read(config);
            let (diff_ids, layers) = (&config["rootfs"]["diff_ids"], manifest["layers"].as_array().unwrap());
            assert_eq!(diff_ids.as_array().unwrap().len(), layers.len(), "{name}");
            for (layer, diff_id) in layers.iter().zip(diff_ids.as_array().unwrap()) {
                let Some(bytes) = stored.get(layer["digest"].as_str().unwrap()) else { continue };
                assert_eq!(*diff_id, sha256(&unpacked(layer["mediaType"].as_str().unwrap(), bytes)), "{name}");
                checked += 1;
            }
            if let Some(steps) = config.get("history").and_then(Value::as_array).filter(|steps| steps.len() > 1) {
                assert_eq!(steps.iter().filter(|step| step["empty_layer"] != true).count(), layers.len(), "{name}");
            }
        }
    }
    assert!(checked > 40, "{checked}");
}

#[test]
fn image_of_2018_has_its_settings_in_its_config_only() {
    let image = made("deepvariant");
    let config = read(&image.blobs[0].bytes);
    assert_eq!(config["config"]["Env"][1], "DV_GPU_BUILD=0");
    assert_eq!(config["config"]["Cmd"], json!(["/bin/bash"]));
    assert_eq!(config["history"].as_array().map(Vec::len), Some(14));
    assert!(!String::from_utf8_lossy(&image.bytes).contains("bash"));
}

#[test]
fn signed_schema1_has_the_digest_of_its_payload() {
    let document = made("schema1-signed");
    assert_eq!(document.media_type, DOCKER_V1_SIGNED);
    let content = read(&document.bytes);
    assert_eq!((&content["schemaVersion"], &content["name"]), (&json!(1), &json!("legacy/greeting")));
    let protected = content["signatures"][0]["protected"].as_str().unwrap();
    let protected = read(&URL_SAFE_NO_PAD.decode(protected).unwrap());
    let mut payload = document.bytes[..protected["formatLength"].as_u64().unwrap() as usize].to_vec();
    payload.extend(URL_SAFE_NO_PAD.decode(protected["formatTail"].as_str().unwrap()).unwrap());
    assert_eq!(document.digest, sha256(&payload));
    let stored = stored(&document);
    let layers: Vec<_> =
        content["fsLayers"].as_array().unwrap().iter().map(|layer| layer["blobSum"].as_str()).collect();
    assert!(layers.iter().all(|digest| stored.contains_key(digest.unwrap())));
    // The digest of the empty layer, well known from old manifests.
    let empty = "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";
    assert_eq!(layers[0], Some(empty));
    let top = read(content["history"][0]["v1Compatibility"].as_str().unwrap().as_bytes());
    let below = read(content["history"][1]["v1Compatibility"].as_str().unwrap().as_bytes());
    assert_eq!((&top["parent"], &top["config"]["Cmd"]), (&below["id"], &json!(["/greeting"])));
}

#[test]
fn attestations_refer_to_their_images() {
    let index = made("index-with-attestations");
    let content = read(&index.bytes);
    for number in [0, 1] {
        let (image, entry) = (&content["manifests"][number], &content["manifests"][number + 2]);
        assert_eq!(entry["annotations"]["vnd.docker.reference.type"], "attestation-manifest");
        assert_eq!(entry["annotations"]["vnd.docker.reference.digest"], image["digest"]);
        let attestation = index.children.iter().find(|child| entry["digest"] == child.digest).unwrap();
        let statement = read(&attestation.blobs[1].bytes);
        let hex = image["digest"].as_str().unwrap().trim_start_matches("sha256:");
        assert_eq!(statement["subject"][0]["digest"]["sha256"], hex);
        let layer = &read(&attestation.bytes)["layers"][0];
        assert_eq!(layer["annotations"]["in-toto.io/predicate-type"], statement["predicateType"]);
    }
    assert_eq!(content["manifests"][2]["digest"], made("attestation").digest);
}

#[test]
fn artifacts_refer_to_the_image_that_they_name() {
    let image = made("oci-image");
    // The size of this config is that of the example in cosign's specification.
    assert_eq!(made("cosign-signature").blobs[0].bytes.len(), 233);
    let payload = read(&made("cosign-signature").blobs[1].bytes);
    assert_eq!(payload["critical"]["image"]["docker-manifest-digest"], image.digest);
    let envelope = read(&made("cosign-attestation").blobs[1].bytes);
    let statement = read(&STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap());
    assert!(image.digest.ends_with(statement["subject"][0]["digest"]["sha256"].as_str().unwrap()));

    let artifact = json_of("artifact");
    assert_eq!(artifact["artifactType"], "application/spdx+json");
    assert_eq!(artifact["subject"]["digest"], image.digest);
    // Of `{}`, as the image specification prints it.
    let empty = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    assert_eq!((&artifact["config"]["digest"], &artifact["config"]["size"]), (&json!(empty), &json!(2)));

    let with_referrers = made("image-with-referrers");
    let types: Vec<_> = with_referrers.children.iter().map(|child| read(&child.bytes)).collect();
    assert!(types.iter().all(|referrer| referrer["subject"]["digest"] == image.digest));
    let types: Vec<_> = types.iter().map(|referrer| referrer["artifactType"].as_str()).collect();
    assert_eq!(types, [Some("application/spdx+json"), Some("application/vnd.dev.sigstore.bundle.v0.3+json")]);
}

#[test]
fn files_of_other_tools_have_their_magic_numbers() {
    let sif = made("sif").blobs[1].bytes.clone();
    assert_eq!(
        (&sif[..32], &sif[32..41], sif.len()),
        (&b"#!/usr/bin/env run-singularity\n\0"[..], &b"SIF_MAGIC"[..], 128)
    );
    assert_eq!(made("wasm").blobs[1].bytes, b"\0asm\x01\0\0\0"[..]);
}

#[test]
fn windows_base_layer_has_an_address_instead_of_a_blob() {
    let layer = &json_of("foreign-layers")["layers"][0];
    let address =
        format!("https://mcr.microsoft.com/v2/windows/nanoserver/blobs/{}", layer["digest"].as_str().unwrap());
    assert_eq!(layer["urls"], json!([address]));
}
