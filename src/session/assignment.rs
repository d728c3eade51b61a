//! What a run is told beyond its settings.

use crate::evidence::Depth;
use crate::oci::{Reference, Refusal};

/// What is to be found out about one reference.
#[derive(Debug, Clone)]
pub struct Assignment<'a> {
    /// The reference.
    pub reference: &'a Reference,
    /// The types of the client that asks; where there are none, a current one does.
    pub accept: &'a [String],
    /// How far to go.
    pub depth: Depth,
    /// What was typed, where it is no reference and this one was probably meant.
    pub mended: Option<Refusal>,
    /// Whether other references are examined in the same run; see [`crate::evidence::Record::one_of_many`].
    pub one_of_many: bool,
}
