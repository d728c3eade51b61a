//! Platforms, as indexes and configurations write them.

use serde_json::{Map, Value, json};

/// What an image runs on (image-spec, image index, "platform").
#[derive(Debug, Clone, Copy)]
pub(super) struct Platform {
    pub os: &'static str,
    pub architecture: &'static str,
    os_version: Option<&'static str>,
    variant: Option<&'static str>,
}

pub(super) const AMD64: Platform = Platform::of("linux", "amd64");
/// As Docker's builders write it: without a variant, because v8 is the usual one.
pub(super) const ARM64: Platform = Platform::of("linux", "arm64");
/// As the official images of Docker Hub are listed.
pub(super) const ARM64_V8: Platform = Platform { variant: Some("v8"), ..ARM64 };
pub(super) const S390X: Platform = Platform::of("linux", "s390x");
pub(super) const PPC64LE: Platform = Platform::of("linux", "ppc64le");
/// What is not meant to be run (buildkit, docs/attestations/attestation-storage.md).
pub(super) const UNKNOWN: Platform = Platform::of("unknown", "unknown");

impl Platform {
    const fn of(os: &'static str, architecture: &'static str) -> Self {
        Self { os, architecture, os_version: None, variant: None }
    }

    /// Windows of some build: a container needs that of its host.
    pub const fn windows(os_version: &'static str) -> Self {
        Self { os_version: Some(os_version), ..Self::of("windows", "amd64") }
    }

    /// Its fields, the same in an index and in a configuration.
    pub fn fields(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("architecture".to_owned(), json!(self.architecture));
        fields.insert("os".to_owned(), json!(self.os));
        if let Some(version) = self.os_version {
            fields.insert("os.version".to_owned(), json!(version));
        }
        if let Some(variant) = self.variant {
            fields.insert("variant".to_owned(), json!(variant));
        }
        fields
    }
}
