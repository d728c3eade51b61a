//! The encodings of a secret to search for.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use memchr::memchr2;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::views::in_latin1;

/// The value verbatim, percent-encoded, and in JSON, HTML, hexadecimal and base64.
pub(super) fn encodings(value: &str) -> Vec<String> {
    let bytes = value.as_bytes();
    // These characters have no other form, and long values, which are tokens, have only these.
    let is_plain = bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte));
    let mut forms = if is_plain { vec![value.to_owned(), value.to_lowercase()] } else { with_signs(value) };
    let all_percent = each_in_hex("%", bytes.iter().map(|byte| u32::from(*byte)), 2);
    forms.extend([all_percent.to_uppercase(), all_percent]);
    forms.push(each_in_hex("\\u", value.encode_utf16().map(u32::from), 4));
    let latin1 = in_latin1(value);
    for bytes in [Some(bytes), latin1.as_deref()].into_iter().flatten() {
        forms.extend([STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD].map(|engine| engine.encode(bytes)));
        forms.extend((0..3).flat_map(|before| base64_within(bytes, before)));
        let digits = each_in_hex("", bytes.iter().map(|byte| u32::from(*byte)), 2);
        forms.extend([digits.to_uppercase(), digits]);
    }
    // In a command, a single quote is written as several characters; and any form may be in JSON.
    let has = |form: &String, signs: [u8; 2]| memchr2(signs[0], signs[1], form.as_bytes()).is_some();
    let quoted = forms.iter().filter(|form| has(form, [b'\''; 2])).map(|form| form.replace('\'', "'\\''"));
    forms.extend(quoted.collect::<Vec<_>>());
    forms.extend(forms.iter().filter(|form| has(form, [b'\\', b'"'])).map(|form| in_json(form)).collect::<Vec<_>>());
    forms.sort();
    forms.dedup();
    forms
}

/// The forms of a value with characters that have other forms.
fn with_signs(value: &str) -> Vec<String> {
    let bytes = value.as_bytes();
    let json = in_json(value);
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut forms = vec![
        value.to_owned(),
        url::form_urlencoded::byte_serialize(bytes).collect(),
        percent_encoded(value),
        percent_encoded(value).to_lowercase(),
        json.replace('/', "\\/"),
        json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"),
        in_json(&json),
        json,
        html.replace('"', "&quot;").replace('\'', "&#39;"),
        html.replace('"', "&#34;").replace('\'', "&#39;"),
        html.replace('"', "&quot;").replace('\'', "&#x27;"),
        html,
    ];
    forms.extend(as_urls_write_it(value));
    // UTF-8 mistaken for Latin-1.
    forms.push(bytes.iter().copied().map(char::from).collect());
    forms.extend(value.lines().filter(|line| line.len() >= 16).map(str::to_owned));
    forms
}

fn in_json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap_or_default();
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

/// Numbers in hexadecimal digits, this many each, with a prefix before each of them. Tokens have thousands of characters, and
/// each run with a token calls this, so it does not use the formatting machinery.
fn each_in_hex(before: &str, numbers: impl Iterator<Item = u32>, digits: u32) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let mut text = String::new();
    for number in numbers {
        text.push_str(before);
        for place in (0..digits).rev() {
            text.push(DIGITS[(number >> (4 * place) & 0xf) as usize]);
        }
    }
    text
}

/// The base64-decoded value, if it is plain text and long enough not to be so by accident.
pub(super) fn decoded(value: &str) -> Option<String> {
    const SHORTEST: usize = 12;
    let bytes = [STANDARD.decode(value), URL_SAFE_NO_PAD.decode(value)].into_iter().flatten().next()?;
    let text = String::from_utf8(bytes).ok()?;
    let is_plain = text.chars().all(|character| !character.is_control() || matches!(character, '\n' | '\r' | '\t'));
    (text.len() >= SHORTEST && is_plain).then_some(text)
}

/// The value decoded, and in the forms that it can have in an address.
pub(super) fn in_addresses(value: &str) -> Vec<String> {
    vec![value.to_owned(), percent_encoded(value), url::form_urlencoded::byte_serialize(value.as_bytes()).collect()]
}

/// The part of the base64 form that does not depend on the surrounding bytes, if this many bytes of a group of three
/// precede the value. Short parts are omitted: they would match other base64 by chance.
fn base64_within(value: &[u8], before: usize) -> Vec<String> {
    const SHORTEST: usize = 8;
    let padded = [&[0; 2][..before], value].concat();
    // The first characters contain bits of the preceding bytes, the last ones of the following bytes.
    let first = [0, 2, 3][before];
    let last = padded.len() / 3 * 4;
    let parts = [STANDARD, URL_SAFE].map(|engine| engine.encode(&padded).get(first..last).map(str::to_owned));
    parts.into_iter().flatten().filter(|part| part.len() >= SHORTEST).collect()
}

/// The value as it appears in an address that was parsed and written again: a path, a query and a fragment each leave
/// different characters unescaped (URL standard, percent-encode sets).
fn as_urls_write_it(value: &str) -> Vec<String> {
    let Ok(mut url) = Url::parse("http://localhost/") else { return Vec::new() };
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.clear().push(value);
    }
    url.set_query(Some(value));
    url.set_fragment(Some(value));
    let mut written = vec![url.path().trim_start_matches('/').to_owned()];
    written.extend([url.query(), url.fragment()].into_iter().flatten().map(str::to_owned));
    url.set_path(value);
    written.push(url.path().trim_start_matches('/').to_owned());
    written
}

/// All characters except for those that never need encoding (RFC 3986 §2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The value as it can appear anywhere in an address.
pub(super) fn percent_encoded(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_wherever_it_begins_in_base64() {
        let value = "correct horse battery";
        for around in ["", "a", "ab", "abc", "user:"] {
            let encoded = STANDARD.encode(format!("{around}{value}{around}"));
            assert!(encodings(value).iter().any(|form| encoded.contains(form)), "{encoded}");
        }
    }

    #[test]
    fn every_form_is_listed_once_and_none_is_short_by_accident() {
        let forms = encodings("x+/=%\"\\'&<end");
        assert!(forms.is_sorted() && forms.iter().all(|form| form.len() >= 8), "{forms:?}");
        for form in ["x%2B%2F%3D%25%22%5C%27%26%3Cend", "x+\\/=%\\\"\\\\'&<end", "x+/=%&quot;\\&#39;&amp;&lt;end"] {
            assert!(forms.contains(&form.to_owned()), "{form} is not in {forms:?}");
        }
    }

    /// A token has fewer forms than other values, and none of them is omitted.
    #[test]
    fn plain_value_has_all_its_forms() {
        for value in ["x", "eyJhbGciOiJub25lIn0.e30.", "Aa0-_.zZ9", "ghp_0123456789abcdefghij", "a-b_c.D"] {
            let forms = encodings(value);
            for form in with_signs(value) {
                assert!(forms.contains(&form), "{form} is not in {forms:?}");
            }
            for byte in value.bytes() {
                for form in [format!("%{byte:02x}"), format!("%{byte:02X}"), format!("\\u{byte:04x}")] {
                    assert!(forms.iter().any(|other| other.contains(&form)), "{form} is not in {forms:?}");
                }
            }
            let digits: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
            assert!(forms.contains(&digits) && forms.contains(&digits.to_uppercase()), "{forms:?}");
        }
    }

    /// A redirecting server can put a value anywhere into an address, and a command repeats that address in quotes.
    #[test]
    fn a_value_is_found_in_an_address_and_in_a_command_that_repeats_it() {
        let forms = encodings("\\';touch${IFS}x");
        for form in [
            "\\%27;touch${IFS}x",
            "\\\\%27;touch${IFS}x",
            "';touch$%7BIFS%7Dx",
            "'\\'';touch$%7BIFS%7Dx",
            "'\\\\'';touch$%7BIFS%7Dx",
        ] {
            assert!(forms.contains(&form.to_owned()), "{form} is not in {forms:?}");
        }
    }
}
