//! The parts of an image as values, which [`content`](super::content) reads.

use crate::evidence::{Exchange, ExchangeId};
use crate::image::{Descriptor, Manifest};
use crate::oci::Digest;

/// A descriptor in a document, and the result of requesting its content.
#[derive(Debug, Clone)]
pub(crate) struct Part<'a> {
    /// The descriptor.
    pub descriptor: Descriptor,
    /// Its digest, if it is a valid one.
    pub digest: Option<Digest>,
    /// The exchanges about it: redirects, then the answer. Empty if it was not requested.
    pub exchanges: Vec<(ExchangeId, &'a Exchange)>,
}

/// The image that a client for the wanted platform selects.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    /// The exchange that served its manifest.
    pub shown: ExchangeId,
    /// The parsed manifest.
    pub document: Manifest,
    /// The index entry that names it, if there is an index.
    pub entry: Option<Descriptor>,
}
