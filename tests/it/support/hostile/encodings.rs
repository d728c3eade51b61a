//! A secret in the forms in which it could be written down, to search for each of them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Every form in which this text could stand somewhere: as it is, in base64 at each of the three places where it can
/// begin in a group of three bytes, with percent signs, in JSON, in HTML, in hexadecimal.
pub fn of(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        secret.to_owned(),
        percent(secret, false),
        percent(secret, true),
        percent(secret, false).to_lowercase(),
        percent(secret, false).replace("%20", "+"),
        in_json(secret),
        in_json(secret).replace('/', "\\/"),
        every_character_in_json(secret),
        in_json(&in_json(secret)),
        secret.replace('&', "&amp;").replace('"', "&quot;").replace('\'', "&#39;").replace('<', "&lt;"),
        hexadecimal.to_uppercase(),
        hexadecimal,
    ];
    for before in 0..3 {
        forms.extend(base64_at(bytes, before));
    }
    forms.sort();
    forms.dedup();
    forms
}

/// The part of base64 that is the same whatever stands around the secret, if this many bytes of a group are before it.
fn base64_at(bytes: &[u8], before: usize) -> [String; 2] {
    let padded = [&vec![b'x'; before][..], bytes].concat();
    // The first characters hold bits of what is before, the last ones bits of what is behind.
    let start = [0, 2, 3][before];
    let whole = padded.len() / 3 * 4;
    [STANDARD_NO_PAD.encode(&padded)[start..whole].to_owned(), URL_SAFE_NO_PAD.encode(&padded)[start..whole].to_owned()]
}

fn percent(text: &str, all: bool) -> String {
    let encode = |byte: u8| {
        if !all && (byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(encode).collect()
}

fn in_json(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("a string is JSON");
    quoted[1..quoted.len() - 1].to_owned()
}

fn every_character_in_json(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
}
