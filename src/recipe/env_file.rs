//! A file for `docker run --env-file` (docker/cli, pkg/kvfile): one variable a line, and nothing is quoted.

use super::settings::{Settings, Variable};
use super::{Subject, Unfit, left_out};

/// The longest line that Docker reads, in bytes, without its end.
const LONGEST_LINE: usize = 65_535;

pub(super) fn env_file(subject: &Subject<'_>, settings: &Settings) -> String {
    let remarks = subject.remarks(settings);
    let mut lines: Vec<String> = remarks.iter().map(|remark| format!("# {remark}")).collect();
    lines.extend(settings.env.iter().map(line));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn line(Variable { name, value }: &Variable) -> String {
    let Some(value) = value else { return left_out("The variable", name, "it has no value") };
    match problem(name, value) {
        Some(why) => left_out("The variable", name, why),
        None => format!("{name}={value}"),
    }
}

fn problem(name: &str, value: &str) -> Option<Unfit> {
    match () {
        () if name.is_empty() => Some("it has no name"),
        () if name.starts_with('#') => Some("a line that begins with # is a comment"),
        () if name.contains(char::is_whitespace) => Some("its name has a space"),
        () if name.contains('\0') || value.contains('\0') => Some("it has a NUL character"),
        () if value.contains('\n') => Some("an env file cannot hold a line break"),
        () if value.ends_with('\r') => Some("a carriage return at the end of a line is lost"),
        () if name.len() + 1 + value.len() > LONGEST_LINE => Some("a line of an env file has at most 65535 bytes"),
        () => None,
    }
}
