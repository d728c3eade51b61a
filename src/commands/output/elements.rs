//! The elements of a list in JSON, made text as they come: as values, those of a long list would take many times as much
//! memory.

use serde_json::Value;

use super::{Output, OutputError};
use crate::evidence::Redactor;
use crate::report::printable_json;

/// How many elements are looked at together.
const AT_ONCE: usize = 256;

/// Elements of a list, without secrets, as they are in the finished JSON.
#[derive(Default)]
pub(in crate::commands) struct Elements {
    text: String,
    /// Those of a result that is anonymized. Which pseudonym a name gets depends on what is before it, so they wait for
    /// the rest of the result.
    held: Vec<Value>,
}

impl Elements {
    /// Adds further elements.
    ///
    /// # Errors
    /// Where one of them has a secret in it that cannot be taken out.
    pub fn add(
        &mut self,
        elements: impl Iterator<Item = Value>,
        output: &mut Output<'_>,
        redactor: &mut Redactor,
    ) -> Result<(), OutputError> {
        let mut elements = elements.peekable();
        if output.pseudonyms(redactor).is_some() {
            self.held.extend(elements);
            return Ok(());
        }
        while elements.peek().is_some() {
            let part: Vec<Value> = elements.by_ref().take(AT_ONCE).collect();
            let text = output.checked_text(redactor, None, true, &mut |nets| {
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
    /// Writes an object of JSON that was fetched, as [`Output::fetched`], with these elements in the list that is its field
    /// of this name.
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
        if !held.is_empty() {
            json[name] = held.into();
            return self.fetched(&Vec::new(), &json, redactor);
        }
        let public = self.pseudonyms(redactor);
        // The elements were looked at already, and nothing of them can be a part of what is around them.
        let parts = self.checked_text(redactor, public, true, &mut |nets| around(&nets.json(&json), name))?;
        let (before, after) = parts.split_once('\n').unwrap_or((&parts, ""));
        let written = [before, &text, after, "\n"];
        self.write_all(written.into_iter().map(str::as_bytes))
    }
}

/// An object of JSON as text, with a line break where the elements of a list in it belong: no text in JSON has one.
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

    /// The elements are where they would be if the object was written whole.
    #[test]
    fn list_that_is_written_in_parts_is_that_of_the_whole_object() {
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
    fn secret_in_an_element_is_taken_out() {
        for secret in ["CANARYpw-that-is-known", "CANARYpw%2Dthat%2Dis%2Dknown", "Q0FOQVJZcHctdGhhdC1pcy1rbm93bg=="] {
            for element in [json!(secret), json!({ "a": format!("see {secret}") }), json!([{ secret: 1 }])] {
                let text = written(json!({ "list": [] }), &[json!("1.0"), element], 1);
                assert!(!text.contains(secret) && text.contains("password removed"), "{text}");
                assert!(text.starts_with("{\"list\":[\"1.0\","), "{text}");
            }
        }
    }
}
