//! Phrases that several rules use in their sentences: lists, durations, references.

use crate::oci::Reference;

/// A list for a sentence: `a, b and c`; beyond `limit` entries, the number of the others.
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

/// A duration in the largest unit of which it has at least two.
pub(crate) fn in_words(seconds: u64) -> String {
    match seconds {
        172_800.. => format!("{} days", seconds / 86_400),
        7_200.. => format!("{} hours", seconds / 3_600),
        120.. => format!("{} minutes", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

/// A reference in full, with the scheme of the input.
pub(crate) fn as_typed(reference: &Reference) -> String {
    let full = reference.to_string();
    match reference.scheme() {
        Some(scheme) => format!("{}://{}", scheme.as_str(), full.trim_start_matches("oci://")),
        None => full,
    }
}
