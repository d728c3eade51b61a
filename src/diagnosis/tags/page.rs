//! One page of a list of tags, read without keeping more of it than is wanted: there may be hundreds of thousands of names
//! on it, and as many other things.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What stands on a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// The tags, in their order.
    pub tags: Vec<String>,
    /// How many entries are not tags.
    pub left_out: usize,
    /// How many entries there are after as many tags as were wanted.
    pub unread: usize,
}

impl Page {
    /// Reads the field `tags` of a page (distribution-spec, listing tags), up to so many. Where the repository has none,
    /// writers in Go say null. `None` where there is no list.
    pub(super) fn read(bytes: &[u8], most: usize, is_tag: &dyn Fn(&str) -> bool) -> Option<Self> {
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let page = json.deserialize_any(Fields { most, is_tag }).ok()?;
        json.end().ok()?;
        page
    }
}

/// Reads the object. Where a field is there twice, the last one counts, as in every reader that keeps one.
struct Fields<'a> {
    most: usize,
    is_tag: &'a dyn Fn(&str) -> bool,
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = Option<Page>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut page = None;
        while let Some(name) = fields.next_key::<String>()? {
            match name.as_str() {
                "tags" => page = fields.next_value_seed(List { most: self.most, is_tag: self.is_tag })?,
                _ => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        Ok(page)
    }
}

/// Reads the list, or says that it is something else.
struct List<'a> {
    most: usize,
    is_tag: &'a dyn Fn(&str) -> bool,
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = Option<Page>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = Option<Page>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Some(Page::default()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut page = Page::default();
        while page.tags.len() < self.most {
            match entries.next_element_seed(Name)? {
                Some(Some(name)) if (self.is_tag)(&name) => page.tags.push(name),
                Some(_) => page.left_out += 1,
                None => return Ok(Some(page)),
            }
        }
        while entries.next_element::<IgnoredAny>()?.is_some() {
            page.unread += 1;
        }
        Ok(Some(page))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// One entry: a name, or anything else.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Option<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Some(name.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        while entries.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(json: &str, most: usize) -> Option<(Vec<String>, usize, usize)> {
        let is_tag = |name: &str| !name.contains(' ');
        Page::read(json.as_bytes(), most, &is_tag).map(|page| (page.tags, page.left_out, page.unread))
    }

    fn found(tags: &[&str], left_out: usize, unread: usize) -> Option<(Vec<String>, usize, usize)> {
        Some((tags.iter().map(|tag| (*tag).to_owned()).collect(), left_out, unread))
    }

    #[test]
    fn tags_are_told_from_everything_else() {
        for (json, expected) in [
            (r#"{"name":"a/b","tags":["1","2"]}"#, found(&["1", "2"], 0, 0)),
            (r#"{"tags":["1","a b",7,-1,0.5,null,true,["x"],{"x":["y"]}]}"#, found(&["1"], 8, 0)),
            (r#"{"tags":null}"#, found(&[], 0, 0)),
            (r#"{"t\u0061gs":["1"]}"#, found(&["1"], 0, 0)),
            (r#"{"tags":["1"],"tags":["2"]}"#, found(&["2"], 0, 0)),
        ] {
            assert_eq!(page(json, 10), expected, "{json}");
        }
    }

    #[test]
    fn what_is_no_list_is_none() {
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
    fn after_as_many_tags_as_are_wanted_entries_are_only_counted() {
        assert_eq!(page(r#"{"tags":["1","2","3"]}"#, 3), found(&["1", "2", "3"], 0, 0));
        assert_eq!(page(r#"{"tags":["1","2","3","a b",{"x":1}]}"#, 2), found(&["1", "2"], 0, 3));
        assert_eq!(page(r#"{"tags":["1"]}"#, 0), found(&[], 0, 1));
    }
}
