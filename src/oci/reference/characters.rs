//! Characters that are not allowed in a reference: detection, explanation, and a guess at the intended text.
//!
//! This check runs first, because white space or a `?` changes the meaning of everything after it, and so that later
//! code can rely on plain ASCII.

use std::ops::Range;

use super::other_scripts::{is_invisible, look_alike};
use super::part::Part;
use super::refusal::Problem;
use super::violation::Violation;

/// Beginnings of lines that people copy along with the reference.
const LEAD_INS: [&str; 8] = [
    "FROM ",
    "image: ",
    "docker pull ",
    "docker image pull ",
    "podman pull ",
    "nerdctl pull ",
    "crictl pull ",
    "ctr image pull ",
];

/// Finds the first character that is not allowed anywhere in a reference.
pub(super) fn check(input: &str) -> Result<(), Problem> {
    let is_foreign =
        |c: &char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_' | '-' | '/' | ':' | '@' | '+' | '[' | ']');
    match input.char_indices().find(|(_, character)| is_foreign(character)) {
        Some((index, found)) => Err(refuse(Part::whole(input), index, found)),
        None => Ok(()),
    }
}

fn refuse(input: Part<'_>, index: usize, found: char) -> Problem {
    let rest = input.after(index);
    let only = input.at(index, found.len_utf8());
    match found {
        '?' => {
            let end = rest.text.find('#').map_or(input.end(), |length| index + length);
            Problem::new(index..end, Violation::Query).replaced(index..end, "")
        }
        '#' => Problem::new(rest.range(), Violation::Fragment).replaced(rest.range(), ""),
        c if c.is_whitespace() => refuse_white_space(input, index),
        '"' | '\'' | '`' | '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => {
            Problem::new(only.clone(), Violation::Quoted).replaced(only, "")
        }
        '\\' => Problem::new(only, Violation::Backslash).instead(input.text.replace('\\', "/")),
        '$' | '{' | '}' | '<' | '>' => {
            Problem::new(index..index + placeholder_length(rest.text), Violation::Placeholder)
        }
        '%' => refuse_percent_sign(input, index),
        c if c.is_ascii_control() => Problem::new(only, Violation::Control(c)),
        c if !c.is_ascii() => refuse_other_script(input, only, c),
        c => Problem::new(only, Violation::ForeignCharacter(c)),
    }
}

fn refuse_white_space(input: Part<'_>, index: usize) -> Problem {
    let rest = input.after(index);
    let length = rest.text.len() - rest.text.trim_start().len();
    let run = input.at(index, length);
    let problem = Problem::new(run.clone(), Violation::WhiteSpace);
    let before = input.before(index).text.chars().next_back();
    let after = rest.after(length).text.chars().next();
    if let Some(lead_in) = LEAD_INS.iter().find(|lead_in| input.strip_prefix_ignoring_case(lead_in).is_some()) {
        return problem.replaced(0..lead_in.len(), "");
    }
    // Elsewhere, removing the space would join two words, one of which may not belong to the reference.
    if before.is_none_or(|c| c == '/') || after.is_none_or(|c| matches!(c, '/' | ':' | '@')) {
        return problem.replaced(run, "");
    }
    problem
}

fn refuse_percent_sign(input: Part<'_>, index: usize) -> Problem {
    let before = input.before(index).text;
    if let Some(open) = before.rfind('[').filter(|&open| !before[open..].contains(']')) {
        let close = input.after(index).text.find(']').map_or(input.end(), |length| index + length + 1);
        return Problem::new(open..close, Violation::Ipv6).replaced(index..close, "]");
    }
    let digits = input.after(index + 1).text.bytes().take(2).take_while(u8::is_ascii_hexdigit).count();
    if digits < 2 {
        let variable = input.after(index + 1).text.find('%').map_or(1, |length| length + 2);
        let rule = if variable > 1 { Violation::Placeholder } else { Violation::ForeignCharacter('%') };
        return Problem::new(input.at(index, variable), rule);
    }
    let problem = Problem::new(input.at(index, 3), Violation::PercentEncoding);
    match decode(input.text) {
        Some(decoded) => problem.instead(decoded),
        None => problem,
    }
}

fn refuse_other_script(input: Part<'_>, at: Range<usize>, found: char) -> Problem {
    if found.is_control() {
        return Problem::new(at, Violation::Control(found));
    }
    let problem = Problem::new(at.clone(), Violation::NotAscii(found));
    if is_invisible(found) {
        return problem.replaced(at, "");
    }
    match look_alike(found) {
        Some(_) => problem.instead(input.text.chars().map(|c| look_alike(c).unwrap_or(c)).collect::<String>()),
        None => problem,
    }
}

/// The length in bytes of a `$NAME`, `${NAME}`, `{{ name }}` or `<name>` at the start of the text.
fn placeholder_length(text: &str) -> usize {
    let name = text.trim_start_matches(['$', '{', '<']);
    let opened = text.len() - name.len();
    let inner = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.'));
    let rest = inner.trim_start_matches(['}', '>']);
    if rest.len() < inner.len() {
        return text.len() - rest.len();
    }
    // Without a closing character: the name of a shell variable ends with its last letter.
    let variable = name.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    (opened + variable).max(1)
}

/// The text with every `%XX` decoded; `None` if a decoded byte is not ASCII.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        decoded.push_str(before);
        let byte = u8::from_str_radix(after.get(..2)?, 16).ok().filter(u8::is_ascii_graphic)?;
        decoded.push(char::from(byte));
        rest = after.get(2..)?;
    }
    decoded.push_str(rest);
    Some(decoded)
}
