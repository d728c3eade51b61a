//! Where answers come from, if not from the network in this run: the lab, or a recording.

use schemars::JsonSchema;
use serde::Serialize;

use super::words::minute;
use crate::evidence::{Build, Maker, Provenance, instant};

/// The first line of everything that the lab or a recording answered. `None` for the network.
pub fn provenance_in_words(simulation: Option<&str>, recorded: Option<&Provenance>) -> Option<String> {
    match (simulation, recorded) {
        (None, None) => None,
        (Some(scenario), None) => Some(format!("lab scenario {scenario}: simulated, no network traffic")),
        (scenario, Some(recorded)) => {
            let of = recorded.at.map(|at| format!(" of {}", minute(at))).unwrap_or_default();
            let what = match &recorded.maker {
                Maker::Ociscope(build) => format!("unverified recording{of} by ociscope {}", build.version),
                Maker::Other(kind) => format!("unverified answers{of} from {kind}"),
            };
            let lab = scenario.map(|scenario| format!(", lab scenario {scenario}")).unwrap_or_default();
            let end = if recorded.is_incomplete { "; it ended early" } else { "" };
            Some(format!("{what}{lab}{end}; nothing was sent"))
        }
    }
}

/// The program that made a result, and when.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "made")]
pub struct WrittenBuild {
    /// The start of the run in UTC, by RFC 3339; null if it is unknown.
    at: Option<String>,
    /// The version of ociscope.
    version: String,
    /// The operating system.
    os: String,
    /// The processor architecture.
    arch: String,
}

impl WrittenBuild {
    /// A build, and the start of its run in seconds since 1970.
    pub(super) fn of(build: &Build, at: Option<i64>) -> Self {
        let Build { version, os, arch } = build.clone();
        Self { at: at.map(instant), version, os, arch }
    }
}

/// The file that answered instead of the network.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "recording")]
pub struct WrittenProvenance {
    /// The program that recorded it, and when; null if it is the output of another program.
    made: Option<WrittenBuild>,
    /// The kind of output of another program; null for a recording of ociscope.
    imported_from: Option<&'static str>,
    /// Whether the recorded run ended early.
    incomplete: bool,
}

impl WrittenProvenance {
    /// The file in JSON.
    pub fn of(recorded: &Provenance) -> Self {
        let (made, imported_from) = match &recorded.maker {
            Maker::Ociscope(build) => (Some(WrittenBuild::of(build, recorded.at)), None),
            Maker::Other(kind) => (None, Some(*kind)),
        };
        Self { made, imported_from, incomplete: recorded.is_incomplete }
    }
}
