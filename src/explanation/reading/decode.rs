//! Decodes bytes as text: UTF-8, or UTF-16 as PowerShell writes it to files.

use crate::text::Untrusted;

/// The number of bytes that are examined to distinguish UTF-16 without a byte order mark from UTF-8.
const LOOK: usize = 512;

/// Combines two bytes to a UTF-16 code unit.
type Unit = fn([u8; 2]) -> u16;

/// The byte order of UTF-16 text that begins with these bytes, and the length of its byte order mark (Unicode, "Byte
/// Order Mark"); `None` if it is not UTF-16.
fn utf_16_of(bytes: &[u8]) -> Option<(usize, Unit)> {
    match bytes {
        [0xff, 0xfe, ..] => Some((2, u16::from_le_bytes)),
        [0xfe, 0xff, ..] => Some((2, u16::from_be_bytes)),
        [0xef, 0xbb, 0xbf, ..] => None,
        _ => match zeros(&bytes[..bytes.len().min(LOOK)]) {
            // In plain English every second byte is zero.
            (even, odd, pairs) if odd * 2 > pairs && even * 8 < pairs => Some((0, u16::from_le_bytes)),
            (even, odd, pairs) if even * 2 > pairs && odd * 8 < pairs => Some((0, u16::from_be_bytes)),
            _ => None,
        },
    }
}

/// Returns `true` if text that begins with these bytes is decoded as UTF-16.
pub fn is_utf_16(bytes: &[u8]) -> bool {
    utf_16_of(bytes).is_some()
}

/// Decodes bytes as UTF-16 if they have its byte order mark or pattern of zero bytes, otherwise as UTF-8.
pub fn text_of(bytes: &[u8]) -> Untrusted {
    match utf_16_of(bytes) {
        Some((mark, unit)) => utf_16(&bytes[mark..], unit),
        None => Untrusted::from_bytes(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
    }
}

/// The numbers of zero bytes at even and at odd offsets, and of byte pairs.
fn zeros(bytes: &[u8]) -> (usize, usize, usize) {
    let count = |from: usize| bytes.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    (count(0), count(1), bytes.len() / 2)
}

fn utf_16(bytes: &[u8], unit: Unit) -> Untrusted {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let read = char::decode_utf16(units).map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER));
    Untrusted::new(read.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "docker : Error response from daemon: manifest unknown – ü\r\n";

    fn units(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn powershell_output_is_decoded_with_and_without_byte_order_mark() {
        let (little, big) = (units(TEXT, u16::to_le_bytes), units(TEXT, u16::to_be_bytes));
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for bytes in [
            little.clone(),
            big.clone(),
            marked(&[0xff, 0xfe], &little),
            marked(&[0xfe, 0xff], &big),
            TEXT.into(),
            marked(&[0xef, 0xbb, 0xbf], TEXT.as_bytes()),
        ] {
            assert_eq!(text_of(&bytes).as_str(), TEXT, "{bytes:?}");
        }
    }

    #[test]
    fn other_bytes_are_not_decoded_as_utf_16() {
        for bytes in [&b"a\0b: not found"[..], b"", b"\0", b"x", b"caf\xe9", b"\xff", "日本".as_bytes()] {
            assert_eq!(text_of(bytes), Untrusted::from_bytes(bytes), "{bytes:?}");
        }
        // Half a code unit at the end is omitted, and half a surrogate pair is replaced.
        assert_eq!(text_of(b"\xff\xfea\0b").as_str(), "a");
        assert_eq!(text_of(b"\xff\xfe\x00\xd8a\0").as_str(), "\u{fffd}a");
    }
}
