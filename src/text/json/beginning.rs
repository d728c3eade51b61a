//! Reads an incomplete document as far as it goes.

use serde_json::Value;

use super::read_json;

/// Reads the beginning of an object: its complete fields, and the available part of the last text. `None` if the bytes
/// are not the beginning of an object.
pub fn read_json_beginning(bytes: &[u8]) -> Option<Value> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value = read_json(&closed(start)?).ok()?;
    value.is_object().then_some(value)
}

/// The maximum depth of a document that is read ([`read_json`]); a deeper one need not be closed.
const DEEPEST: usize = 128;

/// The bytes cut after the last complete value, with every bracket closed.
fn closed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut open: Vec<u8> = Vec::new();
    // The number of bytes to keep, and the brackets open there: every value before that is complete.
    let mut kept = (0, Vec::new());
    let mut is_name = false;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => {
                open.push(if byte == b'{' { b'}' } else { b']' });
                if open.len() > DEEPEST {
                    return None;
                }
                is_name = byte == b'{';
                kept = (at + 1, open.clone());
            }
            b'}' | b']' => {
                if open.pop() != Some(byte) {
                    return None;
                }
                is_name = false;
                kept = (at + 1, open.clone());
            }
            b',' => {
                // The value before it is complete, whereas a number could continue.
                kept = (at, open.clone());
                is_name = open.last() == Some(&b'}');
            }
            b':' => is_name = false,
            b'"' => {
                let Some(end) = end_of_text(bytes, at + 1) else {
                    if is_name {
                        break;
                    }
                    return Some(with_text(bytes, at, &open));
                };
                if !is_name {
                    kept = (end, open.clone());
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    let (length, open) = kept;
    let mut text = bytes[..length].to_vec();
    text.extend(open.iter().rev());
    Some(text)
}

/// The position after the quotation mark that ends a text; `None` if the text goes on after the available bytes.
fn end_of_text(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

/// The bytes up to an incomplete text that begins at `start`, with its readable part.
fn with_text(bytes: &[u8], start: usize, open: &[u8]) -> Vec<u8> {
    let text = &bytes[start + 1..];
    // A character or an escape may have been cut in two.
    let whole = std::str::from_utf8(text).map_or_else(|error| error.valid_up_to(), str::len);
    let mut end = 0;
    while end < whole {
        let length = match (text[end], text.get(end + 1)) {
            (b'\\', Some(b'u')) => 6,
            (b'\\', _) => 2,
            _ => 1,
        };
        if end + length > whole {
            break;
        }
        end += length;
    }
    // Half of an escaped surrogate pair is not a character.
    let ends_in_half = end >= 6
        && text[end - 6..].starts_with(b"\\u")
        && matches!(text[end - 4..end - 2], [b'd' | b'D', b'8'..=b'9' | b'a'..=b'b' | b'A'..=b'B']);
    let end = if ends_in_half { end - 6 } else { end };
    let mut closed = bytes[..=start].to_vec();
    closed.extend_from_slice(&text[..end]);
    closed.push(b'"');
    closed.extend(open.iter().rev());
    closed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn complete_fields_and_the_available_part_of_the_last_text_are_read() {
        for (beginning, read) in [
            (
                r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"man"#,
                json!({"errors":[{"code":"MANIFEST_UNKNOWN","message":"man"}]}),
            ),
            (r#"{"errors":[{"code":"A","mess"#, json!({"errors":[{"code":"A"}]})),
            (r#"{"errors":[{"code":"A","message""#, json!({"errors":[{"code":"A"}]})),
            (r#"{"errors":[{"code":"A","message":"#, json!({"errors":[{"code":"A"}]})),
            (r#"{"errors":[{"code":"A","message":"b"},{"#, json!({"errors":[{"code":"A","message":"b"},{}]})),
            (r#"{"errors":[{"code":"A"}],"more":12"#, json!({"errors":[{"code":"A"}]})),
            (r#"{"a":1,"b":2"#, json!({"a":1})),
            (r#"{"a":[1,2,tru"#, json!({"a":[1,2]})),
            (r#"{"a":"x\"y\\"#, json!({"a":"x\"y\\"})),
            (r#"{"a":"x\"#, json!({"a":"x"})),
            (r#"{"a":"x\u00e4\u00"#, json!({"a":"x\u{e4}"})),
            (r#"{"a":"x\ud83d\ude0"#, json!({"a":"x"})),
            (r#"{"a":"x\ud83d"#, json!({"a":"x"})),
            (r#"{"a":"#, json!({})),
            ("{", json!({})),
            (r#"{"a":"b"}"#, json!({"a":"b"})),
        ] {
            assert_eq!(read_json_beginning(beginning.as_bytes()), Some(read), "{beginning}");
        }
        // The first byte of two.
        assert_eq!(read_json_beginning(b"{\"a\":\"x\xc3"), Some(json!({"a":"x"})));
        assert_eq!(read_json_beginning(b"\xef\xbb\xbf{\"a\":\"x"), Some(json!({"a":"x"})));
    }

    #[test]
    fn document_that_is_not_an_object_gives_nothing() {
        for other in ["", "<html", "[1,2", "\"text", "{]", "not found", "{\"a\":}", "{a:1,"] {
            assert_eq!(read_json_beginning(other.as_bytes()), None, "{other}");
        }
    }

    /// The open brackets of a deeper document are not kept for each of its values.
    #[test]
    fn document_that_is_nested_deeper_than_is_read_gives_nothing() {
        assert!(read_json_beginning("{\"a\":".repeat(100).as_bytes()).is_some());
        assert!(read_json_beginning("{\"a\":".repeat(1_000_000).as_bytes()).is_none());
    }

    proptest::proptest! {
        /// However much of a document is available, its reading is a part of the full one.
        #[test]
        fn every_beginning_of_a_document_can_be_read(cut in 1_usize..200) {
            let document = r#"{"errors":[{"code":"DENIED","message":"r\u00e9fus\u00e9 \ud83d\ude00 \"x\"","detail":[1,2.5e3,null,{"a":[]}]},{"code":"B"}],"n":-1}"#;
            let cut = cut.min(document.len());
            proptest::prop_assert!(read_json_beginning(&document.as_bytes()[..cut]).is_some(), "{}", &document[..cut]);
        }
    }
}
