//! A document as it was sent, and as clients in Go decode it.

use serde_json::Value;

use super::disputed::{DisputedField, disputed};
use super::go_json::as_read;
use super::go_types::{GoField, GoType};
use crate::text::read_json_cut;

/// A JSON object that was served as a manifest, an index or a config.
#[derive(Debug, Clone)]
pub(super) struct Decoded {
    /// As it was sent. Texts in it are somebody else's.
    pub sent: Value,
    /// Whether it has more values than are read of a document, so that `sent` is not all of it.
    pub is_cut: bool,
    /// The fields that readers do not read alike, those that decide first.
    pub disputed: Vec<DisputedField>,
    /// As clients in Go read it, where that is something else.
    by_go: Option<Value>,
}

impl Decoded {
    /// Reads a body by the fields of its Go type; `None` where it is not a JSON object.
    pub fn read(bytes: &[u8], fields: &'static [GoField]) -> Option<Self> {
        let (sent, is_cut) = read_json_cut(bytes).filter(|(value, _)| value.is_object())?;
        let disputed = disputed(bytes, fields);
        let text = std::str::from_utf8(bytes).ok().filter(|_| !is_cut && !disputed.is_empty());
        let by_go = text.map(|text| as_read(text.trim_start(), GoType::Struct(fields), None));
        Some(Self { sent, is_cut, disputed, by_go })
    }

    /// An object that was put together here.
    pub fn of(value: Value) -> Self {
        Self { sent: value, is_cut: false, disputed: Vec::new(), by_go: None }
    }

    /// The document as clients in Go decode it, known fields under their own names. All that is judged is judged by it.
    pub fn by_go(&self) -> &Value {
        self.by_go.as_ref().unwrap_or(&self.sent)
    }
}
