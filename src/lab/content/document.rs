//! Documents and blobs as they are stored, and how tools write them.

use bytes::Bytes;
use serde_json::{Value, json};

/// A manifest, list or index, and everything that is stored with it.
#[derive(Debug, Clone)]
pub(crate) struct Artifact {
    /// The type that it is stored as.
    pub media_type: String,
    /// The digest that it is stored under.
    pub digest: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// The configuration and the layers that are there.
    pub blobs: Vec<Blob>,
    /// Other documents that are stored with it: those that it lists, its subject, what refers to it.
    pub children: Vec<Artifact>,
}

/// A configuration or a layer.
#[derive(Debug, Clone)]
pub(crate) struct Blob {
    /// The digest that it is stored under.
    pub digest: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Blob {
    /// A blob with its true digest.
    pub(super) fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { digest: digest_of(&bytes), bytes }
    }

    /// What a document says of it.
    pub(super) fn descriptor(&self, media_type: &str) -> Value {
        json!({ "mediaType": media_type, "size": self.bytes.len(), "digest": self.digest })
    }
}

impl Artifact {
    /// A document with its true digest, as Docker writes it.
    pub(super) fn new(media_type: &str, content: &Value) -> Self {
        Self::written(media_type, content, Hand::Docker)
    }

    /// A document with its true digest, as some tool writes it.
    pub(super) fn written(media_type: &str, content: &Value, hand: Hand) -> Self {
        Self::of_bytes(media_type, hand.write(content))
    }

    /// A document of exactly these bytes, with its true digest.
    pub(super) fn of_bytes(media_type: &str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let digest = digest_of(&bytes);
        Self { media_type: media_type.to_owned(), digest, bytes, blobs: Vec::new(), children: Vec::new() }
    }

    /// With these blobs beside it.
    pub(super) fn with_blobs(mut self, blobs: impl IntoIterator<Item = Blob>) -> Self {
        self.blobs.extend(blobs);
        self
    }

    /// With these documents beside it.
    pub(super) fn with_children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// The same with another content, under the digest of that.
    pub(super) fn changed(self, change: impl FnOnce(&mut Value)) -> Self {
        let mut content = serde_json::from_slice(&self.bytes).expect("it was written as JSON just now");
        change(&mut content);
        let changed = Self::new(&self.media_type, &content);
        changed.with_blobs(self.blobs).with_children(self.children)
    }

    /// The same without the field that says what it is.
    pub(super) fn without_media_type(self) -> Self {
        self.changed(|content| {
            content.as_object_mut().map(|fields| fields.shift_remove("mediaType"));
        })
    }

    /// What another document says of it.
    pub(super) fn descriptor(&self) -> Value {
        json!({ "mediaType": self.media_type, "size": self.bytes.len(), "digest": self.digest })
    }
}

/// How the tools that make documents write their JSON. Nobody may write it anew, because the digest is over its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hand {
    /// Indented by three spaces.
    Docker,
    /// Indented by two spaces.
    BuildKit,
    /// On one line, as Helm, ORAS and cosign do.
    Compact,
}

impl Hand {
    fn write(self, content: &Value) -> Vec<u8> {
        let indent: &[u8] = match self {
            Self::Docker => b"   ",
            Self::BuildKit => b"  ",
            Self::Compact => return content.to_string().into_bytes(),
        };
        let mut bytes = Vec::new();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(indent);
        let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
        serde::Serialize::serialize(content, &mut serializer).expect("a JSON value can be written to memory");
        bytes
    }
}

/// The digest of these bytes. Computed by ring, which is quick in programs that are not optimised, too: one content is 4 MiB long.
pub(super) fn digest_of(bytes: &[u8]) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, bytes);
    let digits: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}
