//! Values of what a reference is made of. What they mean is in [`content`](super::content).

use crate::evidence::{Exchange, ExchangeId};
use crate::image::{Descriptor, Manifest};
use crate::oci::Digest;

/// One thing that a document names, and what came of looking at it.
#[derive(Debug, Clone)]
pub(crate) struct Part<'a> {
    /// What the document says of it.
    pub descriptor: Descriptor,
    /// Its digest, where it is one.
    pub digest: Option<Digest>,
    /// What was exchanged about it: redirects, then the answer. Empty where nobody asked.
    pub exchanges: Vec<(ExchangeId, &'a Exchange)>,
}

/// The image that a client for the wanted platform ends up with.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    /// The exchange that served its manifest.
    pub shown: ExchangeId,
    /// The manifest, read.
    pub document: Manifest,
    /// The entry of the index that named it, where there is an index.
    pub entry: Option<Descriptor>,
}
