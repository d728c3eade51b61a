//! A platform as an index or a config names it.

use serde_json::Value;

use crate::oci::Platform;
use crate::text::Untrusted;

/// A platform as an index lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPlatform {
    os: String,
    architecture: String,
    variant: Option<String>,
    os_version: Option<String>,
}

impl ListedPlatform {
    /// The platform in the fields `os`, `architecture`, `variant` and `os.version` of an object.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let part = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let variant = part("variant").filter(|variant| !variant.is_empty());
        let (os, architecture) = (part("os")?, part("architecture")?);
        Some(Self { os, architecture, variant, os_version: part("os.version") })
    }

    /// The operating system.
    pub fn os(&self) -> &str {
        &self.os
    }

    /// The architecture, by its Go name if the publisher followed that.
    pub fn architecture(&self) -> &str {
        &self.architecture
    }

    /// The variant of the architecture, if there is one.
    pub fn variant(&self) -> Option<&str> {
        self.variant.as_deref()
    }

    /// The version of the operating system, which Windows images name (image-spec, `os.version`).
    pub fn os_version(&self) -> Option<Untrusted> {
        self.os_version.as_deref().map(Untrusted::from)
    }

    /// The same platform with another operating system and architecture.
    pub(crate) fn named(&self, os: String, architecture: String) -> Self {
        Self { os, architecture, ..self.clone() }
    }

    /// Returns `true` if this is the platform `wanted`.
    pub fn is(&self, wanted: &Platform) -> bool {
        wanted.matches(&self.os, &self.architecture, self.variant.as_deref())
    }

    /// The platform as text, `linux/arm/v7`.
    pub fn text(&self) -> Untrusted {
        let variant = self.variant.iter().map(|variant| format!("/{variant}")).collect::<String>();
        Untrusted::new(format!("{}/{}{variant}", self.os, self.architecture))
    }
}
