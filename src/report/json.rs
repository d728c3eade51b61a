//! The report as JSON: `ociscope.report/1`, one object on one line.

mod exchange;
mod finding;

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::form::Form;
use super::provenance::{WrittenBuild, WrittenProvenance};
use super::value::{Report, ShownAnswer, ShownProbe, Verdict};
use crate::diagnosis::{ExitStatus, Node, Presence, Role};
use crate::evidence::variant::ASKED;
use crate::evidence::{Build, Depth, ExchangeId, Redaction, Variant};
use crate::oci::Digest;
use crate::text::{Untrusted, is_safe};

use exchange::Headers;
pub use exchange::{ExchangeAlone, WrittenExchange, WrittenFailure};
pub use finding::WrittenFinding;

/// The report on one reference: one object on one line. Fields may be added; none that is named here goes away or changes
/// its meaning. Every array keeps a stable order. Nothing secret is in it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "report")]
pub struct WrittenReport<'a> {
    /// What made the report.
    tool: Tool,
    /// What made the report, and when its run began.
    made: WrittenBuild,
    /// The recording that answered instead of the network; absent for real answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    recording: Option<WrittenProvenance>,
    /// The lab scenario that answered instead of the network; null for real answers.
    simulation: Option<&'a str>,
    /// What was asked about.
    reference: WrittenReference<'a>,
    /// `batch`: of one of many references, what the asking client gets was looked at, and no other client's answer. Absent
    /// where all of them were.
    #[serde(skip_serializing_if = "Option::is_none")]
    depth: Option<WrittenDepth>,
    /// Which of several references it is, in the order in which they were given, from 0. Absent where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    /// `ok`: it can be pulled, as far as it was checked; a probe checks only that the manifest is served. `warning`: the
    /// same, and there is something to look out for. `error`: it cannot be pulled as asked. `unknown`: the run ended before
    /// that was known.
    verdict: Verdict,
    /// The exit status of a run for this reference alone. 0: it can be pulled as asked, or, of a probe, its manifest is
    /// served. 1: the tool failed. 2: wrong usage. 10: the name, tag or digest does not exist. 11: not in a form that the
    /// asking client accepts. 12: authentication failed or is missing. 13: refused. 14: rate limited. 15: network. 16: TLS.
    /// 17: integrity. 18: content. 19: the server failed in some other way. 20: a bound cut a list or a batch in which nothing
    /// failed. 130: interrupted by the user.
    exit_code: ExitStatus,
    /// What the rules found, most important first.
    findings: Vec<WrittenFinding<'a>>,
    /// The Accept variants, in a fixed order; those that were not sent too.
    probes: Vec<WrittenProbe<'a>>,
    /// The distinct answers.
    answers: Vec<WrittenAnswer<'a>>,
    /// What the reference is made of, as far as it was looked at; null in a probe, and where nothing was served.
    tree: Option<WrittenNode<'a>>,
    /// Every request and what came of it, in order.
    exchanges: Vec<WrittenExchange<'a>>,
    /// What is to be known about the run, a sentence each: an attempt at HTTPS, a proxy, what was given for another registry
    /// and therefore not sent.
    notes: Vec<&'a str>,
    /// What was taken out because it is secret.
    redactions: Vec<WrittenRedaction<'a>>,
}

/// How far one of many references was looked at.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum WrittenDepth {
    /// As far as the asking client goes.
    Batch,
}

impl Form for WrittenReport<'_> {
    const NAME: &'static str = "report";
    const TITLE: &'static str = "Output of `ociscope probe --json` and `ociscope diagnose --json` for one reference";
}

/// The program.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Tool {
    /// The name of the program.
    #[schemars(extend("const" = env!("CARGO_PKG_NAME")))]
    name: &'static str,
    /// Its version.
    version: &'static str,
}

/// A reference, in its parts.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "reference")]
pub struct WrittenReference<'a> {
    /// As it was typed, without secrets.
    pub input: Cow<'a, str>,
    /// The registry's host, with its port where one was given.
    pub registry: Cow<'a, str>,
    /// The repository.
    pub repository: Cow<'a, str>,
    /// The tag; null where there is none.
    pub tag: Option<Cow<'a, str>>,
    /// The digest; null where there is none.
    pub digest: Option<Cow<'a, str>>,
}

/// One variant and its answer.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenProbe<'a> {
    /// The variant's name. `any` is `*/*`, `none` no header, `all` the four current image types in one line, `asked` what the
    /// user gave with --accept.
    id: VariantId,
    /// The Accept header lines that are sent.
    accept: &'a [String],
    /// How it was sent.
    #[schemars(extend("examples" = ["GET", "HEAD", "POST"]))]
    method: &'static str,
    /// The exchange with its answer; null where it was not sent.
    exchange: Option<ExchangeId>,
    /// The status of the answer; null where there was none.
    #[schemars(range(min = 100, max = 999))]
    status: Option<u16>,
    /// The media type of what was served, without parameters; null for a refusal.
    served_type: Option<&'a str>,
    /// The digest of what was served; null for a refusal.
    digest: Option<String>,
    /// The length of what was served, in bytes; null for a refusal.
    size: Option<u64>,
    /// The first error in a refusal.
    error: Option<WrittenError<'a>>,
    /// The id of the answer that it got; null where there was none.
    answer: Option<&'a str>,
}

/// The name of a variant.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("enum" = variants()))]
struct VariantId(&'static str);

/// An error as a registry names it.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenError<'a> {
    /// Its code.
    code: &'a str,
    /// Its message.
    message: &'a str,
}

/// One answer, and who got it.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenAnswer<'a> {
    /// Its name.
    #[schemars(extend("examples" = ["A"]))]
    id: &'a str,
    /// The variants that got it.
    probes: Vec<VariantId>,
    /// Its status.
    #[schemars(range(min = 100, max = 999))]
    status: Option<u16>,
    /// The headers of one of its exchanges.
    headers: Headers<'a>,
}

/// One thing that a reference is made of.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "node")]
struct WrittenNode<'a> {
    /// What it is in the image.
    role: Role,
    /// Its media type, by what names it.
    media_type: &'a str,
    /// Its digest, by what names it.
    digest: &'a str,
    /// Its length in bytes, by what names it.
    size: Option<u64>,
    /// The platform that it is for.
    platform: Option<&'a str>,
    /// Whether a client for the wanted platform takes it.
    wanted: bool,
    /// What came of looking at it: its bytes may have been fetched and compared with the digest.
    found: Presence,
    /// The exchange that shows that.
    exchange: Option<ExchangeId>,
    /// What it names itself.
    children: Vec<WrittenNode<'a>>,
}

/// One kind of secret.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenRedaction<'a> {
    /// What it was.
    what: &'a str,
    /// How often.
    #[schemars(range(min = 1))]
    count: usize,
    /// How many different values; a password that fifteen requests carried is one.
    #[schemars(range(min = 1))]
    distinct: usize,
}

/// A report as JSON.
pub fn to_json(report: &Report) -> Value {
    WrittenReport::of(report).to_json()
}

impl<'a> WrittenReport<'a> {
    /// A report in this form.
    pub fn of(report: &'a Report) -> Self {
        Self {
            tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
            made: WrittenBuild::of(&Build::current(), report.began),
            recording: report.recorded.as_ref().map(WrittenProvenance::of),
            simulation: report.simulation.as_deref(),
            depth: (report.depth == Depth::Batch).then_some(WrittenDepth::Batch),
            index: report.index,
            reference: WrittenReference {
                input: report.input.as_str().into(),
                registry: report.registry.as_str().into(),
                repository: report.repository.as_str().into(),
                tag: report.tag.as_deref().map(Cow::from),
                digest: report.digest.as_deref().map(Cow::from),
            },
            verdict: report.verdict,
            exit_code: report.exit,
            findings: WrittenFinding::all(&report.findings),
            probes: report.probes.iter().map(WrittenProbe::of).collect(),
            answers: report.answers.iter().map(|answer| WrittenAnswer::of(answer, report)).collect(),
            tree: report.tree.as_ref().map(WrittenNode::of),
            exchanges: report.exchanges.iter().map(WrittenExchange::of).collect(),
            notes: report.notes.iter().map(|note| note.text.as_str()).collect(),
            redactions: report.redactions.iter().map(WrittenRedaction::of).collect(),
        }
    }
}

impl<'a> WrittenProbe<'a> {
    fn of(probe: &'a ShownProbe) -> Self {
        let error = probe.error.as_ref();
        Self {
            id: VariantId(probe.id),
            accept: &probe.accept,
            method: probe.method.as_str(),
            exchange: probe.exchange,
            status: probe.status,
            served_type: text(probe.served_type.as_ref()),
            digest: probe.digest.as_ref().map(Digest::to_string),
            size: probe.size,
            error: error.map(|(code, message)| WrittenError { code: code.as_str(), message: message.as_str() }),
            answer: probe.answer.as_deref(),
        }
    }
}

impl<'a> WrittenAnswer<'a> {
    fn of(answer: &'a ShownAnswer, report: &'a Report) -> Self {
        let response = report.exchange(answer.exchange).and_then(|exchange| exchange.response.as_ref());
        Self {
            id: &answer.name,
            probes: answer.probes.iter().map(|(_, id)| VariantId(id)).collect(),
            status: response.map(|response| response.status),
            headers: response.map(Headers::of).unwrap_or_default(),
        }
    }
}

impl<'a> WrittenNode<'a> {
    fn of(node: &'a Node) -> Self {
        Self {
            role: node.role,
            media_type: node.media_type.as_str(),
            digest: node.digest.as_str(),
            size: node.size,
            platform: text(node.platform.as_ref()),
            wanted: node.wanted,
            found: node.presence,
            exchange: node.exchange,
            children: node.children.iter().map(Self::of).collect(),
        }
    }
}

impl<'a> WrittenRedaction<'a> {
    fn of(redaction: &'a Redaction) -> Self {
        Self { what: &redaction.what, count: redaction.count, distinct: redaction.distinct }
    }
}

/// A value as JSON on one line.
///
/// Characters that could act on a terminal are escaped as `\uNNNN`, so that the line can be printed as it is and still
/// reads back as the very bytes the server sent.
pub fn printable_json(value: &Value) -> String {
    printable(&value.to_string())
}

/// The same for people to read: each field on a line of its own.
pub fn indented_json(value: &Value) -> String {
    // Line breaks inside of strings are escaped in JSON, so these are all between fields.
    format!("{value:#}").split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

/// The names of all variants.
fn variants() -> Vec<&'static str> {
    Variant::twelve().iter().map(Variant::id).chain([ASKED]).collect()
}

fn text(text: Option<&Untrusted>) -> Option<&str> {
    text.map(Untrusted::as_str)
}

/// Escapes what must not reach a terminal. Such characters only ever occur in strings of a JSON text.
fn printable(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    let mut units = [0; 2];
    for character in json.chars() {
        if is_safe(character) {
            shown.push(character);
        } else {
            for unit in character.encode_utf16(&mut units) {
                shown.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_is_safe_to_print_and_reads_back_the_same() {
        let text = "\u{1b}[2J \u{9b} \u{202e} \u{e0041} \u{7f} ok";
        let shown = printable(&json!({ "text": text }).to_string());
        assert!(shown.chars().all(is_safe));
        let back: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(back["text"], text);
    }
}
