//! The evidence for the behavior of a registry in a scenario.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The evidence for the behavior of a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Known {
    /// Recorded by this project from a build of that registry.
    Recorded,
    /// Captured from the real service, byte for byte.
    Captured,
    /// Taken from the source code of that registry.
    Source,
    /// Printed by a client; the rest of the answer is not known.
    Printed,
    /// Reported, without a capture.
    Reported,
    /// Inferred from other evidence.
    Inferred,
}

impl Known {
    /// A description of the evidence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Recorded => "recorded from a build of this registry",
            Self::Captured => "captured from the real service",
            Self::Source => "taken from the source code of this registry",
            Self::Printed => "the message as clients printed it; the rest of the answer is inferred",
            Self::Reported => "reported second-hand, without a capture",
            Self::Inferred => "inferred from other evidence",
        }
    }

    /// The word in scenario files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Captured => "captured",
            Self::Source => "source",
            Self::Printed => "printed",
            Self::Reported => "reported",
            Self::Inferred => "inferred",
        }
    }
}
