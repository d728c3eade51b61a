//! What leaves, and what does not.

use super::*;
use crate::report::Block;
use crate::text::Secret;

/// A form that only the last scan finds: hexadecimal numbers in letters of both cases.
const HIDDEN: &str = "43414e4152597077 2D 746861742D 69732D6b6e6f776e";

/// The forms that are written from layouts.
const FORMS: [Format; 3] = [Format::Terminal, Format::Markdown, Format::Html];

fn written(format: Format, blocks: &[&[&str]]) -> Result<String, OutputError> {
    let mut written = Vec::new();
    let mut output = Output::new(&mut written, format, Style::new(false), 400);
    let secret = Secret::new("CANARYpw-that-is-known");
    let mut redactor = Redactor::new([("password", &secret)]);
    let line = |texts: &&[&str]| Block::Text(texts.iter().map(|text| crate::report::plain(*text)).collect());
    let document: Layout = blocks.iter().map(line).collect();
    output.fetched(&document, &Value::Null, &mut redactor)?;
    output.finish()?;
    drop(output);
    Ok(String::from_utf8(written).unwrap())
}

/// Case E35: a server that knows such a form cannot keep a report from being written.
#[test]
fn text_with_a_secret_that_only_the_last_scan_finds_is_removed() {
    let hidden = HIDDEN.replace(' ', "");
    for format in FORMS {
        let shown = written(format, &[&["one"], &["it says ", &format!("see {hidden} here")], &["two"]]).unwrap();
        assert!(shown.contains("one") && shown.contains("‹text with a password in it removed, "), "{shown}");
        assert!(shown.contains("two") && !shown.contains(&hidden[..12]), "{shown}");
    }
}

/// What the nets before it should have caught is not written, nor anything else of the result.
#[test]
fn result_with_a_secret_is_not_written() {
    let hidden = HIDDEN.replace(' ', "");
    let (one, other) = hidden.split_at(21);
    // In Markdown the two are code, with marks between them.
    for format in [Format::Terminal, Format::Html] {
        let words = written(format, &[&["one"], &[one, other]]).expect_err("a leak").to_string();
        let place = if format == Format::Terminal { "line 2" } else { "line " };
        assert!(words.starts_with(&format!("nothing was written: {place}")), "{words}");
        assert!(words.contains(" would have had a password in it"), "{words}");
        assert!(written(format, &[&["one"]]).unwrap().contains("one"));
    }
}

/// A stream that counts writes of nothing, other bytes, and flushes.
#[derive(Default)]
struct Counted {
    empty: usize,
    bytes: usize,
    flushes: usize,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.empty += usize::from(bytes.is_empty());
        self.bytes += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flushes += 1;
        Ok(())
    }
}

/// A stream that is flushed has a result, so a list that is being prepared writes nothing instead.
#[test]
fn stream_learns_that_a_long_list_makes_progress() {
    for (lines, at_least) in [(0, 0), (1, 0), (99, 0), (100, 1), (350, 3), (1000, 10)] {
        for is_leak in [false, true] {
            let mut counted = Counted::default();
            let mut output = Output::new(&mut counted, Format::Terminal, Style::new(false), 400);
            let secret = Secret::new("CANARYpw-that-is-known");
            let mut redactor = Redactor::new([("password", &secret)]);
            let line = |texts: &[&str]| Block::Text(texts.iter().map(|text| crate::report::plain(*text)).collect());
            let mut document: Layout = (0..lines).map(|_| line(&["one"])).collect();
            let hidden = HIDDEN.replace(' ', "");
            let (one, other) = hidden.split_at(21);
            document.extend(is_leak.then(|| line(&[one, other])));
            assert_eq!(output.fetched(&document, &Value::Null, &mut redactor).is_err(), is_leak);
            assert!(counted.empty >= at_least && (lines >= 99 || counted.empty == 0), "{lines}: {}", counted.empty);
            assert_eq!((counted.flushes > 0, counted.bytes > 0), (!is_leak, !is_leak && lines > 0), "{lines}");
        }
    }
}
