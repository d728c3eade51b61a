//! The parameters of a run in addition to its settings.

use crate::evidence::Depth;
use crate::oci::{Reference, Refusal};

/// The task of a run for one reference.
#[derive(Debug, Clone)]
pub struct Assignment<'a> {
    /// The reference.
    pub reference: &'a Reference,
    /// The media types of the asking client; if empty, those of a current one.
    pub accept: &'a [String],
    /// The depth of the run.
    pub depth: Depth,
    /// The error in the user's input, if it is not a reference and this one was probably meant.
    pub mended: Option<Refusal>,
    /// Whether other references are examined in the same run; see [`crate::evidence::Record::one_of_many`].
    pub one_of_many: bool,
}
