//! The nets that every text of a result goes through.

use serde_json::Value;

use super::OutputError;
use crate::evidence::{Leak, Pseudonyms, Redactor};
use crate::report::{Layout, relabelled, relabelled_json, renamed_json};

/// A result in which no secret of the run may be any more. What only the last scan finds is left out with the words that it
/// is in; where it is still there then, there is no result.
///
/// Calls `goes_on` from time to time while the texts of a long result pass ([`Nets::goes_on`]).
pub(super) fn checked<T: Finished>(
    redactor: &mut Redactor,
    public: Option<Pseudonyms>,
    goes_on: &mut dyn FnMut(),
    render: &mut dyn FnMut(&mut Nets<'_>) -> T,
) -> Result<T, OutputError> {
    let mut nets = Nets { redactor, public: public.clone(), is_strict: false, texts: 0, goes_on };
    let mut result = nets.finished(render);
    if result.last_scan(nets.redactor).is_err() {
        nets = Nets { public, is_strict: true, ..nets };
        result = nets.finished(render);
        result.last_scan(nets.redactor)?;
    }
    Ok(result)
}

/// A result that was laid out, in which secrets that are split across several of its texts have come together.
pub(super) trait Finished {
    /// The result without the known values of the run.
    fn without_known_values(self, redactor: &mut Redactor) -> Self;

    /// Searches the result for every secret of the run.
    ///
    /// # Errors
    /// Fails if it contains one.
    fn last_scan(&self, redactor: &Redactor) -> Result<(), Leak>;
}

impl Finished for String {
    fn without_known_values(self, redactor: &mut Redactor) -> Self {
        redactor.known_values(&self)
    }

    fn last_scan(&self, redactor: &Redactor) -> Result<(), Leak> {
        redactor.last_scan(self)
    }
}

/// What every text of a result goes through before it is laid out.
pub(super) struct Nets<'a> {
    /// The redactor of the secrets.
    pub redactor: &'a mut Redactor,
    /// The pseudonyms, if the result is anonymized.
    pub public: Option<Pseudonyms>,
    /// Whether a text that the last scan finds something in is left out.
    pub is_strict: bool,
    /// The number of texts so far.
    pub texts: usize,
    /// Called after every hundredth text.
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

    /// A single text.
    pub fn text(&mut self, text: &str) -> String {
        let text = self.without_secrets(text);
        self.public.as_mut().map(|public| public.text(&text)).unwrap_or(text)
    }

    fn without_secrets(&mut self, text: &str) -> String {
        self.count_text();
        let text = self.redactor.text(text);
        if self.is_strict { self.redactor.without_leak(&text) } else { text }
    }

    /// Counts a text. The calls of `goes_on` show the deadline of the run that a long list makes progress, unlike an
    /// endless computation.
    fn count_text(&mut self) {
        const EVERY: usize = 100;
        self.texts += 1;
        if self.texts.is_multiple_of(EVERY) {
            (self.goes_on)();
        }
    }

    fn finished<T: Finished>(&mut self, render: &mut dyn FnMut(&mut Self) -> T) -> T {
        render(self).without_known_values(self.redactor)
    }
}
