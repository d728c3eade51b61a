//! One page of a tag list, read without keeping more of it than needed.

use serde_json::Value;

use crate::text::{ListField, read_list};

/// The content of a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// The tags, in their order.
    pub tags: Vec<String>,
    /// The number of entries after the requested number of tags.
    pub unread: usize,
}

impl Page {
    /// Reads the field `tags` of a page (distribution-spec, listing tags), up to `most` tags. For a repository without
    /// tags, writers in Go send null. `None` if there is no list.
    pub(super) fn read(bytes: &[u8], most: usize, is_tag: &dyn Fn(&str) -> bool) -> Option<Self> {
        let mut wanted = |entry| match entry {
            Value::String(name) if is_tag(&name) => Some(name),
            _ => None,
        };
        match read_list(bytes, "tags", most, &mut wanted)? {
            ListField::List(list) => Some(Self { tags: list.entries, unread: list.unread }),
            ListField::Null => Some(Self::default()),
            ListField::Missing | ListField::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(json: &str, most: usize) -> Option<(Vec<String>, usize)> {
        let is_tag = |name: &str| !name.contains(' ');
        Page::read(json.as_bytes(), most, &is_tag).map(|page| (page.tags, page.unread))
    }

    fn found(tags: &[&str], unread: usize) -> Option<(Vec<String>, usize)> {
        Some((tags.iter().map(|tag| (*tag).to_owned()).collect(), unread))
    }

    #[test]
    fn tags_are_distinguished_from_other_entries() {
        for (json, expected) in [
            (r#"{"name":"a/b","tags":["1","2"]}"#, found(&["1", "2"], 0)),
            (r#"{"tags":["1","a b",7,-1,0.5,null,true,["x"],{"x":["y"]}]}"#, found(&["1"], 0)),
            (r#"{"tags":null}"#, found(&[], 0)),
            (r#"{"t\u0061gs":["1"]}"#, found(&["1"], 0)),
            (r#"{"tags":["1"],"tags":["2"]}"#, found(&["2"], 0)),
        ] {
            assert_eq!(page(json, 10), expected, "{json}");
        }
    }

    #[test]
    fn page_without_a_list_is_not_read() {
        for json in [
            "",
            "[]",
            "7",
            "<html>",
            "{}",
            r#"{"tags":"1"}"#,
            r#"{"tags":{"1":[2]}}"#,
            r#"{"tags":1.5}"#,
            r#"{"tags":false}"#,
            r#"{"tags":-1}"#,
            r#"{"tags":["1"]"#,
            r#"{"tags":["1"]} x"#,
            r#"{"errors":[]}"#,
        ] {
            assert_eq!(page(json, 10), None, "{json}");
        }
    }

    #[test]
    fn entries_beyond_the_limit_are_only_counted() {
        assert_eq!(page(r#"{"tags":["1","2","3"]}"#, 3), found(&["1", "2", "3"], 0));
        assert_eq!(page(r#"{"tags":["1","2","3","a b",{"x":1}]}"#, 2), found(&["1", "2"], 3));
        assert_eq!(page(r#"{"tags":["1"]}"#, 0), found(&[], 1));
    }
}
