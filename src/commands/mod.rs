//! The commands. One command, one file: its arguments, whose comments are its help, and its execution.

mod accept;
mod auth;
mod blob;
mod catalog;
mod compare;
mod completions;
mod config;
mod diagnose;
mod envelope;
mod error;
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
mod references;
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
pub use compare::CompareArguments;
pub use completions::{COMPLETE, CompletionsArguments};
pub use config::ConfigArguments;
pub use diagnose::DiagnoseArguments;
pub use error::CommandError;
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
pub use references::{ReferenceList, UnreadList};
pub use referrers::ReferrersArguments;
pub use rules::RulesArguments;
pub use schema::SchemaArguments;
pub use shown::{EntryKind, Exchanges, List, Shown};
pub use spec::{CommandSpec, Example, FreeText, Group, Overview};
pub use tags::TagsArguments;
pub use tls::TlsArguments;

/// Commands that lines without a command mean, or that other rooms refer to.
pub use {
    blob::SPEC as BLOB, config::SPEC as CONFIG, diagnose::SPEC as DIAGNOSE, explain::SPEC as EXPLAIN,
    manifest::SPEC as MANIFEST, probe::SPEC as PROBE,
};

use std::io::Read;

use clap::Subcommand;

use crate::diagnosis::{ExitStatus, Word};
use crate::oci::{Host, Reference};
use crate::session::Session;

/// The id of the option that names a recording, which takes the place of a reference.
pub const FROM: &str = "from";

/// The descriptions of all commands.
pub static COMMANDS: &[&CommandSpec] = &[
    &probe::SPEC,
    &diagnose::SPEC,
    &compare::SPEC,
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

/// Whether this is the name of a command that sends requests, to which the options of a run apply.
pub fn asks_a_registry(verb: &Word) -> bool {
    COMMANDS.iter().any(|spec| spec.asks_a_registry && verb.is(spec.name))
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compare the answers to every Accept header that clients send
    Probe(ProbeArguments),
    /// Find out why an image will not pull: the cause, the proof, the fix
    Diagnose(DiagnoseArguments),
    /// Compare two images, such as one and its mirror: whether clients notice, and why digests differ
    Compare(CompareArguments),
    /// Show the manifest or index of a reference
    Manifest(ManifestArguments),
    /// Show the image config: entrypoint, command, environment, labels
    Config(ConfigArguments),
    /// List the layers of an image
    Layers(LayersArguments),
    /// List the platforms of an image
    Platforms(PlatformsArguments),
    /// Show or fetch a blob
    Blob(BlobArguments),
    /// Explain an error, offline: a code, a status, a header, a rule, or client output
    Explain(ExplainArguments),
    /// List the rules that `diagnose` and `probe` check
    Rules(RulesArguments),
    /// List the tags of a repository
    Tags(TagsArguments),
    /// List the referrers of an image: signatures, SBOMs, attestations
    Referrers(ReferrersArguments),
    /// List the repositories of a registry, if it allows that
    Catalog(CatalogArguments),
    /// Send a GET request to any path of a registry
    Get(GetArguments),
    /// Send a HEAD request to any path of a registry
    Head(HeadArguments),
    /// Trace the authentication handshake: challenge, token request, granted scope
    Auth(AuthArguments),
    /// Show the certificates that a server presents, and whether they are trusted
    Tls(TlsArguments),
    /// Learn and test with built-in simulated registries
    #[cfg(feature = "lab")]
    Lab(LabArguments),
    /// Print shell completions
    Completions(CompletionsArguments),
    /// Show or install manual pages
    Man(ManArguments),
    /// Print the JSON Schema of the output of --json
    Schema(SchemaArguments),
}

/// The program, for commands that describe it.
#[derive(Clone, Copy)]
pub struct Program {
    /// The command line.
    pub grammar: fn() -> clap::Command,
    /// The commands that only the shell has.
    pub shell: &'static [&'static CommandSpec],
}

impl Command {
    /// The registry of the first reference or path: the one that a login and headers of the command line are for. `None` if
    /// the command names none, or the first is not valid.
    pub fn registry(&self) -> Option<Host> {
        match self {
            Self::Probe(arguments) => arguments.registries().next().flatten(),
            Self::Diagnose(arguments) => arguments.registries().next().flatten(),
            Self::Compare(arguments) => arguments.registries().next().flatten(),
            _ => self.reference().map(|reference| reference.registry().clone()),
        }
    }

    /// The reference of the command, or that of its path. `None` if there is none, several, or it is not valid.
    pub fn reference(&self) -> Option<Reference> {
        let of = |text: &Option<String>| Reference::parse(text.as_deref()?).ok();
        let of_path = |text: &str| ApiPath::read(text).ok().map(|path| path.reference);
        match self {
            Self::Probe(arguments) => arguments.only_reference(),
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
            | Self::Compare(_)
            | Self::Explain(_)
            | Self::Rules(_)
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Schema(_) => None,
            #[cfg(feature = "lab")]
            Self::Lab(_) => None,
        }
    }

    /// All registries of the command.
    pub fn registries(&self) -> Vec<Host> {
        match self {
            Self::Probe(arguments) => arguments.registries().flatten().collect(),
            Self::Diagnose(arguments) => arguments.registries().flatten().collect(),
            Self::Compare(arguments) => arguments.registries().flatten().collect(),
            _ => self.registry().into_iter().collect(),
        }
    }

    /// The list of references that the command takes with `-f`.
    fn list(&mut self) -> Option<&mut ReferenceList> {
        match self {
            Self::Probe(arguments) => Some(&mut arguments.listed),
            Self::Diagnose(arguments) => Some(&mut arguments.listed),
            _ => None,
        }
    }

    /// Whether the command reads references from standard input.
    pub fn reads_references(&self) -> bool {
        match self {
            Self::Probe(arguments) => arguments.listed.is_standard_input(),
            Self::Diagnose(arguments) => arguments.listed.is_standard_input(),
            _ => false,
        }
    }

    /// Reads the list of references that is named with `-f`. To be called before anything else of the command, because its
    /// first reference may come from there. `input` is standard input; `None` where commands are read from it.
    ///
    /// # Errors
    /// Where the list cannot be read.
    pub fn load(&mut self, input: Option<&mut dyn Read>) -> Result<(), UnreadList> {
        self.list().map_or(Ok(()), |list| list.load(input))
    }

    /// Whether the command sends requests to a registry or another server.
    pub fn asks(&self) -> bool {
        match self {
            Self::Explain(_) | Self::Rules(_) | Self::Completions(_) | Self::Man(_) | Self::Schema(_) => false,
            #[cfg(feature = "lab")]
            Self::Lab(_) => false,
            _ => true,
        }
    }

    /// The part of its list that the command shows.
    pub fn selection(&self) -> Selection {
        match self {
            Self::Tags(arguments) => arguments.selection.clone(),
            Self::Referrers(arguments) => Selection { limit: arguments.limit, ..Selection::default() },
            _ => Selection::default(),
        }
    }

    /// Whether the command writes bytes as they were received.
    pub fn asks_for_bytes(&self) -> bool {
        match self {
            Self::Manifest(arguments) => arguments.raw,
            Self::Config(arguments) => arguments.asks_for_bytes(),
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
            Self::Compare(arguments) => arguments.run(session, output).await,
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
            Self::Completions(arguments) => arguments.run(&(program.grammar)(), output),
            Self::Man(arguments) => arguments.run((program.grammar)(), output),
            Self::Schema(arguments) => arguments.run(program.shell, output),
        }
    }
}
