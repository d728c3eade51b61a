//! Bot challenge pages that servers send instead of an answer.

use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    name: String,
    header: Option<String>,
    words: Vec<String>,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by people, and by a test"))]
    checked: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by people, and by a test"))]
    source: String,
}

#[derive(Deserialize)]
struct File {
    page: Vec<Page>,
}

static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
    let file: File =
        toml::from_str(include_str!("bot_pages.toml")).expect("the file is part of the program, and a test reads it");
    file.page
});

/// The longest part of a page that is searched, in bytes.
const LOOKED_AT: usize = 64 * 1024;

/// The product whose bot challenge an answer is. `header` returns the value of a header by its lower-case name, `page`
/// is the body.
pub fn bot_page<'h>(header: impl Fn(&str) -> Option<&'h str>, page: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(&page[..page.len().min(LOOKED_AT)]).to_ascii_lowercase();
    let has_header = |wanted: &str| {
        let (name, words) = wanted.split_once(": ").unwrap_or((wanted, ""));
        header(name).is_some_and(|value| value.to_ascii_lowercase().contains(words))
    };
    let is_it = |page: &&Page| {
        page.header.as_deref().is_some_and(has_header) || page.words.iter().any(|words| text.contains(words.as_str()))
    };
    PAGES.iter().find(is_it).map(|page| page.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_dated_and_in_lower_case() {
        for page in PAGES.iter() {
            assert!(page.checked.len() == 10 && !page.source.is_empty(), "{}", page.name);
            assert!(page.words.iter().all(|words| *words == words.to_ascii_lowercase()), "{}", page.name);
        }
    }

    #[test]
    fn challenge_is_recognized_by_a_header_or_its_words() {
        let cloudflare = |name: &str| (name == "cf-mitigated").then_some("challenge");
        assert_eq!(bot_page(cloudflare, b"<html>"), Some("Cloudflare"));
        assert_eq!(bot_page(|_| None, b"<title>Just a moment...</title>"), Some("Cloudflare"));
        assert_eq!(bot_page(|_| None, b"<p>https://errors.edgesuite.net/18.1</p>"), Some("Akamai"));
        assert_eq!(bot_page(|_| None, b"<title>403 Forbidden</title>"), None);
        assert_eq!(bot_page(|name| (name == "server").then_some("cloudflare"), b"<title>502</title>"), None);
    }
}
