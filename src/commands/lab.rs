//! `lab`: the scenarios of the lab, and its registries for other clients.

mod list;
mod serve;
mod show;

use clap::{Args, Subcommand};
use schemars::JsonSchema;
use serde::Serialize;

use super::{CommandError, CommandSpec, Group, Output, Overview};
use crate::diagnosis::ExitStatus;
use crate::lab::{Known, Scenario};
use crate::report::{Form, Published};
use crate::session::Session;

/// The description of `lab`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Rest,
        at: (0, 1),
        usage: "lab",
        about: "simulated registries for practice",
    }),
    one_shot: &[
        ("ociscope lab", "the registries that are simulated"),
        ("ociscope lab list digest", "scenarios with a word"),
        ("ociscope lab show gcr-deepvariant", "one scenario"),
        ("ociscope lab serve gcr-deepvariant", "serve it to other clients"),
    ],
    examples: &[
        ("lab", "the registries that are simulated"),
        ("lab list digest", "scenarios with a word"),
        ("lab show gcr-deepvariant", "one scenario"),
    ],
    forms: &[Published::of::<WrittenLab<'_>>(), Published::of::<serve::WrittenServed<'_>>()],
    ..CommandSpec::named("lab")
};

/// The arguments of `lab`.
#[derive(Debug, Args)]
pub struct LabArguments {
    #[command(subcommand)]
    command: Option<LabCommand>,
}

#[derive(Debug, Subcommand)]
enum LabCommand {
    /// List scenarios with the command to try
    List(list::ListArguments),
    /// Describe a scenario: the registry, its answers, how they are known, what to look at
    Show(show::ShowArguments),
    /// Serve the registries of a scenario on loopback ports, for curl, skopeo, docker and other clients
    Serve(serve::ServeArguments),
}

impl LabArguments {
    /// Whether registries are served, until you end that.
    pub(super) fn serves(&self) -> bool {
        matches!(self.command, Some(LabCommand::Serve(_)))
    }

    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        match &self.command {
            None => list::groups(output),
            Some(LabCommand::List(arguments)) => arguments.run(output),
            Some(LabCommand::Show(arguments)) => arguments.run(output),
            Some(LabCommand::Serve(arguments)) => arguments.run(session, output).await,
        }
    }
}

/// Scenarios of the lab.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenLab<'a> {
    /// The scenarios, grouped by their registries.
    scenarios: Vec<WrittenScenario<'a>>,
}

impl Form for WrittenLab<'_> {
    const NAME: &'static str = "lab";
    const TITLE: &'static str = "Output of `ociscope lab list --json` and `ociscope lab show NAME --json`";
}

/// One scenario.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenScenario<'a> {
    /// Its name, for --lab=NAME.
    name: &'a str,
    /// What it shows, in one line.
    title: &'a str,
    /// The product or service that it simulates.
    registry: &'a str,
    /// When it answered like this: a year, or years.
    year: &'a str,
    /// How it is known, by the weakest part. recorded: from a build of the registry. captured: from the real service. source:
    /// from the registry's source code. printed: from the output of a client. reported: second-hand. inferred: from other known
    /// facts.
    known: Known,
    /// The sources.
    sources: &'a [String],
    /// What happened.
    story: &'a str,
    /// What to look at.
    look: &'a [String],
    /// The image to request.
    reference: &'a str,
    /// The command that shows it.
    command: String,
    /// The exit status of that command.
    exit_code: u8,
    /// The rules with findings, in the order of the findings.
    rules: &'a [String],
    /// Its hosts.
    hosts: Vec<WrittenHost>,
}

/// One host.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenHost {
    /// The address that references and the other hosts use.
    origin: String,
    /// The registry that it answers like; docs/lab.md lists them.
    dialect: String,
    /// The images that it has, as REPOSITORY:TAG.
    images: Vec<String>,
}

impl<'a> WrittenLab<'a> {
    fn of(scenarios: impl Iterator<Item = &'a Scenario>) -> Self {
        Self { scenarios: scenarios.map(WrittenScenario::of).collect() }
    }
}

impl<'a> WrittenScenario<'a> {
    fn of(scenario: &'a Scenario) -> Self {
        let hosts = scenario.hosts().into_iter().map(|host| WrittenHost {
            origin: host.origin,
            dialect: host.dialect.to_owned(),
            images: host.images.into_iter().map(|(image, _)| image).collect(),
        });
        Self {
            name: &scenario.name,
            title: &scenario.title,
            registry: &scenario.registry,
            year: &scenario.year,
            known: scenario.known,
            sources: &scenario.sources,
            story: scenario.story.trim(),
            look: &scenario.look,
            reference: &scenario.reference,
            command: scenario.command().to_string(),
            exit_code: scenario.exit,
            rules: &scenario.finds,
            hosts: hosts.collect(),
        }
    }
}
