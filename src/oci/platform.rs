//! Operating system and architecture, by Go's names, as indexes list them.

use std::fmt;
use std::str::FromStr;

/// A platform: operating system, architecture and, where it matters, variant (image-spec, image index, `platform`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// `linux`, `windows`, …
    pub os: String,
    /// `amd64`, `arm64`, …: Go's names.
    pub architecture: String,
    /// `v7`, `v8`, …; `None` accepts any.
    pub variant: Option<String>,
}

/// The error for a text that is not a platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a platform is OS/ARCH, OS/ARCH/VARIANT or ARCH, for example linux/amd64, linux/arm/v7 or arm64")]
pub struct PlatformError;

/// Architectures that Linux images are built for, by Go's names (`go tool dist list`). Where one is written first, no
/// operating system is named, and Linux is meant.
const ARCHITECTURES: [&str; 14] = [
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64",
    "s390x", "wasm",
];

impl Platform {
    /// Linux on the architecture that this program was built for, which is what a client on this machine requests.
    pub fn of_this_machine() -> Self {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "x86" => "386",
            "powerpc64" => "ppc64le",
            "loongarch64" => "loong64",
            other => other,
        };
        Self { os: "linux".to_owned(), architecture: architecture.to_owned(), variant: None }
    }

    /// Returns `true` if a descriptor's platform is this one. Variants are compared only if both sides have one.
    pub fn matches(&self, os: &str, architecture: &str, variant: Option<&str>) -> bool {
        self.os == os
            && self.architecture == architecture
            && match (&self.variant, variant) {
                (Some(wanted), Some(offered)) => wanted == offered,
                _ => true,
            }
    }
}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let part = |part: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            (!part.is_empty() && part.chars().all(plain)).then(|| part.to_ascii_lowercase()).ok_or(PlatformError)
        };
        let is_architecture = |part: &str| ARCHITECTURES.contains(&part.to_ascii_lowercase().as_str());
        let parts = text.split('/').collect::<Vec<_>>();
        let parts = match parts[..] {
            [architecture] | [architecture, _] if is_architecture(architecture) => [&["linux"], &parts[..]].concat(),
            _ => parts,
        };
        match parts[..] {
            [os, architecture] => Ok(Self { os: part(os)?, architecture: part(architecture)?, variant: None }),
            [os, architecture, variant] => {
                Ok(Self { os: part(os)?, architecture: part(architecture)?, variant: Some(part(variant)?) })
            }
            _ => Err(PlatformError),
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platform_survives_a_round_trip() {
        for text in ["linux/amd64", "linux/arm/v7", "windows/amd64"] {
            assert_eq!(text.parse::<Platform>().unwrap().to_string(), text);
        }
        for text in ["", "linux", "linux/", "/amd64", "linux/arm/v7/x", "linux/a b"] {
            assert_eq!(text.parse::<Platform>(), Err(PlatformError), "{text}");
        }
    }

    #[test]
    fn architecture_alone_means_linux() {
        for (text, meant) in [
            ("arm64", "linux/arm64"),
            ("AMD64", "linux/amd64"),
            ("arm64/v8", "linux/arm64/v8"),
            ("arm/v7", "linux/arm/v7"),
            ("s390x", "linux/s390x"),
            ("386", "linux/386"),
            ("ppc64le", "linux/ppc64le"),
        ] {
            assert_eq!(text.parse::<Platform>().map(|platform| platform.to_string()).as_deref(), Ok(meant));
        }
        // Systems are not architectures, and nothing is guessed of a word that is neither.
        for (text, meant) in
            [("windows/arm64", "windows/arm64"), ("linux/arm/v6", "linux/arm/v6"), ("wasi/wasm", "wasi/wasm")]
        {
            assert_eq!(text.parse::<Platform>().map(|platform| platform.to_string()).as_deref(), Ok(meant));
        }
        for text in ["windows", "v8", "arm64/", "arm64/v8/x/y", "x86", "arm 64"] {
            assert_eq!(text.parse::<Platform>(), Err(PlatformError), "{text}");
        }
    }

    #[test]
    fn variant_counts_only_if_both_sides_have_one() {
        let any: Platform = "linux/arm64".parse().unwrap();
        let v7: Platform = "linux/arm/v7".parse().unwrap();
        assert!(any.matches("linux", "arm64", Some("v8")));
        assert!(!v7.matches("linux", "arm", Some("v6")));
        assert!(v7.matches("linux", "arm", None));
    }
}
