//! Platforms, as indexes and configs write them.

use serde_json::{Map, Value, json};

/// The platform of an image (image-spec, image index, "platform").
#[derive(Debug, Clone, Copy)]
pub(super) struct Platform {
    pub os: &'static str,
    pub architecture: &'static str,
    os_version: Option<&'static str>,
    variant: Option<&'static str>,
}

pub(super) const AMD64: Platform = Platform::of("linux", "amd64");
/// arm64 as Docker's builders write it: without a variant, because v8 is the default.
pub(super) const ARM64: Platform = Platform::of("linux", "arm64");
/// arm64 as Docker Hub's official images list it.
pub(super) const ARM64_V8: Platform = Platform { variant: Some("v8"), ..ARM64 };
pub(super) const S390X: Platform = Platform::of("linux", "s390x");
pub(super) const PPC64LE: Platform = Platform::of("linux", "ppc64le");
/// The platform of attestations, which no engine runs (buildkit, docs/attestations/attestation-storage.md).
pub(super) const UNKNOWN: Platform = Platform::of("unknown", "unknown");

/// The architectures that images are built for, with their variants, if any (GOARCH and its suffixes; image-spec, image
/// index, "Platform Variants").
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
    /// Creates a platform from an operating system and one of the architectures.
    pub fn on(os: &'static str, (architecture, variant): (&'static str, Option<&'static str>)) -> Self {
        Self { variant, ..Self::of(os, architecture) }
    }

    const fn of(os: &'static str, architecture: &'static str) -> Self {
        Self { os, architecture, os_version: None, variant: None }
    }

    /// Creates the platform of a Windows build: a container needs the build of its host.
    pub const fn windows(os_version: &'static str) -> Self {
        Self { os_version: Some(os_version), ..Self::of("windows", "amd64") }
    }

    /// The fields of the platform, the same in an index and in a config.
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
