//! The delimiters of an address, in all spellings that occur in texts: plain, percent-encoded once or more often, as
//! entities of HTML and XML, and as JSON escapes.

/// The length of this delimiter at `at`, in any spelling.
pub(super) fn mark_at(text: &str, at: usize, mark: char) -> Option<usize> {
    // No spelling of a delimiter begins with a letter or a digit.
    if text.as_bytes().get(at)?.is_ascii_alphanumeric() {
        return None;
    }
    let rest = text.get(at..)?;
    let code = u32::from(mark);
    match *rest.as_bytes().first()? {
        // An ampersand that begins an entity of another delimiter does not count; the caller has to check for that
        // first.
        b'&' => entity(rest, mark, code).or((mark == '&').then_some(1)),
        b'%' => percent(rest, code),
        b'\\' => escape(rest, mark, code),
        first => (u32::from(first) == code).then_some(1),
    }
}

/// The length of the delimiter that ends at `end`, in any spelling.
pub(super) fn mark_before(text: &str, end: usize, mark: char) -> Option<usize> {
    const LONGEST: usize = 12;
    let bytes = text.as_bytes();
    let last = *bytes.get(end.checked_sub(1)?)?;
    if u32::from(last) == u32::from(mark) {
        return Some(1);
    }
    // Every other spelling ends with a digit or a semicolon.
    if !last.is_ascii_hexdigit() && last != b';' {
        return None;
    }
    let begins = |length: &usize| matches!(bytes[end - length], b'&' | b'%' | b'\\');
    (2..=LONGEST.min(end)).filter(begins).find(|length| mark_at(text, end - length, mark) == Some(*length))
}

/// `%3F`, `%253F`, …
fn percent(rest: &str, code: u32) -> Option<usize> {
    const MOST: usize = 4;
    let mut digits = &rest.as_bytes()[1..];
    for _ in 0..MOST {
        digits = digits.strip_prefix(b"25").filter(|after| after.len() > 1).unwrap_or(digits);
    }
    let pair = std::str::from_utf8(digits.get(..2)?).ok()?;
    (u32::from_str_radix(pair, 16).ok()? == code).then(|| rest.len() - digits.len() + 2)
}

/// `&#63;`, `&#x3f;`, `&quest;`, and with the ampersand escaped in the same way: `&amp;#63;`.
fn entity(rest: &str, mark: char, code: u32) -> Option<usize> {
    let (name, length) = entity_name(&rest[1..])?;
    let inner = rest.get(1 + length..).filter(|_| name == "amp").and_then(entity_name);
    let inner = inner.filter(|(name, _)| is_named(name, mark, code)).map(|(_, inner)| 1 + length + inner);
    inner.or_else(|| is_named(name, mark, code).then_some(1 + length))
}

/// The name of an entity after its ampersand, and its length with the semicolon.
fn entity_name(text: &str) -> Option<(&str, usize)> {
    const LONGEST: usize = 9;
    let end = text.bytes().take(LONGEST).position(|byte| byte == b';')?;
    Some((&text[..end], end + 1))
}

fn is_named(name: &str, mark: char, code: u32) -> bool {
    if let Some(number) = name.strip_prefix('#') {
        let digits = number.strip_prefix(['x', 'X']);
        return digits.map_or_else(|| number.parse().ok(), |digits| u32::from_str_radix(digits, 16).ok()) == Some(code);
    }
    let names = [
        ('&', "amp"),
        ('=', "equals"),
        ('?', "quest"),
        ('#', "num"),
        ('/', "sol"),
        (':', "colon"),
        ('"', "quot"),
        ('\'', "apos"),
        ('@', "commat"),
        ('<', "lt"),
        ('>', "gt"),
    ];
    names.contains(&(mark, name))
}

/// `\u003f`, `\x3f`, `\/` and `\"`, with more backslashes if a text was escaped repeatedly.
fn escape(rest: &str, mark: char, code: u32) -> Option<usize> {
    const MOST: usize = 8;
    let slashes = rest.bytes().take(MOST).take_while(|byte| *byte == b'\\').count();
    let after = &rest[slashes..];
    let number = |digits: Option<&str>| digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) == Some(code);
    if after.starts_with('u') && number(after.get(1..5)) {
        return Some(slashes + 5);
    }
    if after.starts_with('x') && number(after.get(1..3)) {
        return Some(slashes + 3);
    }
    (matches!(mark, '/' | '"' | '\'') && after.starts_with(mark)).then_some(slashes + 1)
}

/// Whether an address or a query value ends here: at whitespace, a quotation mark or an angle bracket, in any spelling,
/// or at a line break in JSON.
pub(super) fn ends_word(text: &str, at: usize) -> bool {
    if text.as_bytes().get(at).is_some_and(u8::is_ascii_alphanumeric) {
        return false;
    }
    let Some(first) = text[at..].chars().next() else { return true };
    match first {
        '"' | '<' | '>' | '\'' | '`' | '|' => true,
        '&' => ['"', '<', '>', '\''].iter().any(|mark| mark_at(text, at, *mark).is_some()),
        '\\' => {
            let breaks = ["\\n", "\\r", "\\t"].iter().any(|escape| text[at..].starts_with(escape));
            breaks || ['"', '<', '>', '\''].iter().any(|mark| mark_at(text, at, *mark).is_some())
        }
        first => first.is_whitespace(),
    }
}

/// The end of the word at `from`.
pub(super) fn word_end(text: &str, from: usize) -> usize {
    find_from(text, from, |at| ends_word(text, at)).unwrap_or(text.len())
}

/// The first position from `from` on at which a test holds.
pub(super) fn find_from(text: &str, from: usize, test: impl Fn(usize) -> bool) -> Option<usize> {
    text[from..].char_indices().map(|(at, _)| from + at).find(|at| test(*at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mark_is_known_in_every_spelling() {
        for (text, mark) in [
            ("?", '?'),
            ("%3F", '?'),
            ("%3f", '?'),
            ("%253F", '?'),
            ("%25253f", '?'),
            ("&#63;", '?'),
            ("&#x3F;", '?'),
            ("&amp;", '&'),
            ("&amp;amp;", '&'),
            ("&amp;#38;", '&'),
            ("\\u0026", '&'),
            ("\\\\u0026", '&'),
            ("\\x26", '&'),
            ("\\/", '/'),
            ("\\\"", '"'),
            ("&quot;", '"'),
        ] {
            assert_eq!(mark_at(text, 0, mark), Some(text.len()), "{text}");
            assert!(mark_before(text, text.len(), mark).is_some(), "{text}");
        }
    }

    #[test]
    fn other_marks_and_halves_of_marks_are_none() {
        for text in ["", "%", "%3", "%2", "%25", "&", "&#;", "&#x;", "&#99999999999;", "\\", "\\u", "\\u00", "é", "%é"]
        {
            assert_eq!(mark_at(text, 0, '?'), None, "{text}");
        }
    }
}
