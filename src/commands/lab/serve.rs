//! `lab serve`: the registries of a scenario, for other clients.

use std::path::PathBuf;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::{CommandError, Output};
use crate::diagnosis::{CommandLine, ExitStatus, Word, words};
use crate::lab::{HostAddress, Lab, scenario};
use crate::oci::Scheme;
use crate::report::{Block, Form, Label, Layout, Span, plain};
use crate::session::Session;

/// The arguments of `lab serve`.
#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// Scenario
    #[arg(value_name = "NAME")]
    scenario: String,

    /// Port of the first host; the others get the following ones [default: any free ports]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,

    /// Write the CA certificate of these hosts to FILE
    #[arg(long, value_name = "FILE")]
    authority: Option<PathBuf>,
}

impl ServeArguments {
    /// Serves until Ctrl-C, which is a success.
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let lab = Lab::start(scenario(&self.scenario)?, self.port).await?;
        if let Some(path) = &self.authority {
            let written = std::fs::write(path, lab.authority_pem());
            written.map_err(|source| CommandError::File { path: path.clone(), source })?;
        }
        output.document(&self.outline(&lab), &WrittenServed::of(&lab).to_json())?;
        // The command goes on, and its result is needed now.
        output.finish()?;
        session.until_stopped().await;
        Ok(ExitStatus::Success)
    }

    fn outline(&self, lab: &Lab) -> Layout {
        let words = format!(
            "lab scenario {}: simulated registries, on this machine only; Ctrl-C stops them",
            lab.scenario().name
        );
        let mut document = vec![Block::Remark(vec![Span::new(words, Label::Caution)]), Block::Gap];
        document.extend(lab.routes().iter().map(|route| {
            Block::Text(vec![
                Span::new(origin(route), Label::Strong),
                plain(" is at "),
                Span::new(format!("{}://{}", route.scheme.as_str(), route.address), Label::Name),
            ])
        }));
        let Some(first) = lab.routes().first() else { return document };
        document.extend([Block::Gap, Block::Heading("Try".to_owned())]);
        let trust = match (&self.authority, first.scheme) {
            (Some(path), Scheme::Https) => words!["--cacert", Word::path(path)],
            (None, Scheme::Https) => words!["-k"],
            (_, Scheme::Http) => Vec::new(),
        };
        let mut command = |words: Vec<Word>| {
            document.push(match CommandLine::of(words) {
                Ok(command) => Block::Command { command, purpose: String::new() },
                Err(unfit) => Block::Text(vec![plain(unfit.to_string())]),
            });
        };
        let address = first.address;
        let base = Word::typed(&format!("{}://{address}/v2/", first.scheme.as_str()), "the address");
        command([words!["curl", "-i"], trust, vec![base]].concat());
        if let Some((image, _)) = lab.scenario().hosts().first().and_then(|host| host.images.first().cloned()) {
            let image = Word::typed(&format!("docker://{address}/{image}"), "the name of the image");
            command(words!["skopeo", "inspect", "--tls-verify=false", image]);
        }
        document
    }
}

/// The address that the hosts of a scenario use among themselves.
fn origin(route: &HostAddress) -> String {
    let port = if route.port == route.scheme.default_port() { String::new() } else { format!(":{}", route.port) };
    format!("{}://{}{port}", route.scheme.as_str(), route.host)
}

/// The hosts of a served scenario.
#[derive(Serialize, JsonSchema)]
pub(in crate::commands) struct WrittenServed<'a> {
    /// The scenario.
    scenario: &'a str,
    /// The CA certificate of these hosts, in PEM.
    authority: String,
    /// Its hosts, by port.
    hosts: Vec<WrittenRoute>,
}

impl Form for WrittenServed<'_> {
    const NAME: &'static str = "lab-serve";
    const TITLE: &'static str = "Output of `ociscope lab serve NAME --json` when its hosts listen";
}

/// One host.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenRoute {
    /// The address that references and the other hosts use.
    origin: String,
    /// The actual address: scheme, loopback address and port.
    address: String,
}

impl<'a> WrittenServed<'a> {
    fn of(lab: &'a Lab) -> Self {
        let host = |route: &HostAddress| WrittenRoute {
            origin: origin(route),
            address: format!("{}://{}", route.scheme.as_str(), route.address),
        };
        Self {
            scenario: &lab.scenario().name,
            authority: lab.authority_pem().to_owned(),
            hosts: lab.routes().iter().map(host).collect(),
        }
    }
}
