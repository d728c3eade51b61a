//! Reverts what terminals, logs and issue trackers did to a text: colors, links, and escaped quotes and line breaks, up
//! to three levels deep. Secrets that were copied along are masked first.

use crate::evidence::without_secrets;
use crate::text::Untrusted;

/// The size of the blocks that are searched for secrets, in bytes. The search looks back from each option to its
/// command, and a text that is crafted to take long must not be one long command.
const BLOCK: usize = 16 << 10;
/// The maximum length of a link's text in bytes.
const LINK: usize = 400;

/// The text without secrets, as it was before it was copied from a terminal, a log or an issue tracker.
pub(in crate::explanation) fn cleaned(text: &Untrusted) -> String {
    let mut bare = String::with_capacity(text.as_str().len());
    for block in blocks(text.as_str()) {
        let block = without_continuations(&without_escape_codes(block));
        bare.push_str(&without_links(&unescaped(&without_secrets(&with_whole_digests(&block)))));
    }
    bare
}

/// The text without the backslashes of shell line continuations, which would otherwise be taken for the password that
/// follows.
fn without_continuations(text: &str) -> String {
    text.replace("\\\n", " \n").replace("\\\r\n", " \r\n")
}

/// The text with lines rejoined between `@` and a digest, where a name would look like a login.
fn with_whole_digests(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("@\n").or_else(|| rest.find("@\r\n")) {
        whole.push_str(&rest[..=at]);
        let after = &rest[at + 1..];
        let digest = after.trim_start();
        rest = if digest.starts_with("sha256:") { digest } else { after };
    }
    whole.push_str(rest);
    whole
}

/// The text in blocks of whole lines, unless a line is longer than a block.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let most = rest.floor_char_boundary(BLOCK);
        let end = if most == rest.len() { most } else { rest[..most].rfind('\n').map_or(most, |at| at + 1) };
        let (block, after) = rest.split_at(end);
        rest = after;
        Some(block)
    })
}

/// The text without color escape sequences (ECMA-48, CSI).
fn without_escape_codes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        plain.push_str(&rest[..at]);
        let code = &rest[at + 2..];
        let end = code.find(|c: char| !matches!(c, '0'..='9' | ';' | '?'));
        rest = match end {
            Some(end) => &code[end + code[end..].chars().next().map_or(0, char::len_utf8)..],
            None => "",
        };
    }
    plain.push_str(rest);
    plain
}

/// The text with escaped quotes and line breaks unescaped, at any depth: a kubelet quotes the runtime, which quotes the
/// registry, and a log quotes the kubelet.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let after = rest[at..].trim_start_matches('\\');
        let count = rest.len() - at - after.len();
        let next = after.chars().next();
        // `C:\new` is a directory.
        let is_path = count == 1 && plain.ends_with(':') && !after.is_empty();
        let (shown, taken) = match next {
            Some(quote @ ('"' | '\'' | '/')) => (quote, 1),
            Some('n' | 'r') if !is_path => ('\n', 1),
            Some('t') if count > 1 || plain.ends_with('\n') => (' ', 1),
            Some('u') => match by_number(after) {
                Some(shown) => (shown, 5),
                None => ('\\', 0),
            },
            _ => ('\\', 0),
        };
        plain.push(shown);
        rest = &after[taken..];
    }
    plain.push_str(rest);
    plain
}

/// The characters that Go's JSON encoder escapes by number for safety in web pages (encoding/json, HTMLEscape).
fn by_number(text: &str) -> Option<char> {
    let shown = [("u003c", '<'), ("u003e", '>'), ("u0026", '&'), ("u0022", '"'), ("u0027", '\'')];
    let digits = text.get(..5)?;
    shown.iter().find(|(number, _)| digits.eq_ignore_ascii_case(number)).map(|(_, shown)| *shown)
}

/// The text without the targets of Markdown links. Issue trackers turn even digits of a digest into links.
fn without_links(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("](http") {
        let (before, after) = rest.split_at(at);
        let open = before.rfind('[').filter(|open| before.len() - open <= LINK && !before[*open..].contains('\n'));
        let close = after.find([')', '\n', ' ']).filter(|close| after[*close..].starts_with(')'));
        match (open, close) {
            (Some(open), Some(close)) => {
                plain.push_str(&before[..open]);
                plain.push_str(&before[open + 1..]);
                rest = &after[close + 1..];
            }
            _ => {
                plain.push_str(before);
                plain.push_str("](");
                rest = &after[2..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        cleaned(&text.into())
    }

    #[test]
    fn quotes_are_unescaped_at_any_depth() {
        for text in
            [r#"image "a/b:1""#, r#"image \"a/b:1\""#, r#"image \\\"a/b:1\\\""#, r#"image \\\\\\\"a/b:1\\\\\\\""#]
        {
            assert_eq!(read(text), "image \"a/b:1\"");
        }
        assert_eq!(read(r"first\n\tsecond\\nthird\r\nfourth"), "first\n second\nthird\n\nfourth");
        assert_eq!(read(r"ns=docker.io\u0026x=\u003cnone\u003e"), "ns=docker.io&x=<none>");
        assert_eq!(read(r"C:\new\x and \u00e4 and a\tb"), r"C:\new\x and \u00e4 and a\tb");
    }

    #[test]
    fn links_are_reduced_to_their_text() {
        assert_eq!(read("sha256:12[34](https://github.com/o/r/runs/1#step:10:43)56: 429"), "sha256:123456: 429");
        assert_eq!(read("see [the page](http://x.test) [1] (not a link)"), "see the page [1] (not a link)");
        assert_eq!(
            read("broken ](http://x.test and [open](http://x.test"),
            "broken ](http://x.test and [open](http://x.test"
        );
    }

    #[test]
    fn text_of_many_blocks_is_kept() {
        let line = "a line of a log that says nothing at all\n";
        let text = line.repeat(2000) + &"x".repeat(3 * BLOCK);
        assert_eq!(read(&text), text);
    }
}
