//! `lab`: what there is in the lab, and its registries for other clients.

mod list;
mod serve;
mod show;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{CommandError, Output};
use crate::diagnosis::ExitStatus;
use crate::lab::Scenario;
use crate::session::Session;

/// What `lab` is told.
#[derive(Debug, Args)]
pub struct LabArguments {
    #[command(subcommand)]
    command: Option<LabCommand>,
}

#[derive(Debug, Subcommand)]
enum LabCommand {
    /// Show every scenario: its name, what there is to see, and the command to try
    List(list::ListArguments),
    /// Tell the story of a scenario: which registry, when, what it answers, how that is known, what to look at
    Show(show::ShowArguments),
    /// Serve the registries of a scenario on loopback ports, for curl, skopeo, docker and other clients
    Serve(serve::ServeArguments),
}

impl LabArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        match &self.command {
            None => list::ListArguments::default().run(output),
            Some(LabCommand::List(arguments)) => arguments.run(output),
            Some(LabCommand::Show(arguments)) => arguments.run(output),
            Some(LabCommand::Serve(arguments)) => arguments.run(session, output).await,
        }
    }
}

/// Scenarios as JSON: `ociscope.lab/1`.
fn as_json<'a>(scenarios: impl Iterator<Item = &'a Scenario>) -> Value {
    let one = |scenario: &Scenario| {
        let hosts = scenario.hosts().into_iter().map(|host| {
            json!({
                "origin": host.origin,
                "dialect": host.dialect,
                "images": host.images.iter().map(|(image, _)| image).collect::<Vec<_>>(),
            })
        });
        json!({
            "name": scenario.name,
            "title": scenario.title,
            "registry": scenario.registry,
            "year": scenario.year,
            "known": scenario.known.as_str(),
            "sources": scenario.sources,
            "story": scenario.story.trim(),
            "look": scenario.look,
            "reference": scenario.reference,
            "command": scenario.command(),
            "exit_code": scenario.exit,
            "rules": scenario.finds,
            "hosts": hosts.collect::<Vec<_>>(),
        })
    };
    json!({ "schema": "ociscope.lab/1", "scenarios": scenarios.map(one).collect::<Vec<_>>() })
}
