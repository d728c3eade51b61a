//! What the operating system says of a call that failed.

/// The operating system's words without the number that is appended to them.
pub(crate) fn plain_io_words(words: &str) -> String {
    let words = words.strip_prefix("failed to lookup address information: ").unwrap_or(words);
    words.split(" (os error").next().unwrap_or(words).to_owned()
}
