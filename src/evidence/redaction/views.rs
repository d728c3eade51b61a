//! Decodes a text as a reader does: with entities, percent signs and backslashes undone, in succession and repeatedly.
//! A server may have encoded a value in any of them, and in several.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memchr3;

/// The maximum depth of decoding.
const DEEPEST: usize = 3;

/// The maximum size of all views of one text. It suffices for every view of 4 MiB with a single encoding, and for all
/// views of a text of the usual length.
const MOST: usize = 16 << 20;

/// Bytes decoded from a text, and their origins in the text.
pub(super) struct View {
    /// The decoded bytes.
    pub bytes: Vec<u8>,
    /// The start of each byte in the text; one more is the end of the last one.
    origins: Vec<u32>,
}

impl View {
    /// The origin of this part of the view in the text.
    pub fn origin(&self, range: Range<usize>) -> Range<usize> {
        self.origins[range.start] as usize..self.origins[range.end] as usize
    }

    fn of(text: &str) -> Self {
        Self { bytes: text.as_bytes().to_vec(), origins: (0..=u32::try_from(text.len()).unwrap_or(u32::MAX)).collect() }
    }
}

/// Passes every view of a text except for the text itself to `show`, until it accepts one.
pub(super) fn each_view(text: &str, mut show: impl FnMut(&View)) {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'\\' | b'&')) || text.len() > MOST {
        return;
    }
    let mut room = MOST;
    let mut views = vec![View::of(text)];
    for _ in 0..DEEPEST {
        let mut next: Vec<View> = Vec::new();
        for view in &views {
            for undone in [undone(view, entity), undone(view, escape), undone(view, percent)].into_iter().flatten() {
                if undone.bytes.len() > room || next.iter().any(|other| other.bytes == undone.bytes) {
                    continue;
                }
                room -= undone.bytes.len();
                show(&undone);
                next.push(undone);
            }
        }
        views = next;
    }
}

/// Decodes at a position: returns the result, and how many bytes it was encoded in.
type Undo = fn(&[u8]) -> Option<(Piece, usize)>;

enum Piece {
    Byte(u8),
    Character(char),
}

/// The view with all such encodings undone; `None` if there are none.
fn undone(view: &View, undo: Undo) -> Option<View> {
    let (bytes, origins) = (&view.bytes, &view.origins);
    let mut made = View { bytes: Vec::with_capacity(bytes.len()), origins: Vec::with_capacity(origins.len()) };
    let (mut at, mut is_changed) = (0, false);
    while at < bytes.len() {
        // Most of a text is plain, and is copied in one piece.
        let plain = memchr3(b'%', b'\\', b'&', &bytes[at..]).unwrap_or(bytes.len() - at);
        made.bytes.extend_from_slice(&bytes[at..at + plain]);
        made.origins.extend_from_slice(&origins[at..at + plain]);
        at += plain;
        let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) else { break };
        let Some((piece, length)) = undo(rest) else {
            made.bytes.push(bytes[at]);
            made.origins.push(origins[at]);
            at += 1;
            continue;
        };
        is_changed = true;
        match piece {
            Piece::Byte(byte) => made.bytes.push(byte),
            Piece::Character(character) => {
                made.bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        made.origins.resize(made.bytes.len(), origins[at]);
        at += length;
    }
    made.origins.push(origins[bytes.len()]);
    is_changed.then_some(made)
}

fn number(digits: Option<&[u8]>, radix: u32) -> Option<u32> {
    let digits = std::str::from_utf8(digits?).ok()?;
    // A sign is not a digit, although the standard library accepts it.
    u32::from_str_radix(digits, radix).ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// `%41` as a byte.
fn percent(rest: &[u8]) -> Option<(Piece, usize)> {
    let byte = number(rest.strip_prefix(b"%")?.get(..2), 16)?;
    Some((Piece::Byte(u8::try_from(byte).ok()?), 3))
}

/// `\u0041`, `\u{41}`, `\x41`, `\101`, `\n`, and a backslash before any other character as nothing.
fn escape(rest: &[u8]) -> Option<(Piece, usize)> {
    let after = rest.strip_prefix(b"\\")?;
    let first = *after.first()?;
    let unit = |at: usize| number(after.get(at..at + 4), 16);
    if first == b'u'
        && let Some(high) = unit(1)
    {
        let low = (after.get(5..7) == Some(b"\\u")).then(|| unit(7)).flatten();
        if let Some(low) = low.filter(|low| (0xd800..0xdc00).contains(&high) && (0xdc00..0xe000).contains(low)) {
            let character = char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))?;
            return Some((Piece::Character(character), 12));
        }
        return Some((Piece::Character(char::from_u32(high)?), 6));
    }
    if let Some(digits) = after.strip_prefix(b"u{")
        && let Some(end) = digits.iter().take(7).position(|byte| *byte == b'}')
        && let Some(character) = number(digits.get(..end), 16).and_then(char::from_u32)
    {
        return Some((Piece::Character(character), end + 4));
    }
    if matches!(first, b'x' | b'X')
        && let Some(byte) = number(after.get(1..3), 16)
    {
        return Some((Piece::Byte(u8::try_from(byte).ok()?), 4));
    }
    if let Some(byte) = number(after.get(..3), 8).and_then(|byte| u8::try_from(byte).ok()) {
        return Some((Piece::Byte(byte), 4));
    }
    let byte = match first {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        other => other,
    };
    Some((Piece::Byte(byte), 2))
}

/// `&lt;`, `&#60;`, `&#x3C;`, `&eacute;`, also without the semicolon where browsers accept that.
fn entity(rest: &[u8]) -> Option<(Piece, usize)> {
    const LONGEST: usize = 10;
    let after = rest.strip_prefix(b"&")?;
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'#';
    let length = after.iter().take(LONGEST).take_while(is_name).count();
    let name = std::str::from_utf8(&after[..length]).ok()?;
    let end = 1 + length + usize::from(after.get(length) == Some(&b';'));
    let character = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(digits) => number(Some(digits.as_bytes()), 16),
            None => digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit())),
        }
        .and_then(char::from_u32)?,
        None => named(name)?,
    };
    Some((Piece::Character(character), end))
}

/// The character with this name in HTML: ASCII, and Latin-1 in numerical order (HTML standard, named character
/// references).
fn named(name: &str) -> Option<char> {
    const ASCII: [(&str, char); 40] = [
        ("amp", '&'),
        ("AMP", '&'),
        ("lt", '<'),
        ("LT", '<'),
        ("gt", '>'),
        ("GT", '>'),
        ("quot", '"'),
        ("QUOT", '"'),
        ("apos", '\''),
        ("excl", '!'),
        ("num", '#'),
        ("dollar", '$'),
        ("percnt", '%'),
        ("lpar", '('),
        ("rpar", ')'),
        ("ast", '*'),
        ("midast", '*'),
        ("plus", '+'),
        ("comma", ','),
        ("period", '.'),
        ("sol", '/'),
        ("colon", ':'),
        ("semi", ';'),
        ("equals", '='),
        ("quest", '?'),
        ("commat", '@'),
        ("lsqb", '['),
        ("lbrack", '['),
        ("bsol", '\\'),
        ("rsqb", ']'),
        ("rbrack", ']'),
        ("Hat", '^'),
        ("lowbar", '_'),
        ("grave", '`'),
        ("lcub", '{'),
        ("lbrace", '{'),
        ("verbar", '|'),
        ("vert", '|'),
        ("rcub", '}'),
        ("rbrace", '}'),
    ];
    const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn \
        sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde \
        Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde \
        Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil \
        egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave \
        uacute ucirc uuml yacute thorn yuml";
    const OTHERS: [(&str, char); 6] =
        [("tilde", '~'), ("hyphen", '-'), ("dash", '-'), ("euro", '€'), ("Tab", '\t'), ("NewLine", '\n')];
    // Called for every ampersand of an address, so the lists are not searched each time.
    static NAMES: LazyLock<HashMap<&str, char>> = LazyLock::new(|| {
        let in_latin = LATIN.split_whitespace().zip((0xa0..=0xff).filter_map(char::from_u32));
        ASCII.into_iter().chain(OTHERS).chain(in_latin).collect()
    });
    NAMES.get(name).copied()
}

/// A value in Latin-1, in which old servers and proxies read and write headers. `None` if it has other characters, or
/// is the same.
pub(super) fn in_latin1(value: &str) -> Option<Vec<u8>> {
    let bytes: Option<Vec<u8>> = value.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect();
    bytes.filter(|bytes| bytes != value.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(text: &str) -> Vec<String> {
        let mut views = Vec::new();
        each_view(text, |view| views.push(String::from_utf8_lossy(&view.bytes).into_owned()));
        views
    }

    #[test]
    fn whatever_was_done_to_a_text_is_undone() {
        for (text, read) in [
            ("p%C3%A4ss", "päss"),
            ("p%25C3%25A4ss", "päss"),
            ("p%2525c3%2525a4ss", "päss"),
            ("p\\u00e4ss", "päss"),
            ("p\\u{e4}ss", "päss"),
            ("p\\xc3\\xa4ss", "päss"),
            ("p\\303\\244ss", "päss"),
            ("\\ud83d\\ude00", "😀"),
            ("p&auml;ss", "päss"),
            ("p&#228;ss&#X3c;", "päss<"),
            ("a&ampb&ltc", "a&ampb&ltc"),
            ("&amp;auml;", "ä"),
            ("&amp;#228;", "ä"),
            ("a\\/b\\\"c\\\\d", "a/b\"c\\d"),
            ("%26quot%3B", "\""),
            ("\\u0026lt;", "<"),
            ("&lbrace;&percnt;&rcub;", "{%}"),
        ] {
            assert!(views(text).contains(&read.to_owned()) || text == read, "{text}: {:?}", views(text));
        }
        assert!(views("plain text, 1 < 2").is_empty());
    }

    #[test]
    fn place_in_a_view_leads_back_to_the_text() {
        let text = "a p%25C3%25A4ss b";
        let mut found = Vec::new();
        each_view(text, |view| {
            let place = view.bytes.windows(5).position(|part| part == "päss".as_bytes());
            found.extend(place.map(|at| text[view.origin(at..at + 5)].to_owned()));
        });
        assert_eq!(found, ["p%25C3%25A4ss"]);
    }

    #[test]
    fn every_name_of_latin1_is_its_character() {
        assert_eq!(["nbsp", "pound", "szlig", "yuml"].map(named), ['\u{a0}', '£', 'ß', 'ÿ'].map(Some));
    }

    #[test]
    fn latin1_is_told_from_what_is_not_in_it() {
        assert_eq!(in_latin1("pä"), Some(b"p\xe4".to_vec()));
        assert_eq!(in_latin1("plain"), None);
        assert_eq!(in_latin1("p€"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_fail(text in "[\\PC&%\\\\#;uUx{}0-9a-f]{0,40}") {
            each_view(&text, |view| {
                let all = view.origin(0..view.bytes.len());
                assert!(all.start <= all.end && all.end == text.len());
            });
        }
    }
}
