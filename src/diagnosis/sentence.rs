//! Phrases that several rules put into their sentences: lists, lengths of time, references.

use crate::oci::Reference;

/// A list for a sentence: `a, b and c`, and after `limit` entries how many more there are.
pub(crate) fn listed(entries: &[String], limit: usize) -> String {
    let mut shown: Vec<String> = entries.iter().take(limit).cloned().collect();
    if entries.len() > limit {
        shown.push(format!("{} more", entries.len() - limit));
    }
    match shown.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// A length of time in the largest unit of which it has two.
pub(crate) fn in_words(seconds: u64) -> String {
    match seconds {
        172_800.. => format!("{} days", seconds / 86_400),
        7_200.. => format!("{} hours", seconds / 3_600),
        120.. => format!("{} minutes", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

/// A reference in full, with the scheme that was typed.
pub(crate) fn as_typed(reference: &Reference) -> String {
    let full = reference.to_string();
    match reference.scheme() {
        Some(scheme) => format!("{}://{}", scheme.as_str(), full.trim_start_matches("oci://")),
        None => full,
    }
}
