//! The report as a value. Nothing in it is secret any more, and text from outside is still marked as such.

use schemars::JsonSchema;
use serde::Serialize;

use super::layout::Label;
use crate::diagnosis::{CommandLine, ExitStatus, Finding, Node};
use crate::evidence::{BodyKind, Depth, ExchangeId, Method, Provenance, Redaction, Timing};
use crate::oci::Digest;
use crate::text::Untrusted;

/// Everything that is known about one reference.
#[derive(Debug, Clone)]
pub struct Report {
    /// How far the run went.
    pub depth: Depth,
    /// Which of several references it is, in the order in which they were given, from 0. `None` where there is one.
    pub index: Option<usize>,
    /// The lab scenario that answered, where it was not the network.
    pub simulation: Option<String>,
    /// The file that answered, where it was not the network.
    pub recorded: Option<Provenance>,
    /// What was typed. Escaped before it is shown, because it may have been pasted.
    pub input: Untrusted,
    /// The registry's host, with its port where one was given.
    pub registry: String,
    /// The repository.
    pub repository: String,
    /// The tag, where there is one.
    pub tag: Option<String>,
    /// The digest, where there is one.
    pub digest: Option<String>,
    /// The reference with everything that was added, as one text.
    pub canonical: String,
    /// What was added to what was typed, and what was changed in it, each in words.
    pub understood: Vec<String>,
    /// When the run began, in seconds since 1970, by the clock of this machine.
    pub began: Option<i64>,
    /// Where the requests went: `https://registry-1.docker.io`.
    pub origin: String,
    /// Whether that is the address at which clients expect the registry: `https://registry-1.docker.io` for Docker Hub.
    pub is_usual_origin: bool,
    /// Whether commands can be typed where the report is read: in the shell.
    pub is_typed: bool,
    /// What it comes to.
    pub verdict: Verdict,
    /// The exit status that goes with it.
    pub exit: ExitStatus,
    /// What the rules found, most important first.
    pub findings: Vec<Finding>,
    /// What the answers mean, in sentences.
    pub reading: Vec<String>,
    /// One for each variant.
    pub probes: Vec<ShownProbe>,
    /// The distinct answers.
    pub answers: Vec<ShownAnswer>,
    /// Every exchange, in order of their numbers. In a shell these do not begin with 1.
    pub exchanges: Vec<ShownExchange>,
    /// What the reference is made of, where a diagnosis looked.
    pub tree: Option<Node>,
    /// How the registry asked for credentials and what became of that, step by step.
    pub authentication: Vec<String>,
    /// The platform that was wanted.
    pub platform: String,
    /// Who was asking, in words.
    pub asked_as: String,
    /// The form of the token that was sent, without the token.
    pub token: Option<String>,
    /// What else is to be known about the run: fallbacks, proxies, counted pulls.
    pub notes: Vec<Note>,
    /// How many rounds of requests it took, each sent when the one before was answered.
    pub rounds: usize,
    /// How long all of it took, in milliseconds.
    pub total_ms: f64,
    /// The command that makes the same report for an issue, where there is one.
    pub again: Option<CommandLine>,
    /// What can be done next: a command, and what it is for.
    pub next: Vec<(CommandLine, String)>,
    /// What was taken out.
    pub redactions: Vec<Redaction>,
}

/// Something to know about a run that is not a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// A sentence.
    pub text: String,
    /// Where it belongs.
    pub weight: NoteWeight,
}

/// Where a [`Note`] belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteWeight {
    /// Next to the evidence alone: how it was obtained.
    Evidence,
    /// Next to the answer: how the registry was reached.
    Plain,
    /// Next to the answer, highlighted: a credential was withheld, or a part was not checked.
    Caution,
}

impl Note {
    /// A note on how evidence was obtained.
    pub fn evidence(text: String) -> Self {
        Self { text, weight: NoteWeight::Evidence }
    }

    /// A note on how the registry was reached.
    pub fn plain(text: String) -> Self {
        Self { text, weight: NoteWeight::Plain }
    }

    /// A note that limits what the answer says.
    pub fn caution(text: String) -> Self {
        Self { text, weight: NoteWeight::Caution }
    }

    /// How it looks.
    pub(super) fn label(&self) -> Label {
        match self.weight {
            NoteWeight::Evidence | NoteWeight::Plain => Label::Quiet,
            NoteWeight::Caution => Label::Caution,
        }
    }
}

/// What a run comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Verdict {
    /// It can be pulled, and there is nothing to look out for.
    Ok,
    /// It can be pulled; there is something to look out for.
    Warning,
    /// It cannot be pulled as asked.
    Error,
    /// The run was ended before that was known.
    Unknown,
}

/// One variant and its answer.
#[derive(Debug, Clone)]
pub struct ShownProbe {
    /// The variant's name.
    pub id: &'static str,
    /// Its number in the table.
    pub number: usize,
    /// Its name in plain words.
    pub words: &'static str,
    /// The `Accept` header lines that were sent.
    pub accept: Vec<String>,
    /// How it was sent.
    pub method: Method,
    /// The exchange with its answer; `None` where it was not sent.
    pub exchange: Option<ExchangeId>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// The media type that was served; a refusal serves nothing.
    pub served_type: Option<Untrusted>,
    /// What kind of body a refusal came with, in words, for where the server has none.
    pub refusal_words: Option<Untrusted>,
    /// Whether content of a type was served that was not asked for.
    pub substituted: bool,
    /// The digest of what was served.
    pub digest: Option<Digest>,
    /// The length of what was served, in bytes.
    pub size: Option<u64>,
    /// The first error of a refusal: code and message.
    pub error: Option<(Untrusted, Untrusted)>,
    /// Why there was no answer.
    pub failure: Option<Untrusted>,
    /// The name of its answer.
    pub answer: Option<String>,
}

/// One of the distinct answers.
#[derive(Debug, Clone)]
pub struct ShownAnswer {
    /// `A`, `B`, …
    pub name: String,
    /// The numbers of the variants that got it, and their names.
    pub probes: Vec<(usize, &'static str)>,
    /// The exchange that shows it.
    pub exchange: ExchangeId,
    /// Whether each variant was told its own `Accept` header in it.
    pub repeats_accept: bool,
}

/// One exchange as it can be shown.
#[derive(Debug, Clone)]
pub struct ShownExchange {
    /// Its number.
    pub id: ExchangeId,
    /// Why it was sent.
    pub purpose: &'static str,
    /// GET or HEAD.
    pub method: Method,
    /// Where it went.
    pub url: String,
    /// The request headers.
    pub request_headers: Vec<(String, String)>,
    /// What came back.
    pub response: Option<ShownResponse>,
    /// The command that repeats it without ociscope, where it proves a finding and there is one.
    pub curl: Option<CommandLine>,
    /// What went wrong: the kind and the words.
    pub failure: Option<(&'static str, Untrusted)>,
    /// When it began, in milliseconds from the start of the run.
    pub started_ms: f64,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// Where the time went.
    pub timing: Timing,
    /// The connection that carried it.
    pub connection: ShownConnection,
}

/// A connection as it can be shown.
#[derive(Debug, Clone, Default)]
pub struct ShownConnection {
    /// The address that answered, with its port; a proxy's where one was used.
    pub remote: Option<String>,
    /// Whether it was not sent, because another reference of the command was answered the same request.
    pub shared: bool,
    /// Whether a connection from before was used.
    pub reused: bool,
    /// Whether one from before had been closed meanwhile.
    pub reopened: bool,
    /// The proxy, and what asked for it.
    pub proxy: Option<(String, String)>,
    /// The certificate fault that was let pass.
    pub ignored_fault: Option<Untrusted>,
    /// The certificates that were presented, where one of them is at fault or was accepted with a remark.
    pub presented: Option<ShownChain>,
}

/// Certificates as they can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownChain {
    /// The name they were presented for.
    pub asked_for: Untrusted,
    /// The certificates, the server's own first.
    pub certificates: Vec<ShownCertificate>,
    /// The number of further certificates.
    pub omitted: usize,
}

/// A certificate as it can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownCertificate {
    /// Its length in bytes.
    pub size: usize,
    /// The SHA-256 of its bytes, in 64 hexadecimal digits.
    pub sha256: String,
    /// Why it was not read.
    pub unread: Option<&'static str>,
    /// Its subject.
    pub subject: Option<Untrusted>,
    /// Its issuer.
    pub issuer: Option<Untrusted>,
    /// The names and addresses it is for.
    pub names: Vec<Untrusted>,
    /// The number of further names.
    pub omitted_names: usize,
    /// The start of its validity, in seconds since 1970.
    pub not_before: Option<i64>,
    /// The end of its validity, in seconds since 1970.
    pub not_after: Option<i64>,
    /// Whether it may sign other certificates.
    pub is_authority: bool,
    /// Whether it is signed with its own key.
    pub self_signed: bool,
    /// What makes the connection fail.
    pub mark: Option<CertificateMark>,
}

/// What is wrong with a certificate that makes a connection fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateMark {
    /// Nobody here trusts it, and it has no other issuer.
    Untrusted,
    /// Its issuer was not presented and is not trusted here.
    UntrustedIssuer,
    /// It is for other names.
    OtherName,
    /// It has expired.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// It is an authority's, and presented as a server's.
    AuthorityAsServer,
}

/// A response as it can be shown.
#[derive(Debug, Clone)]
pub struct ShownResponse {
    /// The status code.
    pub status: u16,
    /// The server's own words after it.
    pub reason: Option<Untrusted>,
    /// `HTTP/1.1` or the like.
    pub http_version: String,
    /// The headers.
    pub headers: Vec<(String, Untrusted)>,
    /// The body.
    pub body: ShownBody,
}

/// A body as it can be shown.
#[derive(Debug, Clone)]
pub struct ShownBody {
    /// How many bytes came.
    pub size: u64,
    /// The text, where it is text; at most 64 KiB of it.
    pub text: Option<Untrusted>,
    /// Whether the text is not all of it.
    pub truncated: bool,
    /// The digest of all its bytes, where all were kept: 64 hexadecimal digits.
    pub sha256: Option<String>,
    /// What kind of body it is.
    pub kind: BodyKind,
}

impl Report {
    /// The exchange of a number.
    pub fn exchange(&self, id: ExchangeId) -> Option<&ShownExchange> {
        let at = self.exchanges.binary_search_by_key(&id, |exchange| exchange.id).ok()?;
        self.exchanges.get(at)
    }
}
