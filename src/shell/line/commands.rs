//! A pasted block as commands. Blocks are pasted from pages and terminals, with their prompts and with broken lines.

use super::explained::is_free_text;
use super::{Scan, quoted};
use crate::commands::EXPLAIN;
use crate::oci::Reference;

/// The end of this shell's prompt.
const PROMPT: &str = "❯";
/// Prefixes of commands on pages and in other terminals.
const LEADS: [&str; 2] = ["$ ", "ociscope "];
/// The most lines that a quote keeps together. A quote that is still open then is an apostrophe.
const LONGEST: usize = 200;

/// The commands of a block: one a line, but for quotes, backslashes and pasted errors that go over several.
///
/// `known` are the names of the commands: lines after `explain` belong to its text unless they begin with one of them. A
/// block of several lines whose first line is not a command is a text, and is explained as a whole. Empty lines and comments
/// are left out. A space before a command stays, because it keeps the command out of the history.
pub fn commands(block: &str, known: &[&str]) -> Vec<String> {
    let lines: Vec<&str> = block.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    if is_text(&lines, known) {
        return vec![format!("{} {}", EXPLAIN.name, quoted(block.trim()))];
    }
    let mut commands = Vec::new();
    let mut rest = &lines[..];
    while let [first, after @ ..] = rest {
        rest = after;
        let first = bare(first, known);
        if first.trim().is_empty() || is_comment(first) {
            continue;
        }
        let (command, taken) = if is_free_text(first) { explanation(first, rest, known) } else { joined(first, rest) };
        rest = &rest[taken..];
        if !command.trim().is_empty() {
            commands.push(command);
        }
    }
    commands
}

/// Whether a block of several lines is a text: its first line is not a command. Then no line of it is run.
fn is_text(lines: &[&str], known: &[&str]) -> bool {
    let is_line = |line: &&&str| !line.trim().is_empty() && !is_comment(line);
    let mut said = lines.iter().filter(is_line);
    let (Some(first), Some(_)) = (said.next(), said.next()) else { return false };
    let bare = bare(first, known);
    let mut words = bare.split_whitespace().skip_while(|word| word.starts_with("--") && word.len() > 2);
    let Some(word) = words.next() else { return true };
    // A reference alone is a command too, and so is a part of one.
    let is_place =
        || !bare.trim().contains(char::is_whitespace) && Reference::parse(word.trim_start_matches(':')).is_ok();
    !known.contains(&word) && !is_place()
}

/// `# a comment`; BuildKit numbers its lines as in `#8 [internal]`.
fn is_comment(line: &str) -> bool {
    line.trim_start().strip_prefix('#').is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// A line without the prompts before it.
fn bare<'a>(line: &'a str, known: &[&str]) -> &'a str {
    let mut bare = line;
    if let Some((prompt, after)) = line.split_once(PROMPT)
        && after.is_empty() | after.starts_with(char::is_whitespace)
        && !begins_with_command(prompt, known)
    {
        bare = after.trim_start();
    }
    loop {
        let start = bare.trim_start();
        match LEADS.iter().find_map(|lead| start.strip_prefix(lead)) {
            Some(after) => bare = after.trim_start(),
            None => return bare.trim_end(),
        }
    }
}

fn begins_with_command(line: &str, known: &[&str]) -> bool {
    line.split_whitespace().next().is_some_and(|word| known.contains(&word))
}

/// A pasted error, and how many of the lines after its first belong to it.
fn explanation(first: &str, after: &[&str], known: &[&str]) -> (String, usize) {
    let is_other = |line: &&str| begins_with_command(bare(line, known), known) || is_prompted(line, known);
    let taken = after.iter().position(is_other).unwrap_or(after.len());
    let mut text = first.to_owned();
    for line in after[..taken].iter().map(|line| line.trim_end()).filter(|line| !line.trim().is_empty()) {
        text.push('\n');
        text.push_str(line);
    }
    (text, taken)
}

/// Whether a line has a command after a prompt of this shell.
fn is_prompted(line: &str, known: &[&str]) -> bool {
    line.contains(PROMPT) && bare(line, known).len() < line.trim_end().len()
}

/// A command, and how many of the lines after its first belong to it.
fn joined(first: &str, after: &[&str]) -> (String, usize) {
    let mut command = first.to_owned();
    let mut taken = 0;
    // The command up to the last line where no quote is open.
    let mut whole: Option<(String, usize)> = None;
    loop {
        let is_open = Scan::of_words(&command).open.is_some();
        if !is_open {
            whole = Some((command.clone(), taken));
        }
        let continues = !is_open && ends_in_backslash(&command);
        if !(is_open || continues) || taken >= LONGEST {
            break;
        }
        let Some(line) = after.get(taken) else { break };
        taken += 1;
        if continues {
            command.pop();
            command.push_str(line.trim_end());
        } else {
            command.push('\n');
            command.push_str(line);
        }
    }
    let (mut command, taken) = whole.unwrap_or_else(|| (first.to_owned(), 0));
    if ends_in_backslash(&command) {
        command.pop();
    }
    command.truncate(command.trim_end().len());
    (command, taken)
}

/// Whether the line continues on the next one: it ends in a backslash that is not escaped.
fn ends_in_backslash(line: &str) -> bool {
    (line.len() - line.trim_end_matches('\\').len()) % 2 == 1
}
