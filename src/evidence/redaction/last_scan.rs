//! The last look at a finished text. It does not remove anything: what it finds should have been removed before, so
//! something is wrong with that, and the text is not written.
//!
//! It goes another way than the nets before it. Those look for the forms that a secret can have; this undoes what could have
//! been done to a text, and looks for the secret itself.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{Redactor, SHORTEST_BROKEN, is_break};

/// Shorter values could come about by chance where a text is taken apart.
const SHORTEST: usize = 8;

/// A secret in a text that was about to be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place} would have had a {what} in it")]
pub struct Leak {
    /// What it is: `password`, `token`, …
    pub what: &'static str,
    /// Where: a field of JSON, or a line.
    pub place: String,
}

impl Redactor {
    /// Looks for every secret of the run in a finished text.
    ///
    /// # Errors
    /// Where one is in it.
    pub fn last_scan(&self, text: &str) -> Result<(), Leak> {
        let mut known = self.values.iter().filter(|(_, value)| value.len() >= SHORTEST).peekable();
        if known.peek().is_none() {
            return Ok(());
        }
        let undone = Undone::of(text);
        match known.find(|(_, value)| undone.has(value)) {
            Some((what, value)) => Err(Leak { what, place: place(value, text) }),
            None => Ok(()),
        }
    }
}

/// Where a secret stands in a text: in JSON the first field that has it, elsewhere the line.
fn place(value: &str, text: &str) -> String {
    if let Ok(json) = serde_json::from_str::<Value>(text)
        && let Some(field) = field(value, &json, "$")
    {
        return field;
    }
    match text.lines().position(|line| is_in(value, line)) {
        Some(line) => format!("line {}", line + 1),
        None => "the text, over several lines,".to_owned(),
    }
}

fn field(value: &str, json: &Value, path: &str) -> Option<String> {
    match json {
        Value::String(text) => is_in(value, text).then(|| path.to_owned()),
        Value::Array(elements) => {
            elements.iter().enumerate().find_map(|(at, element)| field(value, element, &format!("{path}[{at}]")))
        }
        // A name could be anybody's, so only names of ours are repeated.
        Value::Object(fields) => fields.iter().find_map(|(name, element)| {
            let is_plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            field(value, element, &format!("{path}.{}", if is_plain { name.as_str() } else { "…" }))
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// A text with what could have been done to it undone, in every order that matters.
struct Undone<'a> {
    text: &'a str,
    views: Vec<String>,
    /// The same without what stands between the parts of a value that was broken into lines.
    joined: Vec<String>,
}

impl<'a> Undone<'a> {
    fn of(text: &'a str) -> Self {
        let plain = [text.to_owned(), without_entities(text)];
        let mut views: Vec<String> = plain.into_iter().flat_map(|view| [without_escapes(&view), view]).collect();
        views.extend(views.clone().iter().map(|view| without_escapes(view)));
        views.extend(views.clone().iter().map(|view| without_percent(view)));
        views.sort_unstable();
        views.dedup();
        let joined = views.iter().map(|view| without_breaks(view)).collect();
        Self { text, views, joined }
    }

    fn has(&self, value: &str) -> bool {
        let whole = without_breaks(value);
        self.views.iter().any(|view| view.contains(value))
            || (whole.len() >= SHORTEST_BROKEN && self.joined.iter().any(|view| view.contains(&whole)))
            || words(self.text).any(|word| is_encoded(value, word))
    }
}

fn is_in(value: &str, text: &str) -> bool {
    Undone::of(text).has(value)
}

fn without_breaks(text: &str) -> String {
    text.chars().filter(|&character| !is_break(character)).collect()
}

/// Words that could be base64 or hexadecimal.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_other = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '/' | '-' | '_');
    text.split(is_other).filter(|word| word.len() >= SHORTEST)
}

fn is_encoded(value: &str, word: &str) -> bool {
    let needle = value.as_bytes();
    let has = |bytes: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    // The secret may begin at any of the three places in a group, and the word with something else.
    let base64 = (0..4).any(|skipped| {
        let Some(rest) = word.get(skipped..) else { return false };
        let rest = &rest[..rest.len() / 4 * 4];
        [STANDARD_NO_PAD.decode(rest), URL_SAFE_NO_PAD.decode(rest)].into_iter().flatten().any(|bytes| has(&bytes))
            || STANDARD_NO_PAD.decode(word.get(skipped..).unwrap_or_default()).is_ok_and(|bytes| has(&bytes))
    });
    let hexadecimal = || {
        (0..2).any(|skipped| {
            let digits = &word.as_bytes()[skipped.min(word.len())..];
            let pairs = digits
                .chunks_exact(2)
                .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()));
            pairs.collect::<Option<Vec<u8>>>().is_some_and(|bytes| has(&bytes))
        })
    };
    base64 || hexadecimal()
}

/// `%41` as `A`.
fn without_percent(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                plain.push(byte);
                at += 3;
            }
            None => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// `\u0041` as `A`, and a backslash before anything else as nothing.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let unit = rest.strip_prefix('u').and_then(|digits| digits.get(..4));
        if let Some(character) = unit.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32) {
            plain.push(character);
            rest = &rest[5..];
        } else if let Some(next) = rest.chars().next() {
            plain.push(match next {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            });
            rest = &rest[next.len_utf8()..];
        }
    }
    plain.push_str(rest);
    plain
}

/// `&amp;` as `&`, and the like.
fn without_entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Secret;

    const SECRET: &str = "CANARYpw+x/y=z:%\"\\'&<end";

    fn scan(text: &str) -> Result<(), Leak> {
        Redactor::new([("password", &Secret::new(SECRET))]).last_scan(text)
    }

    /// Case E25: where a net is taken out, the text is not written.
    #[test]
    fn a_secret_that_got_through_is_found_in_every_form() {
        use base64::engine::general_purpose::STANDARD;
        let hexadecimal: String = SECRET.bytes().map(|byte| format!("{byte:02X}")).collect();
        let percent: String = SECRET.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let json = serde_json::to_string(SECRET).unwrap();
        let broken: String = SECRET.chars().map(|character| format!("{character}\n│ ")).collect();
        let escaped: String = SECRET.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        for text in [
            SECRET.to_owned(),
            format!("a {percent} b"),
            json.clone(),
            serde_json::to_string(&json).unwrap(),
            escaped,
            broken,
            format!("x{hexadecimal}"),
            SECRET.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\'', "&#39;"),
            STANDARD.encode(SECRET),
            format!("Basic {}", STANDARD.encode(format!("user:{SECRET}"))),
            format!("Basic {}", STANDARD.encode(format!("us:{SECRET}x"))),
            url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect(),
        ] {
            assert!(scan(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_has_no_secret_in_it_passes() {
        for text in ["", "CANARY", "Basic ‹removed›", "\\", "\\u12", "%", "%4", "&amp", "é\\é%é"] {
            assert_eq!(scan(text), Ok(()), "{text}");
        }
        let short = Redactor::new([("password", &Secret::new("the"))]);
        assert_eq!(short.last_scan("in the end"), Ok(()));
    }

    #[test]
    fn it_is_said_where_and_what_and_not_which() {
        let text = serde_json::json!({ "a": ["x", { "body": SECRET, SECRET: 1 }] }).to_string();
        let leak = scan(&text).unwrap_err();
        assert_eq!(leak.to_string(), "$.a[1].body would have had a password in it");
        assert_eq!(scan(&format!("one\ntwo {SECRET}")).unwrap_err().place, "line 2");
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_redactor_lets_through_passes(text in "\\PC{0,80}", secret in "[a-zA-Z0-9+/=:%&\"'<]{8,30}") {
            let secret = Secret::new(secret);
            let mut redactor = Redactor::new([("password", &secret)]);
            let text = format!("{text}{}{text}", secret.reveal());
            let shown = redactor.known_values(&text);
            proptest::prop_assert!(redactor.last_scan(&shown).is_ok(), "{}", shown);
        }
    }
}
