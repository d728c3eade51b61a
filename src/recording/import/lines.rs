//! The lines of a log, without what terminals and log collectors added to them.

use std::borrow::Cow;

/// The maximum number of prefixes that are removed, one after the other.
const MOST_PREFIXES: usize = 3;

/// The text of a file: UTF-16 with a byte order mark, as PowerShell writes it, or UTF-8. Other bytes are replaced.
pub(super) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes).into(),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes).into(),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        _ => String::from_utf8_lossy(bytes),
    }
}

/// The lines of a text: without line ends of any form, escape sequences, and the prefixes that a log collector puts before
/// each line. A carriage return in the middle begins another line, since a terminal overwrites the one before it.
pub(super) fn lines(text: &str) -> Vec<Cow<'_, str>> {
    let whole = text.split('\n').map(|line| {
        // A progress meter begins its line anew.
        let line = line.trim_end_matches('\r').trim_start_matches('\r');
        if line.contains('\u{1b}') { Cow::Owned(without_escapes(line)) } else { Cow::Borrowed(line) }
    });
    let mut lines: Vec<Cow<'_, str>> = whole.collect();
    for _ in 0..MOST_PREFIXES {
        let Some(prefix) = PREFIXES.iter().find(|prefix| is_before_all(&lines, **prefix)) else { break };
        lines = lines.into_iter().map(|line| cut(line, *prefix)).collect();
    }
    let common = common_prefix(&lines);
    let bare = lines.into_iter().map(|line| cut(line, |line| line.starts_with(&*common).then_some(common.len())));
    let parts = bare.flat_map(|line| match line {
        Cow::Borrowed(line) => line.trim_matches('\r').split('\r').map(Cow::Borrowed).collect::<Vec<_>>(),
        Cow::Owned(line) => line.trim_matches('\r').split('\r').map(|part| Cow::Owned(part.to_owned())).collect(),
    });
    parts.collect()
}

/// A text without escape sequences (ECMA-48): control sequences, operating system commands, and single characters.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        plain.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let length = match after.as_bytes().first() {
            Some(b'[') => after[1..].find(|c: char| ('@'..='~').contains(&c)).map_or(after.len(), |end| end + 2),
            Some(b']') => after
                .find(['\u{7}', '\u{1b}'])
                .map_or(after.len(), |end| if after[end..].starts_with("\u{1b}\\") { end + 2 } else { end + 1 }),
            Some(_) => after.chars().next().map_or(0, char::len_utf8),
            None => 0,
        };
        rest = &after[length.min(after.len())..];
    }
    plain + rest
}

/// Finds the length of a prefix of a line.
type Prefix = fn(&str) -> Option<usize>;

/// The prefixes of log collectors: GitHub Actions and `kubectl logs --timestamps`, `gh run view --log`, the log files of a
/// kubelet (CRI), `ts` and journals.
const PREFIXES: [Prefix; 4] = [time_stamp, job_and_step, stream, journal];

/// Whether a prefix is before all lines that are not empty, but for a few at the ends, such as the command itself.
fn is_before_all(lines: &[Cow<'_, str>], prefix: Prefix) -> bool {
    let filled = || lines.iter().filter(|line| !line.trim().is_empty());
    let (all, with) = (filled().count(), filled().filter(|line| prefix(line).is_some()).count());
    with > 2 && with * 20 >= all * 19
}

fn cut<'a>(line: Cow<'a, str>, prefix: impl Fn(&str) -> Option<usize>) -> Cow<'a, str> {
    match (prefix(&line), line) {
        (None, line) => line,
        (Some(length), Cow::Borrowed(line)) => Cow::Borrowed(&line[length..]),
        (Some(length), Cow::Owned(mut line)) => {
            line.drain(..length);
            Cow::Owned(line)
        }
    }
}

/// The text that all lines begin with, if it ends with a bar, as the name of a service does in `docker compose logs`.
fn common_prefix(lines: &[Cow<'_, str>]) -> String {
    let mut filled = lines.iter().filter(|line| !line.trim().is_empty());
    let Some(first) = filled.next() else { return String::new() };
    let mut length = first.find("| ").map_or(0, |bar| bar + 2);
    if length == 0 || filled.clone().count() < 3 {
        return String::new();
    }
    if !filled.all(|line| line.starts_with(&first[..length])) {
        length = 0;
    }
    first[..length].to_owned()
}

/// The length of a part that follows a pattern: `0` for a digit, `A` for a letter, anything else for itself.
fn pattern(text: &str, pattern: &str) -> Option<usize> {
    let fits = |(byte, wanted): (u8, u8)| match wanted {
        b'0' => byte.is_ascii_digit(),
        b'A' => byte.is_ascii_alphabetic(),
        wanted => byte == wanted,
    };
    let bytes = text.as_bytes().get(..pattern.len())?;
    bytes.iter().copied().zip(pattern.bytes()).all(fits).then_some(pattern.len())
}

/// `2026-12-01T01:32:11.1234567Z `, also in brackets, and at the end of an empty line.
fn time_stamp(line: &str) -> Option<usize> {
    let open = usize::from(line.starts_with('['));
    let mut at = open + pattern(&line[open..], "0000-00-00")?;
    at += line[at..].starts_with(['T', ' ']).then_some(1)?;
    at += pattern(&line[at..], "00:00:00")?;
    if line[at..].starts_with(['.', ',']) {
        at += 1;
        at += line[at..].bytes().take_while(u8::is_ascii_digit).count();
    }
    at += match &line[at..] {
        zulu if zulu.starts_with('Z') => 1,
        zone if zone.starts_with(['+', '-']) => {
            pattern(&zone[1..], "00:00").or_else(|| pattern(&zone[1..], "0000"))? + 1
        }
        _ => 0,
    };
    if open == 1 {
        at += line[at..].starts_with(']').then_some(1)?;
    }
    after_space(line, at)
}

/// `job\tstep\t` before the time stamp.
fn job_and_step(line: &str) -> Option<usize> {
    let job = line.find('\t')? + 1;
    let step = job + line[job..].find('\t')? + 1;
    let time = line[step..].trim_start_matches('\u{feff}');
    let stamp = time_stamp(time)?;
    Some(line.len() - time.len() + stamp)
}

/// `stderr F `: the stream, and whether the line is whole.
fn stream(line: &str) -> Option<usize> {
    let rest = line.strip_prefix("stderr ").or_else(|| line.strip_prefix("stdout "))?;
    let rest = rest.strip_prefix(['F', 'P'])?;
    after_space(line, line.len() - rest.len())
}

/// `Dec 01 01:32:11 `, with the machine and the process of a journal after it.
fn journal(line: &str) -> Option<usize> {
    let at = pattern(line, "AAA 00 00:00:00").or_else(|| pattern(line, "AAA  0 00:00:00"))?;
    let at = after_space(line, at)?;
    // `host ctr[123]: `
    let process = || {
        let (names, _) = line[at..].split_once("]: ")?;
        let (host, process) = names.split_once(' ')?;
        let is_name = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        (is_name(host) && is_name(process) && process.contains('[')).then_some(at + names.len() + 3)
    };
    Some(process().unwrap_or(at))
}

/// The position after a space at `at`, or the end of the line.
fn after_space(line: &str, at: usize) -> Option<usize> {
    if line.len() == at {
        return Some(at);
    }
    line[at..].starts_with([' ', '\t']).then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: [&str; 5] = ["> GET /v2/ HTTP/1.1", "> Host: r.test", ">", "< HTTP/1.1 200 OK", "< "];

    #[test]
    fn prefix_of_a_log_collector_is_removed() {
        for prefix in [
            "2026-12-01T01:32:11.1234567Z ",
            "[2026-12-01 01:32:11] ",
            "build\tpull the image\t2026-12-01T01:32:11.1234567Z ",
            "2026-12-01T01:32:11.123456789+00:00 stderr F ",
            "Dec  1 01:32:11 node-1 ctr[123]: ",
            "Dec 01 01:32:11 ",
            "puller-1  | ",
        ] {
            let text: String = BARE.iter().map(|line| format!("{prefix}{line}\r\n")).collect();
            assert_eq!(lines(&text)[..5], BARE, "{prefix}");
        }
    }

    #[test]
    fn line_that_begins_like_another_is_kept() {
        let text = "a | b\na | c\n2026-12-01T01:32:11Z x\n";
        assert_eq!(lines(text), ["a | b", "a | c", "2026-12-01T01:32:11Z x", ""]);
    }

    #[test]
    fn colors_and_overwritten_lines_are_removed() {
        let text =
            "\r  0  0 --:--:-- 0\r\u{1b}[1mDate\u{1b}[0m: x\r\r\n\u{1b}]0;title\u{7}a\u{1b}]8;;u\u{1b}\\b\u{1b}(\n";
        assert_eq!(lines(text), ["  0  0 --:--:-- 0", "Date: x", "ab", ""]);
    }

    #[test]
    fn text_of_powershell_is_read() {
        let wide: Vec<u8> = "\u{feff}> GÉT".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text_of(&wide), "> GÉT");
        assert_eq!(text_of(b"\xef\xbb\xbf> a\xff"), "> a\u{fffd}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_lines(text in "[ -~\\r\\n\\t\\x1b\\[\\]\\x07é|0-9TZ:.-]{0,200}") {
            let _ = lines(&text);
        }
    }
}
