//! `lab serve`: a scenario's registries for other clients.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::commands::{CommandError, Output};
use crate::diagnosis::{CommandLine, ExitStatus, Word, words};
use crate::lab::{Lab, Route, scenario};
use crate::oci::Scheme;
use crate::report::{Block, Document, Label, Span, plain};
use crate::session::Session;

/// What `lab serve` is told.
#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// The scenario
    #[arg(value_name = "NAME")]
    name: String,

    /// The port of the first host; the others have those after it [default: whichever are free]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,

    /// Write the certificate of the authority that signs for these hosts to this file
    #[arg(long, value_name = "FILE")]
    authority: Option<PathBuf>,
}

impl ServeArguments {
    /// Serves until the user interrupts, which is how it is meant to end.
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let lab = Lab::start(scenario(&self.name)?, self.port).await?;
        if let Some(path) = &self.authority {
            let written = std::fs::write(path, lab.authority_pem());
            written.map_err(|source| CommandError::File { path: path.clone(), source })?;
        }
        output.document(&self.outline(&lab), &as_json(&lab))?;
        session.until_stopped().await;
        Ok(ExitStatus::Success)
    }

    fn outline(&self, lab: &Lab) -> Document {
        let words = format!(
            "lab scenario {}: simulated registries, on this machine alone; Ctrl-C stops them",
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

/// The address by which the hosts of a scenario know each other.
fn origin(route: &Route) -> String {
    let port = if route.port == route.scheme.default_port() { String::new() } else { format!(":{}", route.port) };
    format!("{}://{}{port}", route.scheme.as_str(), route.host)
}

/// `ociscope.lab.serve/1`.
fn as_json(lab: &Lab) -> Value {
    let host = |route: &Route| {
        json!({
            "origin": origin(route),
            "address": format!("{}://{}", route.scheme.as_str(), route.address),
        })
    };
    json!({
        "schema": "ociscope.lab.serve/1",
        "scenario": lab.scenario().name,
        "authority": lab.authority_pem(),
        "hosts": lab.routes().iter().map(host).collect::<Vec<_>>(),
    })
}
