//! What leaves, and what does not.

use super::*;
use crate::text::Secret;

/// A form that only the last scan finds: hexadecimal numbers in letters of both cases.
const HIDDEN: &str = "43414e4152597077 2D 746861742D 69732D6b6e6f776e";

fn written(blocks: &[&[&str]]) -> Result<String, OutputError> {
    let mut written = Vec::new();
    let mut output = Output::new(&mut written, Format::Terminal, Style::new(false), 400);
    let secret = Secret::new("CANARYpw-that-is-known");
    let mut redactor = Redactor::new([("password", &secret)]);
    let line = |texts: &&[&str]| Block::Text(texts.iter().map(|text| crate::report::plain(*text)).collect());
    let document: Layout = blocks.iter().map(line).collect();
    output.fetched(&document, &Value::Null, &mut redactor)?;
    Ok(String::from_utf8(written).unwrap())
}

/// Case E35: a server that knows such a form cannot keep a report from being written.
#[test]
fn text_with_a_secret_that_only_the_last_scan_finds_is_removed() {
    let hidden = HIDDEN.replace(' ', "");
    let shown = written(&[&["one"], &["it says ", &format!("see {hidden} here")], &["two"]]).unwrap();
    assert!(shown.contains("one") && shown.contains("it says ‹text with a password in it removed, "), "{shown}");
    assert!(shown.contains("two") && !shown.contains(&hidden[..12]), "{shown}");
}

/// What the nets before it should have caught is not written, nor anything else of the result.
#[test]
fn result_with_a_secret_is_not_written() {
    let hidden = HIDDEN.replace(' ', "");
    let (one, other) = hidden.split_at(21);
    let words = written(&[&["one"], &[one, other]]).expect_err("a leak").to_string();
    assert!(words.starts_with("nothing was written: line 2 would have had a password in it"), "{words}");
    assert_eq!(written(&[&["one"]]).unwrap().trim(), "one");
}
