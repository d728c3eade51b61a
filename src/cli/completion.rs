//! Completion in the user's own shell: a script of `completions` runs the program, which answers with candidates. No request is
//! sent for it.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Arg, Command};
use clap_complete::engine::{
    ArgValueCandidates, ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _,
};
use clap_complete::env::CompleteEnv;

use super::arguments::LAB;
use super::hosts::hosts;
use super::place::complain;
use crate::commands::COMPLETE;
use crate::diagnosis::{ExitStatus, catalogue};
use crate::evidence::Variant;
use crate::knowledge::topics;
use crate::lab::scenario_names;

/// Common platforms of images.
pub(crate) const USUAL_PLATFORMS: [&str; 4] = ["linux/amd64", "linux/arm64", "linux/arm/v7", "windows/amd64"];

/// Answers a request for completion of a program with this grammar, if the environment says that this is one.
pub(super) fn answered(arguments: &[OsString], grammar: fn() -> Command) -> Option<ExitCode> {
    std::env::var_os(COMPLETE)?;
    let folder = std::env::current_dir().ok();
    let completer =
        CompleteEnv::with_factory(|| completable(grammar())).var(COMPLETE).bin("ociscope").completer("ociscope");
    match completer.try_complete(arguments, folder.as_deref()) {
        Ok(true) => Some(ExitCode::SUCCESS),
        Ok(false) => None,
        Err(error) => {
            complain(error.to_string().trim_end());
            Some(ExitCode::from(ExitStatus::ToolFailed.code()))
        }
    }
}

/// The grammar with the values that its arguments can have.
fn completable(grammar: Command) -> Command {
    grammar
        .mut_args(with_values)
        .mut_subcommands(|command| command.mut_args(with_values).mut_subcommands(|below| below.mut_args(with_values)))
}

/// An argument with its values. Values depend on what an argument is called, as in the shell's own completion.
fn with_values(argument: Arg) -> Arg {
    let candidates: fn() -> Vec<CompletionCandidate> = match argument.get_id().as_str() {
        "accept" => media_types,
        "platform" => || USUAL_PLATFORMS.into_iter().map(CompletionCandidate::new).collect(),
        LAB | "scenario" => || scenario_names().map(CompletionCandidate::new).collect(),
        "reference" | "references" => {
            || hosts().iter().map(|host| CompletionCandidate::new(format!("{host}/"))).collect()
        }
        "server" | "trust_realm" | "login_host" => || hosts().into_iter().map(CompletionCandidate::new).collect(),
        "topic" => return argument.add(ArgValueCompleter::new(topics_and_files)),
        _ => return argument,
    };
    argument.add(ArgValueCandidates::new(candidates))
}

fn media_types() -> Vec<CompletionCandidate> {
    let variants = Variant::twelve();
    let named = variants.iter().filter(|variant| !variant.accept().is_empty());
    let candidate =
        |variant: &Variant| CompletionCandidate::new(variant.id()).help(Some(variant.accept().join(", ").into()));
    named.map(candidate).collect()
}

/// The topics of `explain`, or else files.
fn topics_and_files(typed: &std::ffi::OsStr) -> Vec<CompletionCandidate> {
    let rules = catalogue().iter().map(|rule| {
        CompletionCandidate::new(rule.name).help(Some(rule.summary().trim_end_matches('.').to_owned().into()))
    });
    let named = rules.chain(topics().map(|(_, topic)| CompletionCandidate::new(topic.name.as_str())));
    let start = typed.to_string_lossy();
    let fits = |candidate: &CompletionCandidate| candidate.get_value().to_string_lossy().starts_with(&*start);
    let named = named.filter(fits).collect::<Vec<_>>();
    // A file is rarely called like a topic.
    if named.is_empty() { PathCompleter::file().complete(typed) } else { named }
}
