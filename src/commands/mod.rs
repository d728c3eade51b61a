//! One command, one file: its arguments, whose comments are its help, and what it does.

mod accept;
mod auth;
mod blob;
mod catalog;
mod completions;
mod config;
mod diagnose;
mod envelope;
mod explain;
mod fetched;
mod get;
mod head;
#[cfg(feature = "lab")]
mod lab;
mod layers;
mod listing;
mod man;
mod manifest;
mod output;
mod path;
mod platforms;
mod probe;
mod progress;
mod referrers;
mod request;
mod rules;
mod schema;
mod several;
mod shown;
mod spec;
mod tags;
#[cfg(test)]
mod tests;
mod tls;

pub use auth::AuthArguments;
pub use blob::BlobArguments;
pub use catalog::CatalogArguments;
pub use completions::CompletionsArguments;
pub use config::ConfigArguments;
pub use diagnose::DiagnoseArguments;
pub use explain::ExplainArguments;
pub use get::GetArguments;
pub use head::HeadArguments;
#[cfg(feature = "lab")]
pub use lab::LabArguments;
pub use layers::LayersArguments;
pub use listing::Selection;
pub use man::ManArguments;
pub use manifest::ManifestArguments;
pub use output::{Format, Output, OutputError};
use path::ApiPath;

pub use path::WrongPath;
pub use platforms::PlatformsArguments;
pub use probe::ProbeArguments;
pub use progress::Progress;
pub use referrers::ReferrersArguments;
pub use rules::RulesArguments;
pub use schema::SchemaArguments;
pub use shown::{EntryKind, Exchanges, List, Shown};
pub use spec::{CommandSpec, Example, FreeText, Group, Overview};
pub use tags::TagsArguments;
pub use tls::TlsArguments;

/// Commands that the shell means where a line does not name one, or that take a line as it is.
pub use {
    blob::SPEC as BLOB, config::SPEC as CONFIG, explain::SPEC as EXPLAIN, manifest::SPEC as MANIFEST,
    probe::SPEC as PROBE,
};

use std::io;
use std::path::PathBuf;

use clap::Subcommand;

use crate::diagnosis::{ExitStatus, Word};
use crate::explanation::UnknownTopic;
use crate::lab::{LabError, NoSuchScenario};
use crate::oci::{Host, Reference, Refusal};
use crate::session::{Session, SessionError, SimulationError};

/// The descriptions of all commands.
pub static COMMANDS: &[&CommandSpec] = &[
    &probe::SPEC,
    &diagnose::SPEC,
    &manifest::SPEC,
    &config::SPEC,
    &layers::SPEC,
    &platforms::SPEC,
    &blob::SPEC,
    &explain::SPEC,
    &rules::SPEC,
    &tags::SPEC,
    &referrers::SPEC,
    &catalog::SPEC,
    &get::SPEC,
    &head::SPEC,
    &auth::SPEC,
    &tls::SPEC,
    #[cfg(feature = "lab")]
    &lab::SPEC,
    &completions::SPEC,
    &man::SPEC,
    &schema::SPEC,
];

/// Whether this is the name of a command that asks a registry, to which the options of a run apply.
pub fn asks_a_registry(verb: &Word) -> bool {
    COMMANDS.iter().any(|spec| spec.asks_a_registry && verb.is(spec.name))
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Send every Accept variant, side by side, and say what the differences mean
    Probe(ProbeArguments),
    /// Find out why an image will not pull: the cause, the proof, the fix
    Diagnose(DiagnoseArguments),
    /// Show the manifest or index of a reference
    Manifest(ManifestArguments),
    /// Show how the image for the platform is run, and where it is from
    Config(ConfigArguments),
    /// List the layers of the image for the platform
    Layers(LayersArguments),
    /// List the platforms that a reference can be run on
    Platforms(PlatformsArguments),
    /// Say what is stored under a digest, and where, or fetch it
    Blob(BlobArguments),
    /// Say what an error means, without asking anybody: a code, a status, a header, a rule, or what a client printed
    Explain(ExplainArguments),
    /// List all rules, with what each of them finds
    Rules(RulesArguments),
    /// List the tags of a repository, all pages, in the order of its registry
    Tags(TagsArguments),
    /// List what is attached to an image: signatures, lists of parts, attestations
    Referrers(ReferrersArguments),
    /// List the repositories of a registry, if it lists them
    Catalog(CatalogArguments),
    /// Ask a registry for any path, and show the answer with its headers
    Get(GetArguments),
    /// Ask a registry for the headers of any path
    Head(HeadArguments),
    /// Show how a registry asks who one is, step by step: challenge, token, what it grants
    Auth(AuthArguments),
    /// Show the certificates that a server presents, and whether they are trusted here
    Tls(TlsArguments),
    /// Registries inside this program that behave like the real ones, for learning and for trying
    #[cfg(feature = "lab")]
    Lab(LabArguments),
    /// Print what a shell needs to complete commands and options
    Completions(CompletionsArguments),
    /// Print the manual page
    Man(ManArguments),
    /// Print the JSON Schema of what the commands print with --json, or list the schemas
    Schema(SchemaArguments),
}

/// The whole program, for commands that describe it.
#[derive(Clone, Copy)]
pub struct Program {
    /// The command line.
    pub grammar: fn() -> clap::Command,
    /// The commands that only the shell has.
    pub shell: &'static [&'static CommandSpec],
}

/// Why a command did not come to a result. What a registry does wrong is a result.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The reference cannot be parsed.
    #[error("{}", .0.explain())]
    Reference(Box<Refusal>),
    /// An address is none of a registry's API.
    #[error(transparent)]
    Path(#[from] WrongPath),
    /// Some of several references cannot be parsed, and nobody can tell what was meant.
    #[error("{}", .0.iter().map(Refusal::explain).collect::<Vec<_>>().join("\n\n"))]
    References(Vec<Refusal>),
    /// Nothing could be sent.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// There is no such scenario.
    #[error(transparent)]
    Scenario(#[from] NoSuchScenario),
    /// The lab could not be started.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// Nothing is known about a topic.
    #[error(transparent)]
    UnknownTopic(#[from] Box<UnknownTopic>),
    /// There is nothing to explain.
    #[error("there is nothing to explain; name a topic or a file, or paste what a client printed to standard input")]
    NoTopic,
    /// A blob has no other name than its digest.
    #[error(
        "a blob is named by its digest: ghcr.io/o/n@sha256:…; `ociscope manifest REF` shows the digests of an image"
    )]
    NoDigest,
    /// Standard input could not be read.
    #[error("standard input could not be read: {0}")]
    Input(#[source] io::Error),
    /// A file could not be read.
    #[error("{} could not be read: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why, as the end of a sentence.
        why: String,
    },
    /// A file could not be written.
    #[error("{} could not be written: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The result could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl From<Refusal> for CommandError {
    fn from(refusal: Refusal) -> Self {
        Self::Reference(Box::new(refusal))
    }
}

impl CommandError {
    /// With what a run ends that comes to no result because of this.
    pub fn exit_status(&self) -> ExitStatus {
        match self {
            Self::Session(SessionError::Simulation(SimulationError::Lab(_))) => ExitStatus::ToolFailed,
            // Nothing is wrong with the command where its reader had enough.
            Self::Output(OutputError::Closed) => ExitStatus::Success,
            Self::Reference(_)
            | Self::References(_)
            | Self::Path(_)
            | Self::Session(_)
            | Self::Scenario(_)
            | Self::UnknownTopic(_)
            | Self::NoTopic
            | Self::NoDigest => ExitStatus::Usage,
            Self::Output(OutputError::RawForEverybody) => ExitStatus::Usage,
            Self::Lab(_) | Self::Input(_) | Self::Unreadable { .. } | Self::File { .. } | Self::Output(_) => {
                ExitStatus::ToolFailed
            }
        }
    }
}

impl Command {
    /// The registry of the first reference or path on the command line: the one that a login and headers which are given
    /// with the command belong to. `None` where the command names none, or the first cannot be read.
    pub fn registry(&self) -> Option<Host> {
        match self {
            Self::Diagnose(arguments) => arguments.registries().next().flatten(),
            _ => self.reference().map(|reference| reference.registry().clone()),
        }
    }

    /// What the command is about: its reference, or that of its path. `None` where it names none or several, or it cannot
    /// be read.
    pub fn reference(&self) -> Option<Reference> {
        let of = |text: &str| Reference::parse(text).ok();
        let of_path = |text: &str| ApiPath::read(text).ok().map(|path| path.reference);
        match self {
            Self::Probe(arguments) => of(&arguments.reference),
            Self::Manifest(arguments) => of(&arguments.reference),
            Self::Config(arguments) => of(&arguments.reference),
            Self::Layers(arguments) => of(&arguments.reference),
            Self::Platforms(arguments) => of(&arguments.reference),
            Self::Blob(arguments) => of(&arguments.reference),
            Self::Tags(arguments) => of(&arguments.reference),
            Self::Referrers(arguments) => of(&arguments.reference),
            Self::Auth(arguments) => of(&arguments.reference),
            Self::Tls(arguments) => arguments.reference(),
            Self::Catalog(arguments) => arguments.reference(),
            Self::Get(arguments) => of_path(&arguments.path),
            Self::Head(arguments) => of_path(&arguments.path),
            Self::Diagnose(_)
            | Self::Explain(_)
            | Self::Rules(_)
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Schema(_) => None,
            #[cfg(feature = "lab")]
            Self::Lab(_) => None,
        }
    }

    /// All registries that the command line names.
    pub fn registries(&self) -> Vec<Host> {
        match self {
            Self::Diagnose(arguments) => arguments.registries().flatten().collect(),
            _ => self.registry().into_iter().collect(),
        }
    }

    /// What of its list a command shows.
    pub fn selection(&self) -> Selection {
        match self {
            Self::Tags(arguments) => arguments.selection.clone(),
            Self::Referrers(arguments) => Selection { limit: arguments.limit, ..Selection::default() },
            _ => Selection::default(),
        }
    }

    /// Whether bytes are to be written as they were received.
    fn asks_for_bytes(&self) -> bool {
        match self {
            Self::Manifest(arguments) => arguments.raw,
            Self::Config(arguments) => arguments.raw,
            Self::Blob(arguments) => arguments.raw,
            Self::Tags(arguments) => arguments.raw,
            Self::Get(arguments) => arguments.raw,
            Self::Tls(arguments) => arguments.raw,
            _ => false,
        }
    }

    /// Whether it shows a document of a registry, which programs get as it is.
    fn shows_a_document(&self) -> bool {
        matches!(self, Self::Manifest(_) | Self::Config(_))
    }

    /// Whether it goes on after its result is there.
    pub fn goes_on(&self) -> bool {
        #[cfg(feature = "lab")]
        if let Self::Lab(arguments) = self {
            return arguments.serves();
        }
        false
    }

    /// Runs the command. `program` is for those that describe the program.
    ///
    /// # Errors
    /// See [`CommandError`].
    pub async fn run(
        &self,
        session: &Session,
        output: &mut Output<'_>,
        program: &Program,
    ) -> Result<ExitStatus, CommandError> {
        let is_public = session.is_for_everybody();
        if self.asks_for_bytes() && is_public {
            return Err(OutputError::RawForEverybody.into());
        }
        output
            .set_bytes(self.asks_for_bytes() || (self.shows_a_document() && output.has_room_for_bytes() && !is_public));
        let result = self.run_alone(session, output, program).await;
        if matches!(result, Ok(ExitStatus::Interrupted)) {
            output.interrupted();
        }
        session
            .take_remarks()
            .into_iter()
            .for_each(|words| output.remark(words, &mut crate::evidence::Redactor::default()));
        result
    }

    async fn run_alone(
        &self,
        session: &Session,
        output: &mut Output<'_>,
        program: &Program,
    ) -> Result<ExitStatus, CommandError> {
        match self {
            Self::Probe(arguments) => arguments.run(session, output).await,
            Self::Diagnose(arguments) => arguments.run(session, output).await,
            Self::Manifest(arguments) => arguments.run(session, output).await,
            Self::Config(arguments) => arguments.run(session, output).await,
            Self::Layers(arguments) => arguments.run(session, output).await,
            Self::Platforms(arguments) => arguments.run(session, output).await,
            Self::Blob(arguments) => arguments.run(session, output).await,
            Self::Explain(arguments) => arguments.run(!session.remembers(), output),
            Self::Rules(arguments) => arguments.run(output),
            Self::Tags(arguments) => arguments.run(session, output).await,
            Self::Referrers(arguments) => arguments.run(session, output).await,
            Self::Catalog(arguments) => arguments.run(session, output).await,
            Self::Get(arguments) => arguments.run(session, output).await,
            Self::Head(arguments) => arguments.run(session, output).await,
            Self::Auth(arguments) => arguments.run(session, output).await,
            Self::Tls(arguments) => arguments.run(session, output).await,
            #[cfg(feature = "lab")]
            Self::Lab(arguments) => arguments.run(session, output).await,
            Self::Completions(arguments) => arguments.run((program.grammar)(), output),
            Self::Man(arguments) => arguments.run((program.grammar)(), output),
            Self::Schema(arguments) => arguments.run(program.shell, output),
        }
    }
}
