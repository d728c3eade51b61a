//! Finds secrets by the structure of a text, anywhere in it: in addresses, in queries, and after names such as
//! `signature` and `password`; and texts in the form of a token.
//!
//! Storage services put signatures into queries, and their refusals repeat them in XML, JSON, HTML and plain text.
//! Findings are only returned here, as ranges of the text; [`Redactor`](super::Redactor) removes them.

mod addresses;
mod fields;
mod marks;
mod queries;

#[cfg(test)]
mod tests;

use super::found::SecretPart;

/// All secrets that structure and form reveal, in order and without overlaps. Labels of values removed earlier have to
/// be masked: each is one character then, and a value that consists of those is left alone.
pub(super) fn secrets_in(text: &str) -> Vec<SecretPart> {
    let mut found = Vec::new();
    if has_structure(text) {
        addresses::find(text, &mut found);
        queries::find(text, &mut found);
        fields::find(text, &mut found);
    }
    super::tokens::find(text, &mut found);
    found.retain(|one| !one.range.is_empty() && !text[one.range.clone()].chars().all(super::labels::is_mask));
    found.sort_by_key(|one| (one.range.start, std::cmp::Reverse(one.range.end)));
    let mut end = 0;
    found.retain(|one| {
        let is_new = one.range.start >= end;
        end = end.max(one.range.end);
        is_new
    });
    found
}

/// Whether a text has a character without which it contains no address, pair or field. Most texts are digests, media
/// types and names.
fn has_structure(text: &str) -> bool {
    const LONGEST: usize = 96;
    text.len() > LONGEST
        || text.contains("//")
        || text.contains(": ")
        || text.bytes().any(|byte| b"=?@#%&\\\"'<>".contains(&byte))
        || text.find(':').is_some_and(|colon| text[..colon].contains('-') || text[..colon].ends_with("ookie"))
}
