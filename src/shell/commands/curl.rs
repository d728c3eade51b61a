//! `curl`: a curl command that repeats an exchange.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::{CommandError, CommandSpec, Group, Output, Overview};
use crate::diagnosis::{CommandLine, ExitStatus, Word, words};
use crate::evidence::{ExchangeId, Purpose, SecretKind};
use crate::report::{Block, Form, Label, Layout, Published, Span, curl};
use crate::session::Remembered;
use crate::shell::error::ShellError;
use crate::shell::state::State;

/// The description of `curl`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Exchanges, at: (0, 1), usage: "curl 7", about: "" }),
    examples: &[("curl", "the last exchange"), ("curl 1", "the first")],
    forms: &[Published::of::<WrittenCurl<'_>>()],
    ..CommandSpec::named("curl")
};

/// The arguments of `curl`.
#[derive(Debug, Args)]
pub(in crate::shell) struct CurlArguments {
    /// Number of the exchange [default: that of the last command]
    #[arg(value_name = "NUMBER")]
    number: Option<u64>,
}

/// A command that repeats an exchange.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenCurl<'a> {
    /// The number of the exchange.
    exchange: ExchangeId,
    /// The lab scenario that answered; null for the network.
    simulation: Option<&'a str>,
    /// The meaning of the variables in the command.
    comments: &'a [String],
    /// The command, without secrets; null if a word cannot be spelled so that POSIX shells, fish and PowerShell agree.
    command: Option<&'a str>,
    /// If a token was sent, a command with curl and jq that gets one; else null.
    token_command: Option<&'a str>,
}

impl Form for WrittenCurl<'_> {
    const NAME: &'static str = "curl";
    const TITLE: &'static str = "curl";
}

impl CurlArguments {
    pub fn run(&self, state: &State, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
        let one = state.exchange(self.number)?;
        let repeated = curl(&one.exchange);
        let token = token_command(&one, state);
        let written = WrittenCurl {
            exchange: one.id,
            simulation: one.simulation.as_deref(),
            comments: &repeated.comments,
            command: repeated.command.as_deref().ok(),
            token_command: token.as_deref(),
        };
        let json = written.to_json();
        let mut document: Layout =
            repeated.comments.iter().map(|line| Block::Text(vec![Span::new(line, Label::Quiet)])).collect();
        document.extend(token.map(|command| Block::Command { command, purpose: String::new() }));
        document.push(match repeated.command {
            Ok(command) => Block::Command { command, purpose: String::new() },
            Err(unfit) => Block::Text(vec![Span::new(unfit.to_string(), Label::Caution)]),
        });
        if let Some(scenario) = &one.simulation {
            let words =
                format!("This was the lab: `ociscope lab serve {scenario}` serves these registries on local ports.");
            document.push(Block::Text(vec![Span::new(words, Label::Caution)]));
        }
        output.fetched(&document, &json, &mut one.redactor()).map_err(CommandError::from)?;
        Ok(ExitStatus::Success)
    }
}

/// A command that gets the token that was sent, from the last token service before the exchange.
fn token_command(one: &Remembered, state: &State) -> Option<CommandLine> {
    if !one.exchange.request.withheld().any(|withheld| withheld.kind == SecretKind::Token) {
        return None;
    }
    let all = state.memory.exchanges();
    let before =
        all.iter().rev().filter(|other| other.id < one.id && other.reference.registry() == one.reference.registry());
    let mut services =
        before.filter(|other| other.exchange.request.purpose == Purpose::Token && other.exchange.is_success());
    let mut asked = curl(&services.next()?.exchange).command.ok()?.into_words();
    asked.retain(|word| !word.is("-i"));
    if let Some(first) = asked.first_mut() {
        *first = Word::syntax("TOKEN=$(curl");
    }
    asked.extend(words![Word::syntax("|"), "jq", "-r", Word::syntax("'.token // .access_token')")]);
    CommandLine::of(asked).ok()
}
