//! Stages pairs of images on two registries, and makes the variants that no tool makes.

use std::io::ErrorKind;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::REPOSITORY;
use crate::support::content::{Document, Field, media_type, oci_image};
use crate::support::registry::{Options, Registry};
use crate::support::{digest_of, search_path};

/// A pair of registries, in which every pair of images has a tag of its own.
pub(super) struct Stage {
    pub a: Registry,
    pub b: Registry,
}

impl Stage {
    pub fn new() -> Self {
        let options = || Options { delete: true, schema1: true, ..Options::default() };
        Self { a: Registry::start(options()), b: Registry::start(options()) }
    }

    pub fn on_both(&self, tag: &str, document: &Document) {
        self.each(tag, document, document);
    }

    pub fn each(&self, tag: &str, a: &Document, b: &Document) {
        let repository = repository(tag);
        self.a.push(&repository, tag, a);
        self.b.push(&repository, tag, b);
    }

    /// Pushes to the first registry and has skopeo copy from there to the second.
    pub fn copied(&self, tag: &str, document: &Document, options: &[&str]) {
        let repository = repository(tag);
        self.a.push(&repository, tag, document);
        let [from, to] = [&self.a, &self.b].map(|registry| registry.reference(&repository, tag));
        skopeo_copy(&from, &to, options);
    }
}

/// Pairs that delete content use the common repository, and all others one of their own: what a registry has in another
/// repository it does not serve.
pub(super) fn repository(tag: &str) -> String {
    if tag.ends_with("deleted") { REPOSITORY.to_owned() } else { format!("pairs/{tag}") }
}

fn skopeo_copy(from: &str, to: &str, options: &[&str]) {
    let home = TempDir::new().expect("a home folder");
    let fixed = ["--insecure-policy", "copy", "--src-tls-verify=false", "--dest-tls-verify=false"];
    let output = Command::new("skopeo")
        .args([&fixed[..], options].concat())
        .args([format!("docker://{from}"), format!("docker://{to}")])
        .env_clear()
        .envs(search_path())
        .env("HOME", home.path())
        .output()
        .unwrap_or_else(|error| match error.kind() {
            ErrorKind::NotFound => {
                panic!("this test copies with skopeo: install it, or run `tests/run`, which does it")
            }
            _ => panic!("skopeo cannot be started: {error}"),
        });
    assert!(output.status.success(), "{from} {options:?}: {}", String::from_utf8_lossy(&output.stderr));
}

pub(super) fn value(document: &Document) -> Value {
    serde_json::from_slice(&document.bytes).expect("JSON")
}

/// The document in these bytes.
pub(super) fn written(document: &Document, bytes: Vec<u8>) -> Document {
    Document { digest: digest_of(&bytes), bytes, ..document.clone() }
}

pub(super) fn edited(document: &Document, media_type: &'static str, change: impl FnOnce(&mut Value)) -> Document {
    let mut content = value(document);
    change(&mut content);
    Document { media_type, ..written(document, serde_json::to_vec_pretty(&content).expect("JSON")) }
}

/// The image with another first layer.
pub(super) fn with_layer(image: &Document, layer: Vec<u8>, kind: &str) -> Document {
    let described = json!({ "mediaType": kind, "size": layer.len(), "digest": digest_of(&layer) });
    let edited = edited(image, image.media_type, |image| image["layers"][0] = described);
    Document { blobs: vec![image.blobs[0].clone(), layer], ..edited }
}

/// The image with another config.
pub(super) fn with_config(image: &Document, change: impl FnOnce(&mut Value)) -> Document {
    let mut config: Value = serde_json::from_slice(&image.blobs[0]).expect("JSON");
    change(&mut config);
    let config = serde_json::to_vec(&config).expect("JSON");
    let edited = edited(image, image.media_type, |image| {
        image["config"]["size"] = json!(config.len());
        image["config"]["digest"] = json!(digest_of(&config));
    });
    Document { blobs: vec![config, image.blobs[1].clone()], ..edited }
}

/// The index with an entry that looks like a BuildKit attestation of its first image.
pub(super) fn with_attestation(index: &Document) -> Document {
    let statement = edited(&oci_image("amd64", Field::Present), media_type::OCI_MANIFEST, |image| {
        image["annotations"] = json!({ "is": "an attestation" });
    });
    let own = edited(index, index.media_type, |index| {
        let image = index["manifests"][0]["digest"].clone();
        let entry = json!({
            "mediaType": media_type::OCI_MANIFEST,
            "size": statement.bytes.len(),
            "digest": statement.digest,
            "platform": { "architecture": "unknown", "os": "unknown" },
            "annotations": {
                "vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": image,
            },
        });
        index["manifests"].as_array_mut().expect("a list").push(entry);
    });
    Document { children: [&index.children[..], std::slice::from_ref(&statement)].concat(), ..own }
}
