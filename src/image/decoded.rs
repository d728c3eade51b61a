//! A document as the registry sent it, and as Go clients decode it.

use serde_json::Value;

use super::disputed::{DisputedField, disputed};
use super::go_json::as_read;
use super::go_types::{GoField, GoType};
use crate::text::read_json_cut;

/// A JSON object that was served as a manifest, an index or a config.
#[derive(Debug, Clone)]
pub(super) struct Decoded {
    /// The object as the registry sent it. Its texts are untrusted.
    pub sent: Value,
    /// `true` if the document has more values than are parsed, so that `sent` is incomplete.
    pub is_cut: bool,
    /// The fields that parsers read differently, those that decide first.
    pub disputed: Vec<DisputedField>,
    /// The object as Go clients decode it, if that differs.
    by_go: Option<Value>,
}

impl Decoded {
    /// Parses a body by the fields of its Go type; `None` if it is not a JSON object.
    pub fn read(bytes: &[u8], fields: &'static [GoField]) -> Option<Self> {
        let (sent, is_cut) = read_json_cut(bytes).filter(|(value, _)| value.is_object())?;
        let disputed = disputed(bytes, fields);
        let text = std::str::from_utf8(bytes).ok().filter(|_| !is_cut && !disputed.is_empty());
        let by_go = text.map(|text| as_read(text.trim_start(), GoType::Struct(fields), None));
        Some(Self { sent, is_cut, disputed, by_go })
    }

    /// An object that was assembled here.
    pub fn of(value: Value) -> Self {
        Self { sent: value, is_cut: false, disputed: Vec::new(), by_go: None }
    }

    /// The document as Go clients decode it, known fields under their own names. All rules judge this form.
    pub fn by_go(&self) -> &Value {
        self.by_go.as_ref().unwrap_or(&self.sent)
    }
}
