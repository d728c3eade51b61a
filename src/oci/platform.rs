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
#[error("a platform is OS/ARCH or OS/ARCH/VARIANT, for example linux/amd64 or linux/arm/v7")]
pub struct PlatformError;

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
        match text.split('/').collect::<Vec<_>>()[..] {
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
    fn variant_counts_only_if_both_sides_have_one() {
        let any: Platform = "linux/arm64".parse().unwrap();
        let v7: Platform = "linux/arm/v7".parse().unwrap();
        assert!(any.matches("linux", "arm64", Some("v8")));
        assert!(!v7.matches("linux", "arm", Some("v6")));
        assert!(v7.matches("linux", "arm", None));
    }
}
