//! A comparison as JSON: `ociscope.comparison/1`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::comparison::{Comparison, Consequence, Difference, Effect, Kind, Outcome, Part, Served, Side, Who};
use crate::diagnosis::ExitStatus;
use crate::evidence::ExchangeId;
use crate::report::{Form, Report, WrittenReport};
use crate::text::Untrusted;

/// The comparison of two references, or of one reference with and without credentials: one object on one line. Fields and
/// kinds of differences may be added. Labels of secrets are made anew in each run and were not compared.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenComparison<'a> {
    /// `same`: both sides are the same for every client. `unnoticed`: they differ, and no client notices. `noticed`: some
    /// clients notice. `unread`: a side was not served, or the run was interrupted, so nothing was compared.
    outcome: Outcome,
    /// The exit status. 0: the same. 3: differences that no client notices. 4: differences that some clients notice.
    /// Otherwise that of the side that could not be read, as of a report; of two, the one that more likely affects both.
    #[schemars(extend("enum" = statuses()))]
    exit_code: u8,
    /// The two sides: A, then B.
    #[schemars(length(equal = 2))]
    sides: Vec<WrittenSide<'a>>,
    /// The parts side by side: the document of the reference, then the images of an index by platform.
    parts: Vec<WrittenPart<'a>>,
    /// The differences: content first, then the answers around it.
    differences: Vec<WrittenDifference<'a>>,
    /// The consequences for clients.
    consequences: Vec<WrittenConsequence<'a>>,
}

impl Form for WrittenComparison<'_> {
    const NAME: &'static str = "comparison";
    const TITLE: &'static str = "Output of `ociscope compare A B --json`";
}

/// The exit statuses of a comparison.
fn statuses() -> Vec<u8> {
    [0, 3, 4].into_iter().chain(10..=19).chain([130]).collect()
}

/// One side.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenSide<'a> {
    /// Its name.
    side: Side,
    /// The document that a current client is served; null if there is none.
    served: Option<WrittenServed<'a>>,
    /// The diagnosis of this side, with its exchanges.
    report: WrittenReport<'a>,
}

/// A document as it was served.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenServed<'a> {
    /// Its media type.
    media_type: &'a str,
    /// Its digest; null if it is unknown.
    digest: Option<String>,
    /// Its length in bytes; null if it is unknown.
    size: Option<u64>,
    /// The exchange that served it.
    exchange: ExchangeId,
}

/// A part, side by side.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenPart<'a> {
    /// `index` or `manifest` for the document of the reference, else the platform of an image.
    name: &'a str,
    /// Its digest on side A; null if A does not have it.
    a: Option<&'a str>,
    /// Its digest on side B; null if B does not have it.
    b: Option<&'a str>,
    /// Whether it is the same on both sides.
    same: bool,
    /// How the sides compare, in a few words.
    words: &'a str,
}

/// A difference.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenDifference<'a> {
    /// Its kind.
    kind: Kind,
    /// Whether some clients notice it.
    noticed: bool,
    /// Whether the evidence allows no other reading; otherwise it is the most likely one.
    certain: bool,
    /// A sentence.
    text: &'a str,
    /// The exchanges that show it.
    evidence: Vec<WrittenProof>,
}

/// An exchange of one side.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenProof {
    /// The side.
    side: Side,
    /// The number of the exchange in the report of that side.
    exchange: ExchangeId,
}

/// A consequence for some clients.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenConsequence<'a> {
    /// The clients: those that pull by the digest of A, those that pull by tag for the selected platform, those for other
    /// platforms, those that send other Accept headers than current clients, those without credentials.
    who: Who,
    /// What they get: the same image, the same files and settings under other digests, something else, nothing, or what was
    /// not checked.
    effect: Effect,
    /// The side on which they get it; null for both.
    side: Option<Side>,
    /// A sentence.
    text: &'a str,
}

impl<'a> WrittenComparison<'a> {
    pub(super) fn of(comparison: &'a Comparison, reports: &'a [Report; 2], status: ExitStatus) -> Self {
        let side = |side: Side| WrittenSide {
            side,
            served: side.of(&comparison.served).as_ref().map(WrittenServed::of),
            report: WrittenReport::of(side.of(reports)),
        };
        Self {
            outcome: comparison.outcome,
            exit_code: status.code(),
            sides: Side::BOTH.map(side).into(),
            parts: comparison.parts.iter().map(WrittenPart::of).collect(),
            differences: comparison.differences.iter().map(WrittenDifference::of).collect(),
            consequences: comparison.consequences.iter().map(WrittenConsequence::of).collect(),
        }
    }
}

impl<'a> WrittenServed<'a> {
    fn of(served: &'a Served) -> Self {
        let Served { media_type, digest, size, exchange } = served;
        let digest = digest.as_ref().map(ToString::to_string);
        Self { media_type: media_type.as_str(), digest, size: *size, exchange: *exchange }
    }
}

impl<'a> WrittenPart<'a> {
    fn of(part: &'a Part) -> Self {
        let [a, b] = part.digests.each_ref().map(|digest| digest.as_ref().map(Untrusted::as_str));
        Self { name: &part.name, a, b, same: part.is_same, words: &part.words }
    }
}

impl<'a> WrittenDifference<'a> {
    fn of(difference: &'a Difference) -> Self {
        let Difference { kind, is_noticed, is_certain, text, proof } = difference;
        let evidence = proof.iter().map(|&(side, exchange)| WrittenProof { side, exchange }).collect();
        Self { kind: *kind, noticed: *is_noticed, certain: *is_certain, text, evidence }
    }
}

impl<'a> WrittenConsequence<'a> {
    fn of(consequence: &'a Consequence) -> Self {
        let Consequence { who, effect, side, text } = consequence;
        Self { who: *who, effect: *effect, side: *side, text }
    }
}
