//! What a run found, as a value, and how that value is shown.
//!
//! [`Report`] is made once, redacted as it is made. [`outline()`] lays out what a probe found as a [`Layout`]: headings,
//! tables, quoted words, findings; [`diagnosed()`] lays out a diagnosis, with the cause first and the evidence behind it. The terminal and Markdown are two ways of writing a document; JSON is the report itself.

mod address;
mod answers;
mod asked_as;
mod brief;
mod build;
mod contents;
mod curl;
mod diagnosed;
mod exchange;
mod form;
pub mod html;
mod internal;
mod interrupted;
mod json;
mod layout;
mod many;
mod markdown;
mod matrix;
mod outline;
mod pasted;
mod path;
mod presented;
mod proof;
mod provenance;
mod relabelled;
mod requests;
mod short;
mod sides;
mod style;
mod table;
mod terminal;
mod timeline;
mod trail;
mod tree;
mod value;
mod verdict;
mod words;
mod wrap;

pub use address::short_address;
pub use brief::in_brief;
pub use build::{Surroundings, build, shown, shown_exchanges};
pub use curl::curl;
pub use diagnosed::diagnosed;
pub use exchange::{answer_in_full, exchange_in_full, request_line};
pub use form::{Form, Published, form_in_full, schema_of_one_of};
pub use internal::internal_hosts;
pub use interrupted::said_once;
pub use json::{
    ExchangeAlone, WrittenExchange, WrittenFailure, WrittenFinding, WrittenReference, WrittenReport, indented_json,
    printable_json, to_json,
};
pub use layout::{Block, Cell, Column, Label, Layout, Line, Row, Span, Table, plain};
pub use many::{Tally, one_of_many};
pub use markdown::to_markdown;
pub use outline::outline;
pub use pasted::pasted;
pub use path::authentication_steps;
pub use presented::{WrittenChain, presented, shown_chain};
pub use provenance::{WrittenProvenance, provenance_in_words, provenance_of_several, provenance_of_sides};
pub use relabelled::{Change, relabelled, relabelled_json, renamed_json};
pub use short::{Amount, SCREEN, in_short};
pub use sides::exchanges_side_by_side;
pub use style::Style;
pub use terminal::{UNWRAPPED, to_terminal};
pub use trail::{WrittenStep, origin_in_words, trail_in_words, written_trail};
pub use tree::short_digest;
pub use value::{Note, NoteWeight, Report, ShownExchange};
pub use words::{minute, removed};
