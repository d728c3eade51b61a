//! Text from outside, and values that must not leak, each as a type of its own. All other rooms build on this one.
//!
//! [`Untrusted`] cannot be displayed without being made visible first, and [`Secret`] cannot be displayed at all. Texts
//! to be truncated are marked, and cut after their secrets were removed ([`cut_at_marks`]). Bytes become a JSON tree
//! within a bound ([`read_json`]).

mod cuts;
mod json;
pub(crate) mod raw;
mod secret;
pub(crate) mod spelled;
mod untrusted;
mod written;

pub use cuts::{cut, cut_at_marks};
pub(crate) use cuts::{each_part, has_marks};
pub use json::{
    ListField, Listing, MOST_ENTRIES, MOST_VALUES, UnreadJson, is_json, read_json, read_json_beginning, read_json_cut,
    read_json_within, read_list, read_names,
};
pub use secret::Secret;
pub use untrusted::{Untrusted, as_text, is_safe};
pub(crate) use written::written_by;
