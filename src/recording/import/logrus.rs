//! Lines of Go's logrus, which `ctr` writes its dumps with: `time="…" level=info msg="…"`, or in a terminal
//! `INFO[0000] …`, padded with spaces.

use std::borrow::Cow;

/// A line of the log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    /// The time, by RFC 3339.
    pub time: Option<&'a str>,
    /// Its level: `info`, `debug`.
    pub level: Cow<'a, str>,
    /// The message, as bytes: a line of a dump may be of a binary body.
    pub message: Cow<'a, [u8]>,
    /// The fields after it, as they are.
    pub fields: &'a str,
    /// Whether spaces at the end of the message may have been added.
    pub is_padded: bool,
}

/// Reads a line. `None` if it is not one of a log.
pub(super) fn entry(line: &str) -> Option<Entry<'_>> {
    in_fields(line).or_else(|| in_terminal(line))
}

fn in_fields(line: &str) -> Option<Entry<'_>> {
    let rest = line.strip_prefix("time=")?;
    let (time, rest) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => rest.split_once(' ')?,
    };
    let rest = rest.trim_start().strip_prefix("level=")?;
    let (level, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    // A message without text is left out.
    let (message, fields) = match rest.strip_prefix("msg=") {
        None => (Cow::Borrowed(&b""[..]), rest),
        Some(quoted) if quoted.starts_with('"') => {
            let (message, length) = unquoted(quoted)?;
            (Cow::Owned(message), &quoted[length..])
        }
        Some(plain) => {
            let (message, fields) = plain.split_once(' ').unwrap_or((plain, ""));
            (Cow::Borrowed(message.as_bytes()), fields)
        }
    };
    Some(Entry { time: Some(time), level: level.into(), message, fields, is_padded: false })
}

fn in_terminal(line: &str) -> Option<Entry<'_>> {
    let (level, rest) = line.split_at_checked(4)?;
    let (seconds, rest) = rest.strip_prefix('[')?.split_once(']')?;
    let is_level = matches!(level, "INFO" | "DEBU" | "WARN" | "ERRO" | "FATA" | "TRAC");
    if !is_level || seconds.is_empty() || !seconds.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let level = if level == "DEBU" { "debug".into() } else { Cow::Owned(level.to_ascii_lowercase()) };
    let message = rest.strip_prefix(' ').unwrap_or(rest);
    Some(Entry { time: None, level, message: message.as_bytes().into(), fields: "", is_padded: true })
}

/// The value of a field after the message: `url="https://r.test/v2/"`.
pub(super) fn field<'a>(entry: &Entry<'a>, name: &str) -> Option<String> {
    let at = entry.fields.match_indices(name).map(|(at, _)| at).find(|at| {
        let before = entry.fields[..*at].chars().next_back();
        before.is_none_or(|before| before == ' ') && entry.fields[at + name.len()..].starts_with('=')
    })?;
    let value = &entry.fields[at + name.len() + 1..];
    if value.starts_with('"') {
        return String::from_utf8(unquoted(value)?.0).ok();
    }
    Some(value.split(' ').next().unwrap_or_default().to_owned())
}

/// The bytes of a text that Go quoted (`strconv.Quote`), and the length of the quoted text. `None` if it has no end.
pub(super) fn unquoted(text: &str) -> Option<(Vec<u8>, usize)> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.strip_prefix('"')?;
    loop {
        let at = rest.find(['"', '\\'])?;
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let after = &rest[at + 1..];
        if rest[at..].starts_with('"') {
            return Some((bytes, text.len() - after.len()));
        }
        let escaped = after.chars().next()?;
        let number = |length: usize| u32::from_str_radix(after.get(1..=length)?, 16).ok();
        let taken = match escaped {
            'x' => {
                bytes.push(u8::try_from(number(2)?).ok()?);
                3
            }
            'u' | 'U' => {
                let length = if escaped == 'u' { 4 } else { 8 };
                let character = char::from_u32(number(length)?)?;
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                length + 1
            }
            plain => {
                bytes.push(match plain {
                    'a' => 7,
                    'b' => 8,
                    'f' => 12,
                    'n' => b'\n',
                    'r' => b'\r',
                    't' => b'\t',
                    'v' => 11,
                    '"' | '\\' | '\'' => plain as u8,
                    _ => return None,
                });
                1
            }
        };
        rest = &after[taken..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_is_read_as_it_was_written() {
        let line = r#"time="2026-12-01T01:32:11Z" level=info msg="Etag: \"a\" \x1f\u00e9\t""#;
        let read = entry(line).unwrap();
        assert_eq!((read.time, &*read.level, read.is_padded), (Some("2026-12-01T01:32:11Z"), "info", false));
        assert_eq!(&*read.message, "Etag: \"a\" \x1fé\t".as_bytes());
        let read = entry("time=\"2026-12-01T01:32:11Z\" level=info").unwrap();
        assert_eq!((&*read.message, read.fields), (&b""[..], ""));
        let read = entry("INFO[0000] Host: r.test                    ").unwrap();
        assert_eq!((&*read.message, read.is_padded), (&b"Host: r.test                    "[..], true));
        for line in ["INFO[x] y", "INFORMATION", "time=", "level=info", "time=\"a\" level=info msg=\"b", "é[0000] x"] {
            assert_eq!(entry(line), None, "{line}");
        }
    }

    #[test]
    fn field_is_found_by_its_name() {
        let line =
            r#"time="t" level=debug msg="do request" host="r.test:5000" request.method=HEAD url="http://r.test:5000/""#;
        let read = entry(line).unwrap();
        assert_eq!(field(&read, "host").as_deref(), Some("r.test:5000"));
        assert_eq!(field(&read, "request.method").as_deref(), Some("HEAD"));
        assert_eq!(field(&read, "url").as_deref(), Some("http://r.test:5000/"));
        assert_eq!(field(&read, "method"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_read(line in "(time=\"t\" level=info msg=)?[\"\\\\xu0-9a-f =é]{0,60}") {
            if let Some(read) = entry(&line) {
                let _ = field(&read, "x");
            }
        }
    }
}
