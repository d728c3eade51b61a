//! What a rule may want to know beyond what was observed.

use crate::oci::Digest;

/// Something that can be asked of the registry. Equal questions are asked once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Is there a blob of this digest in the repository?
    Blob(Digest),
}
