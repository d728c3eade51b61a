//! Documents and blobs as they are stored, and the formatting of the tools that write them.

use bytes::Bytes;
use serde_json::{Value, json};

/// A manifest, list or index, and everything that is stored along with it.
#[derive(Debug, Clone)]
pub(crate) struct Artifact {
    /// The media type that it is stored under.
    pub media_type: String,
    /// The digest that it is stored under.
    pub digest: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// The config and the layers that are stored.
    pub blobs: Vec<Blob>,
    /// Other documents that are stored along with it: those that it lists, its subject, its referrers.
    pub children: Vec<Artifact>,
}

/// A config or a layer.
#[derive(Debug, Clone)]
pub(crate) struct Blob {
    /// The digest that it is stored under.
    pub digest: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Blob {
    /// Creates a blob with its true digest.
    pub(super) fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { digest: digest_of(&bytes), bytes }
    }

    /// The descriptor of this blob in a document.
    pub(super) fn descriptor(&self, media_type: &str) -> Value {
        json!({ "mediaType": media_type, "size": self.bytes.len(), "digest": self.digest })
    }
}

impl Artifact {
    /// Creates a document with its true digest, formatted like Docker's.
    pub(super) fn new(media_type: &str, content: &Value) -> Self {
        Self::written(media_type, content, Writer::Docker)
    }

    /// Creates a document with its true digest, formatted like some tool's.
    pub(super) fn written(media_type: &str, content: &Value, writer: Writer) -> Self {
        Self::of_bytes(media_type, writer.write(content))
    }

    /// Creates a document of exactly these bytes, with its true digest.
    pub(super) fn of_bytes(media_type: &str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let digest = digest_of(&bytes);
        Self { media_type: media_type.to_owned(), digest, bytes, blobs: Vec::new(), children: Vec::new() }
    }

    /// Stores these blobs along with the document.
    pub(super) fn with_blobs(mut self, blobs: impl IntoIterator<Item = Blob>) -> Self {
        self.blobs.extend(blobs);
        self
    }

    /// Stores these documents along with the document.
    pub(super) fn with_children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// Changes the content, and the digest with it.
    pub(super) fn changed(self, change: impl FnOnce(&mut Value)) -> Self {
        let mut content = serde_json::from_slice(&self.bytes).expect("it was written as JSON just now");
        change(&mut content);
        let changed = Self::new(&self.media_type, &content);
        changed.with_blobs(self.blobs).with_children(self.children)
    }

    /// Removes the field `mediaType`.
    pub(super) fn without_media_type(self) -> Self {
        self.changed(|content| {
            content.as_object_mut().map(|fields| fields.shift_remove("mediaType"));
        })
    }

    /// The descriptor of this document in another one.
    pub(super) fn descriptor(&self) -> Value {
        json!({ "mediaType": self.media_type, "size": self.bytes.len(), "digest": self.digest })
    }
}

/// The formatting of JSON by the tools that write documents. It has to be kept, because the digest covers the bytes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Writer {
    /// Indented by three spaces.
    Docker,
    /// Indented by two spaces.
    BuildKit,
    /// On one line, as Helm, ORAS and cosign do.
    Compact,
}

impl Writer {
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

/// Computes the digest of these bytes. It uses ring, which is fast even in unoptimized builds: one document is longer
/// than 4 MiB.
pub(super) fn digest_of(bytes: &[u8]) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, bytes);
    let digits: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}
