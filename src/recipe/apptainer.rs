//! A definition for Apptainer and Singularity (Apptainer, "Definition Files"; pkg/build/types/parser/deffile.go).

use super::quoting::{for_sh, words_for_sh};
use super::settings::{Settings, Variable};
use super::{Subject, Unfit, left_out, named};

/// The longest section that Apptainer reads: its reader holds 64 KiB, with the line after the section.
const LONGEST_SECTION: usize = 65_000;

/// Variables that shells set themselves or do not let be set (bash, dash, mvdan/sh), and one that changes how they read
/// everything after it.
const OF_THE_SHELL: [&str; 24] = [
    "BASHOPTS",
    "BASHPID",
    "BASH_ARGC",
    "BASH_ARGV",
    "BASH_ARGV0",
    "BASH_COMMAND",
    "BASH_LINENO",
    "BASH_SOURCE",
    "BASH_SUBSHELL",
    "BASH_VERSINFO",
    "DIRSTACK",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "EUID",
    "FUNCNAME",
    "GID",
    "GROUPS",
    "IFS",
    "LINENO",
    "OPTIND",
    "PIPESTATUS",
    "PPID",
    "SHELLOPTS",
    "UID",
];
/// Variables that bash counts up or draws.
const COUNTED: [&str; 5] = ["HISTCMD", "RANDOM", "SECONDS", "SRANDOM", "_"];

/// The definition. A definition has the settings of its image anyway; here they can be changed, and are run by Docker's
/// rules.
pub(super) fn definition(subject: &Subject<'_>, settings: &Settings) -> String {
    let mut text = String::from("Bootstrap: docker\n");
    text.push_str(&source(subject));
    let sections = [labels(settings), environment(settings), runscript(settings)];
    let mut remarks = subject.remarks(settings);
    let os = settings.platform.as_ref().and_then(|platform| platform.as_str().split('/').next());
    remarks.extend(
        os.filter(|os| *os != "linux").map(|os| format!("Apptainer runs Linux images; this one is for {}.", named(os))),
    );
    if settings.command_has_nul() {
        remarks.push("The command has a NUL character, which no command can have: there is no %runscript.".to_owned());
    }
    let is_long = |section: &&String| section.len() > LONGEST_SECTION;
    let long = sections.iter().filter(is_long).filter_map(|section| section.lines().next());
    remarks.extend(long.map(|name| format!("Apptainer reads no section of more than 64 KiB: shorten {name}.")));
    text.push('\n');
    text.extend(remarks.iter().map(|remark| format!("# {remark}\n")));
    text.extend(sections.iter().filter(|section| !section.is_empty()).map(|section| format!("\n{section}")));
    text
}

/// The lines that name the image. `docker.io` is the default, and not the name of a registry to Singularity 2.
fn source(subject: &Subject<'_>) -> String {
    let registry = subject.pinned.registry();
    let repository = subject.repository();
    let host = subject.host();
    match () {
        () if registry.is_docker_hub() => format!("From: {repository}\n"),
        // Singularity 2 takes such a name for a registry only here; later versions put the two together.
        () if host != registry.to_string() => format!("Registry: {host}\nFrom: {repository}\n"),
        () => format!("From: {host}/{repository}\n"),
    }
}

fn section(name: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    // A line that begins with `bootstrap:` would be the next stage, so each is indented.
    let lines: String = lines.iter().map(|line| format!("    {line}\n")).collect();
    format!("%{name}\n{lines}")
}

fn labels(settings: &Settings) -> String {
    let line = |(name, value): &(String, String)| match label_problem(name, value) {
        Some(why) => left_out("The label", name, why),
        None => format!("{name} {value}").trim_end().to_owned(),
    };
    section("labels", &settings.labels.iter().map(line).collect::<Vec<_>>())
}

/// A label is a line: its name up to the first space, and the rest without spaces at its ends. Nothing is quoted.
fn label_problem(name: &str, value: &str) -> Option<Unfit> {
    match () {
        () if name.is_empty() => Some("a label has a name"),
        () if name.starts_with(['#', '%']) => Some("a line that begins like this is not a label"),
        () if name.contains(|c: char| c.is_whitespace() || c.is_control()) => Some("the name of a label is one word"),
        () if value.contains(['\n', '\0']) => Some("a label is one line"),
        () if value.trim() != value => Some("spaces at the ends of a label are lost"),
        () if name.contains("{{") || value.contains("{{") => Some("two opening braces are a template to Apptainer"),
        () => None,
    }
}

fn environment(settings: &Settings) -> String {
    section("environment", &settings.env.iter().map(export).collect::<Vec<_>>())
}

/// A variable as a shell exports it, or why not.
fn export(Variable { name, value }: &Variable) -> String {
    let is_name = !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match value {
        _ if !is_name => left_out("The variable", name, "a shell cannot export this name"),
        _ if OF_THE_SHELL.contains(&name.as_str()) || COUNTED.contains(&name.as_str()) => {
            left_out("The variable", name, "shells set it themselves")
        }
        None => left_out("The variable", name, "it has no value"),
        Some(value) if value.contains('\0') => left_out("The variable", name, "its value has a NUL character"),
        Some(value) => format!("export {name}={}", for_sh(value)),
    }
}

/// The command as Docker starts it: Entrypoint, then the arguments, or Cmd if there are none.
fn runscript(settings: &Settings) -> String {
    if settings.command_has_nul() {
        return String::new();
    }
    let Settings { entrypoint, cmd, .. } = settings;
    let mut lines = Vec::new();
    let user = settings.user.as_ref();
    lines.extend(user.map(|user| format!("# Docker runs this as the user {}, Apptainer as you.", named(user))));
    match settings.working_dir.as_deref() {
        Some(folder) if folder.starts_with('/') && !folder.contains('\0') => {
            lines.push(format!("cd {} || exit", for_sh(folder)))
        }
        Some(folder) => lines.push(left_out("The working directory", folder, "it is not an absolute path")),
        None => lines.push("# Docker starts this in /, Apptainer where you are.".to_owned()),
    }
    if entrypoint.is_empty() && cmd.is_empty() {
        lines.extend(
            [
                "if [ \"$#\" -eq 0 ]; then",
                "    echo 'This image has no command: name one after the image.' >&2",
                "    exit 125",
                "fi",
            ]
            .map(str::to_owned),
        );
    } else if !cmd.is_empty() {
        lines.push("if [ \"$#\" -eq 0 ]; then".to_owned());
        lines.push(format!("    set -- {}", if entrypoint.is_empty() { command(cmd) } else { words_for_sh(cmd) }));
        lines.push("fi".to_owned());
    }
    let entrypoint = if entrypoint.is_empty() { String::new() } else { format!("{} ", command(entrypoint)) };
    lines.push(format!("exec {entrypoint}\"$@\""));
    section("runscript", &lines)
}

/// The words of a command. A first word with a dash would be an option of `exec` to bash, and not every shell reads `exec --`,
/// so it is written as the path of the program.
fn command(words: &[String]) -> String {
    match words {
        [first, rest @ ..] if first.starts_with('-') => {
            let first = match first.contains('/') {
                true => for_sh(&format!("./{first}")),
                false => format!("\"$(command -v -- {})\"", for_sh(first)),
            };
            [&[first][..], &rest.iter().map(|word| for_sh(word)).collect::<Vec<_>>()].concat().join(" ")
        }
        words => words_for_sh(words),
    }
}
