//! What can be said at the prompt: every command of the program, and those that only make sense where commands follow
//! each other. The grammar is the program's own, so that nobody learns two.

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use super::commands::{
    CurlArguments, ExitArguments, HeadersArguments, HelpArguments, LoginArguments, LogoutArguments, QueryArguments,
    SessionArguments, SetArguments, ShowArguments, TutorialArguments, UseArguments,
};
use crate::cli::{Global, takes_next};
use crate::commands::{Command, Selection};

/// A line at the prompt.
#[derive(Debug, Parser)]
#[command(
    name = "ociscope",
    bin_name = "",
    no_binary_name = true,
    disable_help_subcommand = true,
    disable_version_flag = true,
    max_term_width = 100
)]
pub(super) struct Spoken {
    #[command(subcommand)]
    pub command: ShellCommand,

    #[command(flatten)]
    pub global: Global,
}

/// The commands of the shell.
#[derive(Debug, Subcommand)]
pub(super) enum ShellCommand {
    #[command(flatten)]
    Everywhere(Command),
    /// Go to an image, a tag, a digest, a platform or a registry; what follows is about it
    Use(UseArguments),
    /// Show an exchange in full, the last or the one of a number
    Show(ShowArguments),
    /// Put the headers of several exchanges side by side
    Headers(HeadersArguments),
    /// Look into the last body, or that of a number, with JSONPath
    Query(QueryArguments),
    /// Print a curl command that repeats an exchange
    Curl(CurlArguments),
    /// List what was exchanged since the shell was opened
    Session(SessionArguments),
    /// Show what every further command is told, or change it
    Set(SetArguments),
    /// Log in to a registry for this session; the password is asked for and not shown
    Login(LoginArguments),
    /// Forget the login for a registry
    Logout(LogoutArguments),
    /// Show what there is to say, or more about one command
    Help(HelpArguments),
    /// Walk through the story that this program began with, in the lab
    #[cfg_attr(not(feature = "lab"), command(skip), expect(dead_code, reason = "it leads through the lab"))]
    Tutorial(TutorialArguments),
    /// Leave
    #[command(alias = "quit")]
    Exit(ExitArguments),
}

impl Spoken {
    /// What of its list the command shows.
    pub fn selection(&self) -> Selection {
        match &self.command {
            ShellCommand::Everywhere(command) => command.selection(),
            _ => Selection::default(),
        }
    }
}

/// The grammar.
pub(super) fn grammar() -> clap::Command {
    let mut grammar = spoken();
    grammar.build();
    grammar
}

/// The grammar as it is declared, without the options that log in on a command line: passwords come through `login`.
fn spoken() -> clap::Command {
    let hidden = |argument: clap::Arg| argument.hide(true);
    ["username", "password_stdin", "login_host"]
        .iter()
        .fold(Spoken::command(), |command, id| command.mut_arg(id, hidden))
}

/// Reads words. What they stand for was put in their place before.
///
/// # Errors
/// Where they are no command, or it is asked for its help.
pub(super) fn parse(words: &[String]) -> Result<Spoken, clap::Error> {
    let matches = spoken().try_get_matches_from(words)?;
    Spoken::from_arg_matches(&matches)
}

/// Where the positional words of a command are among those behind its name, by its grammar: not the options and not
/// their values.
pub(super) fn positionals(command: &clap::Command, words: &[String]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word == "--" {
            found.extend(at + 1..words.len());
            break;
        }
        if word.len() > 1 && word.starts_with('-') {
            at += usize::from(takes_next(command, word));
        } else {
            found.push(at);
        }
        at += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::captured;
    use crate::commands::{Format, Output};
    use crate::lab;
    use crate::report::Style;

    #[test]
    fn the_grammar_makes_sense_to_the_parser() {
        Spoken::command().debug_assert();
    }

    /// Everything that names commands and options, for both builds of the program.
    #[test]
    fn lab_is_offered_by_programs_that_have_it() {
        let help = |mut grammar: clap::Command| {
            grammar.build();
            let below = grammar.get_subcommands_mut().map(|command| command.render_long_help().to_string());
            let below: String = below.collect();
            grammar.render_long_help().to_string() + &below
        };
        let written = |arguments: &[&str]| {
            let captured = captured(&[&["ociscope"], arguments].concat()).unwrap();
            String::from_utf8(captured.stdout).unwrap()
        };
        let screen = {
            let mut written = Vec::new();
            let mut output = Output::new(&mut written, Format::Terminal, Style::new(false), 80);
            let ShellCommand::Help(arguments) = parse(&["help".to_owned()]).unwrap().command else { panic!() };
            arguments.run(&grammar(), &mut output).unwrap();
            String::from_utf8(written).unwrap()
        };
        let offers = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "lab");
        let texts = [
            help(crate::cli::grammar()),
            help(grammar()),
            screen,
            written(&["completions", "bash"]),
            written(&["completions", "fish"]),
            written(&["completions", "powershell"]),
            written(&["man"]),
        ];
        for text in texts {
            assert_eq!(offers(&text), lab::IS_HERE, "{text}");
            assert!(lab::IS_HERE || !text.contains("tutorial"), "{text}");
        }
    }

    #[test]
    fn options_and_their_values_are_not_positional() {
        let grammar = grammar();
        let at = |line: &str| {
            let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
            positionals(grammar.find_subcommand(&words[0]).unwrap(), &words[1..])
        };
        assert_eq!(at("manifest --accept a/b r.test/a"), [2]);
        assert_eq!(at("manifest --accept=a/b r.test/a --raw"), [1]);
        assert_eq!(at("probe --json --lab r.test/a"), [2]);
        assert_eq!(at("query 7 -- --x"), [0, 2]);
        assert_eq!(at("config --platform linux/arm64"), Vec::<usize>::new());
        assert_eq!(at("probe -o report.md r.test/a"), [2]);
        assert_eq!(at("probe -qo report.md r.test/a"), [2]);
        assert_eq!(at("probe -oreport.md -q r.test/a"), [2]);
    }
}
