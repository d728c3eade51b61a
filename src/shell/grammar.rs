//! The grammar of the shell: every command of the program, and those that only the shell has. It is the grammar of the
//! command line, so that there is one to learn.

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use super::commands::{
    CloseArguments, CurlArguments, ExitArguments, HeadersArguments, HelpArguments, LoginArguments, LogoutArguments,
    OpenArguments, QueryArguments, RecordArguments, SessionArguments, SetArguments, ShowArguments, TutorialArguments,
    UnsetArguments, UseArguments, specs,
};
use crate::cli::{Global, Help, takes_next};
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
    /// Go to an image, a tag, a digest or a platform, for all further commands
    Use(UseArguments),
    /// Show an exchange in full
    Show(ShowArguments),
    /// Compare the headers of several exchanges side by side
    Headers(HeadersArguments),
    /// Query a response body with JSONPath
    Query(QueryArguments),
    /// Print a curl command that repeats an exchange
    Curl(CurlArguments),
    /// List the exchanges of this session
    Session(SessionArguments),
    /// Write the requests of this session and their answers to a file
    Record(RecordArguments),
    /// Take all answers from a recording instead of the network
    Open(OpenArguments),
    /// Close the recording: requests are sent again
    Close(CloseArguments),
    /// Show or change the settings of this session
    Set(SetArguments),
    /// Clear a setting
    Unset(UnsetArguments),
    /// Log in to a registry for this session; asks for the password without echo
    Login(LoginArguments),
    /// Forget the login for a registry
    Logout(LogoutArguments),
    /// Show all commands, or examples of one
    Help(HelpArguments),
    /// Learn by example, in the lab: why an image was not found
    #[cfg_attr(not(feature = "lab"), command(skip), expect(dead_code, reason = "it needs the lab"))]
    Tutorial(TutorialArguments),
    /// Leave
    #[command(alias = "quit")]
    Exit(ExitArguments),
}

impl Spoken {
    /// The part of its list that the command shows.
    pub fn selection(&self) -> Selection {
        match &self.command {
            ShellCommand::Everywhere(command) => command.selection(),
            _ => Selection::default(),
        }
    }
}

impl ShellCommand {
    /// Whether its result is what the registry sent, and not a text of ours.
    pub fn asks_for_bytes(&self) -> bool {
        match self {
            Self::Everywhere(command) => command.asks_for_bytes(),
            Self::Query(arguments) => arguments.raw,
            _ => false,
        }
    }
}

/// The grammar.
pub(super) fn grammar() -> clap::Command {
    let mut grammar = spoken();
    grammar.build();
    grammar
}

/// The grammar with its help, which does not show the options of a login: in the shell, `login` asks for the password.
fn spoken() -> clap::Command {
    let help = Help { examples: |spec| spec.examples, hidden: &["username", "password_stdin", "login_host"] };
    help.lay_out(Spoken::command(), specs())
}

/// Parses words in which short forms were already replaced.
///
/// # Errors
/// Where they are not a command, or ask for its help.
pub(super) fn parse(words: &[String]) -> Result<Spoken, clap::Error> {
    let matches = spoken().try_get_matches_from(words)?;
    Spoken::from_arg_matches(&matches)
}

/// The positions of the positional words among those after the name of a command: not options and not their values.
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
    fn grammar_is_consistent() {
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
        let texts =
            [help(crate::cli::grammar()), help(grammar()), screen, written(&["man"]), written(&["man", "probe"])];
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
        assert_eq!(at("diagnose -f images.txt r.test/a"), [2]);
        assert_eq!(at("diagnose -fimages.txt --file x r.test/a"), [3]);
    }

    /// `explain` reads its options itself, before the grammar does.
    #[test]
    fn options_before_a_text_are_those_of_the_grammar() {
        let grammar = grammar();
        for spec in specs() {
            let Some(text) = spec.text else { continue };
            let command = grammar.find_subcommand(spec.name).unwrap();
            let takes_word = |argument: &&clap::Arg| {
                argument.get_action().takes_values() && !argument.is_require_equals_set() && !argument.is_positional()
            };
            let named = command.get_arguments().filter(takes_word).filter_map(clap::Arg::get_long);
            let mut named: Vec<_> = named.map(|name| format!("--{name}")).collect();
            let mut leading = text.leading.to_vec();
            named.sort();
            leading.sort_unstable();
            assert_eq!(leading, named, "{}", spec.name);
        }
    }
}
