//! Where answers come from, if not from the network in this run: the lab, or a recording.

use schemars::JsonSchema;
use serde::Serialize;

use super::layout::{Block, Label, Layout, Span};
use super::value::Report;
use super::words::minute;
use crate::evidence::{Build, Maker, Provenance, instant};

/// The end of the words about a recording.
const NOTHING_SENT: &str = "; nothing was sent";

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
            Some(format!("{what}{lab}{end}{NOTHING_SENT}"))
        }
    }
}

/// Where the answers come from, if not from the network.
pub(super) fn provenance(report: &Report) -> Layout {
    remark(provenance_in_words(report.simulation.as_deref(), report.recorded.as_ref()))
}

/// Where the answers about several references come from, whichever scenarios or runs have them.
pub fn provenance_of_several(report: &Report) -> Layout {
    let lab = report.simulation.as_ref().map(|_| "lab: simulated registries, no network traffic".to_owned());
    let recorded = report.recorded.as_ref();
    remark(recorded.map_or(lab, |recorded| provenance_in_words(None, Some(recorded))))
}

/// Where the answers of each side of a comparison come from. Only where a recording answered both was nothing sent.
pub fn provenance_of_sides(sides: &[Report; 2]) -> Layout {
    if sides.iter().all(|side| side.recorded.is_none()) {
        return sides.iter().map(provenance_of_several).find(|words| !words.is_empty()).unwrap_or_default();
    }
    let of = |(name, side): (&str, &Report)| {
        let words = provenance_in_words(side.simulation.as_deref(), side.recorded.as_ref())?;
        Some(format!("{name}: {}", words.strip_suffix(NOTHING_SENT).unwrap_or(&words)))
    };
    let words: Vec<_> = ["A", "B"].into_iter().zip(sides).filter_map(of).collect();
    remark(Some(words.join("; ")))
}

fn remark(words: Option<String>) -> Layout {
    let Some(words) = words else { return Vec::new() };
    vec![Block::Remark(vec![Span::new(words, Label::Caution)]), Block::Gap]
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
