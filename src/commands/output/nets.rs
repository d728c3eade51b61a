//! What becomes of each text before a result is laid out.

use serde_json::Value;

use crate::evidence::{Pseudonyms, Redactor};
use crate::report::{Layout, relabelled, relabelled_json, renamed_json};

/// What every text of a result goes through before it is laid out.
pub(super) struct Nets<'a> {
    /// What takes out secrets.
    pub redactor: &'a mut Redactor,
    /// What has a pseudonym, where the result is anonymized.
    pub public: Option<Pseudonyms>,
    /// Whether a text that the last scan finds something in is left out.
    pub is_strict: bool,
    /// How many texts were looked at.
    pub texts: usize,
    /// Is called now and then.
    pub goes_on: &'a mut dyn FnMut(),
}

impl Nets<'_> {
    /// A document, with every text of it changed.
    pub fn document(&mut self, document: &Layout) -> Layout {
        relabelled(document, &mut |text| self.text(text))
    }

    /// An object of JSON. The names of fields may be a server's too.
    pub fn json(&mut self, json: &Value) -> Value {
        let clean = renamed_json(json, &mut |text| self.without_secrets(text));
        match &mut self.public {
            Some(public) => relabelled_json(&clean, &mut |text| public.text(text)),
            None => clean,
        }
    }

    /// One text.
    pub fn text(&mut self, text: &str) -> String {
        let text = self.without_secrets(text);
        self.public.as_mut().map(|public| public.text(&text)).unwrap_or(text)
    }

    fn without_secrets(&mut self, text: &str) -> String {
        self.note_text();
        let text = self.redactor.text(text);
        if self.is_strict { self.redactor.without_leak(&text) } else { text }
    }

    /// A result that was laid out, where secrets that stand in several of its texts have come together.
    pub fn finished(&mut self, render: &mut dyn FnMut(&mut Self) -> String) -> String {
        let text = render(self);
        self.redactor.known_values(&text)
    }

    /// Notes that another text was looked at. Now and then the stream hears that the result is under way: what ends
    /// runs that take too long can tell a long list from an endless computation by that.
    fn note_text(&mut self) {
        const EVERY: usize = 100;
        self.texts += 1;
        if self.texts.is_multiple_of(EVERY) {
            (self.goes_on)();
        }
    }
}
