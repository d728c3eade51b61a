//! The operating system's message for a failed call.

/// Returns the operating system's message without the appended error number.
pub(crate) fn plain_io_words(words: &str) -> String {
    let words = words.strip_prefix("failed to lookup address information: ").unwrap_or(words);
    words.split(" (os error").next().unwrap_or(words).to_owned()
}
