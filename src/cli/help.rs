//! The layout of help: purpose, usage, examples, options. The short help (`-h`) of every command fits on a screen of 24
//! lines; the long one (`--help`) has everything. Options of a run are shown only for commands that send requests.

use clap::builder::Styles;
use clap::builder::styling::{AnsiColor, Style};
use clap::{Arg, Command};

use super::arguments::OUTPUT;
use crate::commands::{CommandSpec, Example, Group};
use crate::lab;

/// Examples before options: they are what most readers look for.
const TEMPLATE: &str = "{about-with-newline}\n{usage-heading} {usage}\n\n{before-help}{all-args}{after-help}";

/// The program's own help. Its commands are listed in `{before-help}`, short or long.
const PROGRAM_TEMPLATE: &str =
    "{about-with-newline}\n{usage-heading} {usage}\n\n{before-help}Options:\n{options}{after-help}";

/// The end of the short help of a command that sends requests.
const MORE: &str = match lab::IS_HERE {
    true => "`--help` lists more options: --json, --platform, -u NAME, --insecure, --lab, …",
    false => "`--help` lists more options: --json, --platform, -u NAME, --insecure, …",
};

/// The end of the short help of any other command.
const MORE_OUTPUT: &str = "`--help` lists more options: --json, --format, --color, --public.";

/// The number of examples in the short help.
const FEW: usize = 2;

/// The columns of a narrow terminal.
const NARROW: usize = 80;

/// The exit statuses.
const EXIT_STATUS: &str = "\
Exit status:
   0 it can be pulled   2 wrong usage           10 not found
  11 not in a form that the client accepts      12 authentication
  13 denied            14 rate limited          15 network
  16 TLS               17 integrity             18 content
  19 server failed     20 incomplete             1 ociscope failed
   3 compare: differs, no client notices         4 some clients notice
 130 interrupted";

/// The first examples of the program.
const EXAMPLES: [Example; 3] = [
    ("ociscope diagnose ghcr.io/OWNER/NAME:TAG", ""),
    ("ociscope explain \"manifest for acme/api:latest not found\"", ""),
    ("ociscope --lab diagnose registry.example/prefixed/greeting:1.2.3", ""),
];

/// The colors of help and of error messages.
const STYLES: Styles = Styles::styled()
    .header(Style::new().bold())
    .usage(Style::new().bold())
    .literal(AnsiColor::Cyan.on_default())
    .error(AnsiColor::Red.on_default().bold())
    .valid(AnsiColor::Green.on_default())
    .invalid(AnsiColor::Yellow.on_default());

/// The help of a program.
pub(crate) struct Help {
    /// The examples of a command.
    pub examples: fn(&CommandSpec) -> &'static [Example],
    /// Options that the help does not show at all.
    pub hidden: &'static [&'static str],
}

/// The help of the command line.
pub(super) const OF_THE_COMMAND_LINE: Help = Help { examples: |spec| spec.one_shot, hidden: &[] };

impl Help {
    /// Lays out the help of a program and of its commands, as far as `specs` describe them. A command without a description
    /// is taken for one that sends requests.
    pub(crate) fn lay_out<'a>(
        &self,
        program: Command,
        specs: impl Iterator<Item = &'a CommandSpec> + Clone,
    ) -> Command {
        let shown = |argument: &&Arg| !self.hidden.contains(&argument.get_id().as_str());
        let every: Vec<Arg> = program.get_arguments().filter(shown).cloned().collect();
        let is_output = |argument: &&Arg| argument.get_help_heading() == Some(OUTPUT);
        let output: Vec<Arg> = every.iter().filter(is_output).cloned().collect();
        // The parser gives every command the options of the program, hidden; those that are shown are put there first.
        program.mut_args(|argument| argument.hide(true)).styles(STYLES).mut_subcommands(|command| {
            let spec = specs.clone().find(|spec| spec.name == command.get_name());
            let (options, more) = match spec {
                Some(spec) if !spec.asks_a_registry => (&output, MORE_OUTPUT),
                _ => (&every, MORE),
            };
            let command = options.iter().cloned().fold(command, Command::arg).help_template(TEMPLATE);
            let command = command.after_help(more).after_long_help("");
            match spec.map(self.examples).filter(|examples| !examples.is_empty()) {
                Some(examples) => {
                    command.before_help(listed(&examples[..examples.len().min(FEW)])).before_long_help(listed(examples))
                }
                None => command,
            }
        })
    }
}

/// The help of the program itself: `-h` names the commands by the questions that they answer, `--help` lists them.
pub(super) fn of_the_program(program: Command, specs: &[&'static CommandSpec]) -> Command {
    let is_possible = |(line, _): &&Example| lab::IS_HERE || !line.contains("--lab");
    let examples: Vec<Example> = EXAMPLES.iter().filter(is_possible).copied().collect();
    let examples = listed(&examples);
    let (by_question, in_full) = (by_question(specs), in_full(&program));
    program
        .override_usage(
            "ociscope COMMAND [ARGUMENT]... [OPTION]...\n       \
             ociscope REF    (diagnose REF)\n       ociscope        (open the shell)",
        )
        .help_template(PROGRAM_TEMPLATE)
        .before_help(format!("{examples}\n\n{by_question}"))
        .before_long_help(format!("{examples}\n\n{in_full}"))
        .after_help("`ociscope COMMAND -h` shows the help of a command.")
        .after_long_help(format!("`ociscope COMMAND --help` lists the options of a command.\n\n{EXIT_STATUS}"))
}

/// Examples, each with its purpose as a comment: after it where there is room, else before it.
pub(crate) fn listed(examples: &[Example]) -> String {
    const MARGINS: usize = "    # ".len();
    let length = |text: &str| text.chars().count();
    let longest = examples.iter().map(|(_, about)| length(about)).max().unwrap_or_default();
    let column = NARROW.saturating_sub(MARGINS + longest + 1);
    let fitting = examples.iter().map(|(line, _)| length(line)).filter(|length| *length <= column);
    let width = fitting.max().unwrap_or_default();
    let line = |(line, about): &Example| match about.is_empty() {
        true => format!("  {line}"),
        false if length(line) + length(about) + MARGINS < NARROW => format!("  {line:<width$}  # {about}"),
        false => format!("  # {about}\n  {line}"),
    };
    format!("{}\n{}", heading("Examples:"), examples.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn heading(text: &str) -> String {
    let style = STYLES.get_header();
    format!("{style}{text}{style:#}")
}

/// The names of the commands, by the question that they answer.
fn by_question(specs: &[&'static CommandSpec]) -> String {
    let mut rows = Vec::new();
    for group in Group::ALL {
        let group_of = |spec: &CommandSpec| spec.overview.map_or(Group::Rest, |overview| overview.group);
        let mut names: Vec<_> = specs.iter().filter(|spec| group_of(spec) == group).collect();
        names.sort_by_key(|spec| spec.overview.map_or((u8::MAX, 0), |overview| overview.at));
        let mut names: Vec<_> = names.iter().map(|spec| spec.name).collect();
        if group == Group::Rest {
            names.extend(["shell", "help"]);
        }
        if !names.is_empty() {
            rows.push((group.question(), names.join(" ")));
        }
    }
    let width = rows.iter().map(|(question, _)| question.chars().count()).max().unwrap_or_default();
    let lines: Vec<_> = rows.iter().map(|(question, names)| format!("  {question:<width$}  {names}")).collect();
    format!("{}\n{}", heading("Commands:"), lines.join("\n"))
}

/// The commands, one a line, with their purpose.
fn in_full(program: &Command) -> String {
    let width = program.get_subcommands().map(|command| command.get_name().len()).max().unwrap_or_default();
    let line = |command: &Command| {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        format!("  {:<width$}  {about}", command.get_name())
    };
    format!("{}\n{}", heading("Commands:"), program.get_subcommands().map(line).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::arguments::Arguments;
    use crate::cli::grammar;
    use crate::commands::COMMANDS;
    use crate::oci::Reference;

    /// The lines of the help of each command, in 80 columns, as a terminal shows them.
    fn every(is_long: bool) -> Vec<(String, Vec<String>)> {
        let mut program = grammar().term_width(NARROW);
        program.build();
        let help = |command: &mut Command| {
            let styled = if is_long { command.render_long_help() } else { command.render_help() };
            styled.to_string().trim_end().lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let mut all = vec![("ociscope".to_owned(), help(&mut program))];
        for command in program.get_subcommands_mut().filter(|command| command.get_name() != "help") {
            all.push((command.get_name().to_owned(), help(command)));
            for below in command.get_subcommands_mut().filter(|below| below.get_name() != "help") {
                all.push((format!("{} …", below.get_name()), help(below)));
            }
        }
        all
    }

    #[test]
    fn short_help_of_every_command_fits_on_a_screen() {
        for (name, lines) in every(false) {
            assert!(lines.len() <= 24, "{name}: {} lines\n{}", lines.len(), lines.join("\n"));
            let wide = lines.iter().find(|line| line.chars().count() > NARROW);
            assert_eq!(wide, None, "{name}");
        }
    }

    #[test]
    fn long_help_shows_options_of_a_run_where_they_apply() {
        let has = |lines: &[String], option: &str| lines.iter().any(|line| line.contains(option));
        let long = every(true);
        let of = |name: &str| &long.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name}")).1;
        for name in ["probe", "diagnose", "manifest", "tags", "auth", "tls", "get", "catalog", "shell"] {
            for option in ["--insecure", "--username <NAME>", "--cacert", "--platform", "--timeout", "--json"] {
                assert!(has(of(name), option), "{name} {option}");
            }
        }
        for name in ["ociscope", "explain", "rules", "completions", "man", "schema"] {
            for option in ["--insecure", "--username", "--cacert", "--platform", "--timeout", "--header"] {
                assert!(!has(of(name), option), "{name} {option}");
            }
            assert!(name == "ociscope" || has(of(name), "--json"), "{name}");
        }
    }

    #[test]
    fn help_begins_with_purpose_usage_and_examples() {
        for (name, lines) in every(true) {
            let at = |start: &str| lines.iter().position(|line| line.starts_with(start));
            let (usage, examples, options) = (at("Usage:"), at("Examples:"), at("Options:"));
            assert!(usage.is_some() && usage < options, "{name}: {lines:?}");
            let is_described = COMMANDS.iter().any(|spec| spec.name == name) || name == "ociscope";
            assert!(!is_described || (examples > usage && examples < options), "{name}: {lines:?}");
        }
    }

    /// Those of the shell alone are not for commands.
    #[test]
    fn help_and_usage_list_the_same_exit_statuses() {
        let usage = include_str!("../../docs/usage.md");
        let table = usage.lines().skip_while(|line| *line != "| status | meaning |").skip(2);
        let rows = table.take_while(|line| line.starts_with('|')).filter_map(|line| line.split('|').nth(1));
        let of_commands = rows.filter_map(|cell| cell.trim().parse::<u8>().ok());
        let mut in_usage: Vec<_> = of_commands.collect();
        let words = EXIT_STATUS.split_whitespace();
        let mut in_help: Vec<_> = words.filter_map(|word| word.parse::<u8>().ok()).collect();
        in_usage.sort_unstable();
        in_help.sort_unstable();
        assert!(in_usage.len() > 16 && in_usage.contains(&3), "{in_usage:?}");
        assert_eq!(in_usage, in_help);
    }

    #[test]
    fn every_example_is_a_command_line() {
        let examples = COMMANDS.iter().flat_map(|spec| spec.one_shot).chain(&EXAMPLES);
        let is_possible = |(line, _): &&Example| lab::IS_HERE || !line.contains("--lab");
        for (example, _) in examples.filter(is_possible) {
            let ours = example.split(" | ").filter(|part| part.starts_with("ociscope"));
            for part in ours {
                let line = part.split(" > ").next().unwrap_or_default();
                let words = crate::shell::line::Line::read(line).unwrap();
                let words: Vec<_> = words.texts().map(str::to_owned).collect();
                assert!(Arguments::try_parse_from(&words).is_ok(), "{example}");
                let is_reference = |word: &&String| word.contains('/') && word.contains(':') && !word.contains("OWNER");
                for word in words.iter().filter(is_reference) {
                    let is_text = word.contains(' ') || word.contains("/v2/");
                    assert!(is_text || Reference::parse(word).is_ok(), "{word}");
                }
            }
        }
        for spec in COMMANDS {
            assert!(!spec.one_shot.is_empty(), "{}", spec.name);
        }
    }
}
