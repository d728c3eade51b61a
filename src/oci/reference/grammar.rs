//! The grammar of repositories, tags and digests (distribution-spec, "Pulling manifests").
//!
//! Everything here works on text that passed [`super::characters`], which is ASCII; a tag from another source may be
//! anything.

use super::part::Part;
use super::refusal::Problem;
use super::violation::Violation;
use crate::oci::{Digest, DigestError};

/// The maximum length of a tag.
const TAG_LENGTH: usize = 128;

/// Checks `component(/component)*`, where a component is `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
pub(super) fn check_repository(part: Part<'_>) -> Result<(), Problem> {
    let mut rest = part;
    loop {
        let component = rest.split_once('/').map_or(rest, |(component, _)| component);
        if component.text.is_empty() {
            return Err(empty_component(part, component.start - part.start));
        }
        if matches!(component.text, "." | "..") {
            return Err(Problem::new(component.range(), Violation::DotComponent));
        }
        check_component(component).map_err(|problem| match problem.rule {
            // The whole path is lower-cased at once; the host and the tag are not part of it.
            Violation::UppercaseInRepository => problem.replaced(part.range(), part.text.to_ascii_lowercase()),
            _ => problem,
        })?;
        if component.text.len() == rest.text.len() {
            return Ok(());
        }
        rest = rest.after(component.text.len() + 1);
    }
}

/// Points at the slashes around an empty component, which is at `index`.
fn empty_component(part: Part<'_>, index: usize) -> Problem {
    let before = part.text.get(..index).unwrap_or_default().trim_end_matches('/').len();
    let after = part.text.len() - part.text.get(index..).unwrap_or_default().trim_start_matches('/').len();
    let slashes = part.at(before, after - before);
    match (before, after) {
        (0, _) => Problem::new(slashes.clone(), Violation::EmptyComponent).replaced(slashes, ""),
        (_, end) if end == part.text.len() => {
            Problem::new(slashes.clone(), Violation::TrailingSlash).replaced(slashes, "")
        }
        _ => Problem::new(slashes.clone(), Violation::EmptyComponent).replaced(slashes, "/"),
    }
}

fn check_component(component: Part<'_>) -> Result<(), Problem> {
    let bytes = component.text.as_bytes();
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let run = |wanted: fn(&u8) -> bool| bytes.iter().skip(index).take_while(|byte| wanted(byte)).count();
        match byte {
            b'a'..=b'z' | b'0'..=b'9' => index += 1,
            b'A'..=b'Z' => {
                let length = run(u8::is_ascii_uppercase);
                return Err(Problem::new(component.at(index, length), Violation::UppercaseInRepository));
            }
            b'.' | b'_' | b'-' => {
                let length = run(|byte| matches!(byte, b'.' | b'_' | b'-'));
                let separator = component.text.get(index..index + length).unwrap_or_default();
                let inside = index > 0 && index + length < bytes.len();
                let joins = matches!(separator, "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-');
                if !inside || !joins {
                    return Err(Problem::new(component.at(index, length), Violation::RepositorySeparator));
                }
                index += length;
            }
            _ => {
                let length = component.text.get(index..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
                return Err(Problem::new(component.at(index, length), Violation::RepositoryCharacter));
            }
        }
    }
    Ok(())
}

/// Checks `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
pub(super) fn check_tag(part: Part<'_>) -> Result<(), Problem> {
    let Some(first) = part.text.chars().next() else {
        let colon = part.start.saturating_sub(1)..part.start;
        return Err(Problem::new(colon.clone(), Violation::EmptyTag).replaced(colon, ""));
    };
    if matches!(first, '.' | '-') {
        return Err(Problem::new(part.at(0, 1), Violation::TagStart));
    }
    let is_wrong = |character: &char| !character.is_ascii_alphanumeric() && !matches!(character, '_' | '.' | '-');
    if let Some((index, wrong)) = part.text.char_indices().find(|(_, character)| is_wrong(character)) {
        let at = part.at(index, wrong.len_utf8());
        return Err(match wrong {
            ':' => Problem::new(at.start..part.end(), Violation::SecondTag),
            // Build metadata of a version, which Helm stores with an underscore.
            '+' => Problem::new(at, Violation::TagCharacter).replaced(part.range(), part.text.replace('+', "_")),
            _ => Problem::new(at, Violation::TagCharacter),
        });
    }
    if part.text.len() > TAG_LENGTH {
        return Err(Problem::new(part.after(TAG_LENGTH).range(), Violation::TagTooLong));
    }
    Ok(())
}

/// Parses the digest after the `@` at `part.start - 1`; `name` is the text before it.
pub(super) fn read_digest(part: Part<'_>, name: Part<'_>) -> Result<Digest, Problem> {
    if part.text.is_empty() {
        let at_sign = part.start.saturating_sub(1)..part.start;
        return Err(Problem::new(at_sign.clone(), Violation::EmptyDigest).replaced(at_sign, ""));
    }
    if let Some(index) = part.text.find('@') {
        return Err(Problem::new(part.after(index).range(), Violation::SecondDigest));
    }
    if let Some(index) = part.text.rfind(':')
        && let Ok(digest) = part.before(index).text.parse::<Digest>()
    {
        let tag = part.after(index);
        let reordered = format!("{}@{digest}", tag.text);
        let problem = Problem::new(tag.range(), Violation::TagAfterDigest);
        // With a tag before it as well, there would be two.
        return Err(match has_tag(name) {
            true => problem,
            false => problem.replaced(name.end()..part.end(), reordered),
        });
    }
    read_plain_digest(part).map_err(|problem| match problem.repair {
        // Package managers write a version as `NAME@1.2`.
        None if !has_tag(name) && !part.text.contains(':') => {
            problem.replaced(name.end()..part.end(), format!(":{}", part.text))
        }
        _ => problem,
    })
}

/// Parses a digest that is the whole part.
pub(super) fn read_plain_digest(part: Part<'_>) -> Result<Digest, Problem> {
    part.text.parse().map_err(|error: DigestError| {
        let within = error.range_in(part.text);
        let problem = Problem::new(part.at(within.start, within.len()), Violation::Digest(error));
        match corrected_digest(part.text) {
            Some(digest) => problem.replaced(part.range(), digest),
            None => problem,
        }
    })
}

/// The intended digest, if only its notation is wrong.
pub(super) fn corrected_digest(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let hex = ["sha256", "sha512"].iter().find_map(|name| lower.strip_prefix(name)).unwrap_or(&lower);
    let hex = hex.trim_start_matches([':', '-', '_', '=']);
    let algorithm = match hex.len() {
        64 => "sha256",
        128 => "sha512",
        _ => return None,
    };
    let digest = format!("{algorithm}:{hex}");
    digest.parse::<Digest>().is_ok().then_some(digest)
}

fn has_tag(name: Part<'_>) -> bool {
    let last = name.text.rsplit_once('/').map_or(name.text, |(_, last)| last);
    last.contains(':')
}
