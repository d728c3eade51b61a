//! Fitting text into a width: wrapping by words, cutting values where their ends matter least.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::layout::{Line, Span};

/// How many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The least room behind other words in which a word that has to be broken anyway is begun.
const ENOUGH_TO_BEGIN: usize = 16;

/// Wraps spans by words. A word longer than the width is broken, and begins where the words before it end.
pub(crate) fn wrap(line: &Line, room: usize) -> Vec<Line> {
    let room = room.max(8);
    let mut lines: Vec<Line> = vec![Vec::new()];
    let mut used = 0;
    for span in line {
        for word in span.text.split_inclusive(' ') {
            let mut rest = word;
            while used + width(rest.trim_end()) > room {
                let is_broken = width(rest.trim_end()) > room && (used == 0 || room - used >= ENOUGH_TO_BEGIN);
                let cut = if is_broken { byte_at_width(rest, room - used) } else { 0 };
                add(&mut lines, &rest[..cut], span);
                rest = &rest[cut..];
                // A line of blanks alone is an indentation for which there is no room.
                if lines.last().is_some_and(is_blank) {
                    lines.pop();
                }
                lines.push(Vec::new());
                used = 0;
            }
            // The first line keeps its indentation; a blank at which a line was broken goes.
            let piece = if used == 0 && lines.len() > 1 { rest.trim_start() } else { rest };
            used = (used + width(piece)).min(room);
            add(&mut lines, piece, span);
        }
    }
    lines.iter_mut().for_each(trim_end);
    lines
}

/// A blank at the end of a line takes a column that a narrow terminal does not have, and behind it come the codes that
/// end a colour, so it is taken away before there are any.
fn trim_end(line: &mut Line) {
    while let Some(last) = line.last_mut() {
        last.text.truncate(last.text.trim_end().len());
        if !last.text.is_empty() {
            return;
        }
        line.pop();
    }
}

fn is_blank(line: &Line) -> bool {
    line.iter().all(|span| span.text.trim().is_empty())
}

fn add(lines: &mut [Line], text: &str, span: &Span) {
    if let Some(last) = lines.last_mut()
        && !text.is_empty()
    {
        push(last, text, span);
    }
}

fn push(line: &mut Line, text: &str, span: &Span) {
    match line.last_mut() {
        Some(last) if last.label == span.label => last.text.push_str(text),
        _ => line.push(Span::new(text, span.label)),
    }
}

/// The byte where `room` columns of a text end; at least one character.
fn byte_at_width(text: &str, room: usize) -> usize {
    let mut used = 0;
    for (at, character) in text.char_indices() {
        used += character.width().unwrap_or(0);
        if used > room && at > 0 {
            return at;
        }
    }
    text.len()
}

/// Cuts a text to a width, with `…` for what is missing. Of a media type the end is kept, which tells types apart; of
/// everything else the beginning.
pub(crate) fn fit(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let keeps_end = text.starts_with("application/") && !text.contains(' ');
    if keeps_end {
        let mut kept: Vec<char> = Vec::new();
        let mut used = 1;
        for character in text.chars().rev() {
            used += character.width().unwrap_or(0);
            if used > room {
                break;
            }
            kept.push(character);
        }
        return std::iter::once('…').chain(kept.into_iter().rev()).collect();
    }
    let cut = byte_at_width(text, room.saturating_sub(1));
    format!("{}…", text[..cut].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::layout::{Label, plain};

    fn wrapped(text: &str, room: usize) -> Vec<String> {
        let lines = wrap(&vec![plain(text)], room);
        lines.iter().map(|line| line.iter().map(|span| span.text.as_str()).collect::<String>()).collect()
    }

    #[test]
    fn words_go_to_the_next_line_whole() {
        assert_eq!(wrapped("the tag is an index", 10), ["the tag is", "an index"]);
        assert_eq!(wrapped("sha256:0123456789 x", 10), ["sha256:012", "3456789 x"]);
        assert_eq!(wrapped("", 10), [""]);
        assert_eq!(wrapped("    indented text", 14), ["    indented", "text"]);
        assert_eq!(wrapped("    \"0123456789\": 1", 14), ["\"0123456789\":", "1"]);
    }

    #[test]
    fn a_word_that_is_broken_anyway_begins_behind_the_others() {
        assert_eq!(wrapped("GET https://r.example/v2/a/blobs/0123", 24), ["GET https://r.example/v2", "/a/blobs/0123"]);
        let late = wrapped("the answer of https://r.example/v2/a/blobs/0123", 24);
        assert_eq!(late, ["the answer of", "https://r.example/v2/a/b", "lobs/0123"]);
    }

    #[test]
    fn labels_survive_wrapping() {
        let line = vec![plain("ask "), Span::new("again later", Label::Name)];
        let lines = wrap(&line, 9);
        assert_eq!(
            lines,
            [[plain("ask "), Span::new("again", Label::Name)].as_slice(), &[Span::new("later", Label::Name)]]
        );
    }

    #[test]
    fn a_cut_keeps_what_tells_values_apart() {
        assert_eq!(fit("application/vnd.oci.image.index.v1+json", 16), "…e.index.v1+json");
        assert_eq!(fit("sha256:0123456789abcdef", 12), "sha256:0123…");
        assert_eq!(fit("short", 12), "short");
    }
}
