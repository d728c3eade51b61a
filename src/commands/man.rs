//! `man`: manual pages, one for each command.

use std::io;
use std::path::{Path, PathBuf};

use clap::builder::ValueHint;
use clap::{Args, Command};
use clap_mangen::Man;

use super::{CommandError, CommandSpec, Output, OutputError};
use crate::diagnosis::ExitStatus;
use crate::text::Untrusted;

/// The description of `man`.
pub const SPEC: CommandSpec = CommandSpec {
    one_shot: &[
        ("ociscope man diagnose", "read the page of a command"),
        ("ociscope man --out ~/.local/share/man/man1", "install all pages"),
        ("ociscope man diagnose > ociscope-diagnose.1", "write one page"),
    ],
    examples: &[("man > ociscope.1", "the page of ociscope"), ("man probe > ociscope-probe.1", "that of a command")],
    ..CommandSpec::named("man")
};

/// The arguments of `man`.
#[derive(Debug, Args)]
pub struct ManArguments {
    /// Command, such as diagnose or tags [default: ociscope itself]
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    command: Vec<String>,

    /// Write all pages to the directory DIR: ociscope.1, ociscope-probe.1, …
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
}

impl ManArguments {
    /// Prints a page: on a terminal as text, elsewhere in the language of `man`.
    pub(super) fn run(&self, mut grammar: Command, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        grammar = grammar.disable_help_subcommand(true);
        grammar.build();
        if let Some(folder) = &self.out {
            let count = write_all(&grammar, folder)?;
            let words = format!("{count} manual pages written to {}\n", printable(folder));
            output.generated(words.as_bytes())?;
            return Ok(ExitStatus::Success);
        }
        let below = |command: &Command, name: &String| command.find_subcommand(name).cloned();
        let command = self.command.iter().try_fold(grammar, |command, name| below(&command, name).ok_or(name));
        let unknown = |name: &String| CommandError::NoManual(Untrusted::from(name.as_str()).named_within(60));
        let mut command = command.map_err(unknown)?;
        let page = page(&command).map_err(OutputError::Write)?;
        output.manual(&page, &command.render_long_help())?;
        Ok(ExitStatus::Success)
    }
}

/// Writes the page of a command and of those below it. Returns how many there are.
fn write_all(command: &Command, folder: &Path) -> Result<usize, CommandError> {
    let path = folder.join(format!("{}.1", title(command)));
    let failed = |source| CommandError::File { path: path.clone(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    std::fs::write(&path, page(command).map_err(failed)?).map_err(failed)?;
    let mut below = command.get_subcommands().map(|below| write_all(below, folder));
    below.try_fold(1, |sum, count| Ok(sum + count?))
}

/// `ociscope-lab-serve`
fn title(command: &Command) -> String {
    command.get_display_name().unwrap_or(command.get_name()).to_owned()
}

/// The page of a command.
fn page(command: &Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let source = format!("ociscope {}", env!("CARGO_PKG_VERSION"));
    // Options that the short help leaves out have a description here.
    let described = command.clone().mut_args(|argument| argument.hide_short_help(false));
    let man = Man::new(described).title(title(command)).section("1").source(source).manual("ociscope");
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    let usage = command.clone().render_usage().to_string();
    page.extend(block("SYNOPSIS", usage.trim_start_matches("Usage:").lines().map(str::trim)).bytes());
    man.render_description_section(&mut page)?;
    let examples = examples(command);
    if !examples.is_empty() {
        page.extend(block("EXAMPLES", examples.iter().map(String::as_str)).bytes());
    }
    if command.get_arguments().any(|argument| !argument.is_hide_set()) {
        man.render_options_section(&mut page)?;
    }
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let after = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    match after.split_once("Exit status:\n") {
        Some((_, status)) => page.extend(block("EXIT STATUS", status.lines()).bytes()),
        None => page.extend(b".SH \"SEE ALSO\"\nociscope(1)\n"),
    }
    Ok(page)
}

/// The examples of a command, as its help has them.
fn examples(command: &Command) -> Vec<String> {
    let text = command.get_before_long_help().map(ToString::to_string).unwrap_or_default();
    let first = text.split("\n\n").next().unwrap_or_default();
    first.lines().skip(1).map(|line| line.trim().to_owned()).collect()
}

/// A section whose lines stay as they are.
fn block<'a>(heading: &str, lines: impl Iterator<Item = &'a str>) -> String {
    let escaped = lines.map(|line| {
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        // A dot or an apostrophe at the beginning of a line is a request.
        if line.starts_with(['.', '\'']) { format!("\\&{line}\n") } else { format!("{line}\n") }
    });
    format!(".SH \"{heading}\"\n.nf\n{}.fi\n", escaped.collect::<String>())
}

fn printable(path: &Path) -> String {
    Untrusted::new(path.display().to_string()).printable()
}
