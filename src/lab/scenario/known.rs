//! How it is known that a registry answers as a scenario has it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How it is known that a registry answers like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Known {
    /// Recorded here, against a build of that registry.
    Recorded,
    /// Captured by somebody from the real service, byte for byte.
    Captured,
    /// Read in the source of that registry.
    Source,
    /// The words are those that a client printed; how they were framed is not known.
    Printed,
    /// Told by somebody, without a capture.
    Reported,
    /// Concluded from something else that is known.
    Inferred,
}

impl Known {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Recorded => "recorded from a build of this registry",
            Self::Captured => "captured from the real service",
            Self::Source => "read in the source of this registry",
            Self::Printed => "in the words that clients printed; the bytes around them are inferred",
            Self::Reported => "told second-hand, without a capture",
            Self::Inferred => "inferred from what is known of it otherwise",
        }
    }

    /// The word that the files use.
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
