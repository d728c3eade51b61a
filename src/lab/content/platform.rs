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

/// The architectures that images are built for, with their variants where they have any (GOARCH and what stands behind
/// it; image-spec, image index, "Platform Variants").
pub(super) const ARCHITECTURES: [(&str, Option<&str>); 20] = [
    ("amd64", None),
    ("amd64", Some("v2")),
    ("amd64", Some("v3")),
    ("amd64", Some("v4")),
    ("arm64", Some("v8")),
    ("arm64", Some("v9")),
    ("arm", Some("v5")),
    ("arm", Some("v6")),
    ("arm", Some("v7")),
    ("386", None),
    ("loong64", None),
    ("mips", None),
    ("mipsle", None),
    ("mips64", None),
    ("mips64le", None),
    ("ppc64", None),
    ("ppc64le", None),
    ("riscv64", None),
    ("s390x", None),
    ("sparc64", None),
];

impl Platform {
    /// One of them, for an operating system.
    pub fn on(os: &'static str, (architecture, variant): (&'static str, Option<&'static str>)) -> Self {
        Self { variant, ..Self::of(os, architecture) }
    }

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
