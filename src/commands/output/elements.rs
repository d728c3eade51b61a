//! The elements of a list in JSON, formatted as they arrive: as values, those of a long list would take many times as much
//! memory.

use serde_json::Value;

use super::{Output, OutputError};
use crate::evidence::Redactor;
use crate::report::printable_json;

/// The number of elements that are searched for secrets together.
const AT_ONCE: usize = 256;

/// The elements of a list, redacted, as they are in the finished JSON.
#[derive(Default)]
pub(in crate::commands) struct Elements {
    text: String,
    /// The elements that wait for the rest of the result: of an anonymized one, because a pseudonym depends on the names
    /// before it, and of one that is indented for a terminal.
    held: Vec<Value>,
}

impl Elements {
    /// Adds further elements.
    ///
    /// # Errors
    /// Where one of them has a secret that cannot be redacted.
    pub fn add(
        &mut self,
        elements: impl Iterator<Item = Value>,
        output: &mut Output<'_>,
        redactor: &mut Redactor,
    ) -> Result<(), OutputError> {
        let mut elements = elements.peekable();
        if output.look().is_indented || output.pseudonyms(redactor).is_some() {
            self.held.extend(elements);
            return Ok(());
        }
        while elements.peek().is_some() {
            let part: Vec<Value> = elements.by_ref().take(AT_ONCE).collect();
            let text = output.checked_text(redactor, None, &mut |nets| {
                let shown: Vec<_> = part.iter().map(|element| printable_json(&nets.json(element))).collect();
                shown.join(",")
            })?;
            if !self.text.is_empty() {
                self.text.push(',');
            }
            self.text.push_str(&text);
        }
        Ok(())
    }
}

impl Output<'_> {
    /// Writes a fetched object of JSON, as [`Output::fetched`] does, with these elements in its field of this name, a list.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(in crate::commands) fn fetched_list(
        &mut self,
        mut json: Value,
        name: &str,
        elements: Elements,
        redactor: &mut Redactor,
    ) -> Result<(), OutputError> {
        let Elements { text, held } = elements;
        if text.is_empty() {
            json[name] = held.into();
            return self.fetched(&Vec::new(), &json, redactor);
        }
        let public = self.pseudonyms(redactor);
        // The elements were searched already, and no secret can begin in the text around them and end in one.
        let parts = self.checked_text(redactor, public, &mut |nets| around(&nets.json(&json), name))?;
        let (before, after) = parts.split_once('\n').unwrap_or((&parts, ""));
        let written = [before, &text, after, "\n"];
        self.write_all(written.into_iter().map(str::as_bytes))
    }
}

/// An object of JSON, with a line break instead of the elements of this list: printed JSON has no other.
fn around(json: &Value, name: &str) -> String {
    let fields = json.as_object().into_iter().flatten().map(|(field, value)| {
        let shown = if field == name { "[\n]".to_owned() } else { printable_json(value) };
        format!("{}:{shown}", printable_json(&Value::from(field.as_str())))
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::commands::Format;
    use crate::report::Style;
    use crate::text::Secret;

    fn redactor() -> Redactor {
        Redactor::new([("password", &Secret::new("CANARYpw-that-is-known"))])
    }

    fn written(object: Value, elements: &[Value], pages: usize) -> String {
        let (mut written, mut redactor) = (Vec::new(), redactor());
        let mut output = Output::new(&mut written, Format::Json, Style::new(false), 80);
        let mut list = Elements::default();
        for page in elements.chunks(elements.len().div_ceil(pages).max(1)) {
            list.add(page.iter().cloned(), &mut output, &mut redactor).unwrap();
        }
        output.fetched_list(object, "list", list, &mut redactor).unwrap();
        String::from_utf8(written).unwrap()
    }

    /// The elements are in the same place as in an object that is written whole.
    #[test]
    fn list_written_in_parts_equals_that_of_the_whole_object() {
        let many: Vec<_> = (0..700).map(|number| json!({ "n": number })).collect();
        for elements in [
            vec![],
            vec![json!("one")],
            vec![json!({ "a": "\u{1b}[2J \u{202e}", "b": null }), json!([1, 2]), json!("")],
            vec![json!("list"), json!("\"list\":[\n]"), json!("\n")],
            many,
        ] {
            for (before, after) in [("x", "y"), ("\n", "[\n]"), ("\"list\":[]", "\u{9b}2J"), ("", "é"), ("a", "b")] {
                let object = |list: &[Value]| json!({ "schema": before, "list": list, "list_of": { "list": after } });
                for pages in [1, 2, 7] {
                    let text = written(object(&[]), &elements, pages);
                    assert_eq!(text, format!("{}\n", printable_json(&object(&elements))));
                }
            }
        }
    }

    #[test]
    fn secret_in_an_element_is_redacted() {
        for secret in ["CANARYpw-that-is-known", "CANARYpw%2Dthat%2Dis%2Dknown", "Q0FOQVJZcHctdGhhdC1pcy1rbm93bg=="] {
            for element in [json!(secret), json!({ "a": format!("see {secret}") }), json!([{ secret: 1 }])] {
                let text = written(json!({ "list": [] }), &[json!("1.0"), element], 1);
                assert!(!text.contains(secret) && text.contains("password removed"), "{text}");
                assert!(text.starts_with("{\"list\":[\"1.0\","), "{text}");
            }
        }
    }
}
