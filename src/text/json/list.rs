//! Reads a list in a document entry by entry: there may be hundreds of thousands, of which only a part is needed.

use std::cell::Cell;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{MOST_VALUES, Room, Tree};

/// The value of a field that should be a list.
#[derive(Debug, PartialEq, Eq)]
pub enum ListField<T> {
    /// The field is absent.
    Missing,
    /// The value is null, which is how writers in Go write an empty list.
    Null,
    /// The value is a list.
    List(Listing<T>),
    /// The value is something else.
    Other,
}

/// A list, as far as it was read.
#[derive(Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// The selected entries, in their order.
    pub entries: Vec<T>,
    /// How many entries were not selected.
    pub left_out: usize,
    /// How many entries follow those that were read.
    pub unread: usize,
}

/// Reads a list in a field of an object, up to a maximum number of entries; `wanted` returns the value to keep of an
/// entry. If the field is duplicated, the last one counts. `None` if the document is not a JSON object.
pub fn read_list<T>(
    bytes: &[u8],
    name: &str,
    most: usize,
    wanted: &mut dyn FnMut(Value) -> Option<T>,
) -> Option<ListField<T>> {
    let room = Room { left: Cell::new(MOST_VALUES), is_full: Cell::new(false) };
    read(bytes, name, most, Trees { wanted, room: &room })
}

/// Reads a list of names like [`read_list`]. A name takes little more memory than its text, so the full number is read;
/// entries that are not text, or not selected, take none.
pub fn read_names(
    bytes: &[u8],
    name: &str,
    most: usize,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Option<ListField<String>> {
    read(bytes, name, most, Names { is_wanted })
}

fn read<R: Reader>(bytes: &[u8], name: &str, most: usize, reader: R) -> Option<ListField<R::Entry>> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = json.deserialize_map(Fields { name, list: List { most, reader } }).ok()?;
    json.end().ok()?;
    Some(read)
}

/// Builds the result of a list from its entries.
trait Reader {
    type Entry;

    /// Begins a list. Entries of an earlier one are dropped.
    fn begin(&mut self);

    /// Reads the next entry; `None` at the end of the list.
    fn next<'de, A: SeqAccess<'de>>(&mut self, entries: &mut A) -> Result<Option<Entry<Self::Entry>>, A::Error>;
}

/// An entry of a list.
enum Entry<T> {
    Wanted(T),
    Other,
    /// There was no room for all of it.
    Cut,
}

/// Reads entries as trees, which share a room.
struct Trees<'a, T> {
    wanted: &'a mut dyn FnMut(Value) -> Option<T>,
    room: &'a Room,
}

impl<T> Reader for Trees<'_, T> {
    type Entry = T;

    fn begin(&mut self) {
        self.room.left.set(MOST_VALUES);
    }

    fn next<'de, A: SeqAccess<'de>>(&mut self, entries: &mut A) -> Result<Option<Entry<T>>, A::Error> {
        let left = self.room.left.get();
        let Some(entry) = entries.next_element_seed(Tree { room: self.room, cuts: Some(1) })? else { return Ok(None) };
        Ok(Some(match (self.wanted)(entry) {
            // A partial entry must not be shown as a whole one.
            Some(_) if self.room.is_full.get() => Entry::Cut,
            Some(entry) => Entry::Wanted(entry),
            None => {
                self.room.left.set(left);
                self.room.is_full.set(false);
                Entry::Other
            }
        }))
    }
}

/// Reads the entries that are names.
struct Names<'a> {
    is_wanted: &'a dyn Fn(&str) -> bool,
}

impl Reader for Names<'_> {
    type Entry = String;

    fn begin(&mut self) {}

    fn next<'de, A: SeqAccess<'de>>(&mut self, entries: &mut A) -> Result<Option<Entry<String>>, A::Error> {
        let name = entries.next_element_seed(Name { is_wanted: self.is_wanted })?;
        Ok(name.map(|name| name.map_or(Entry::Other, Entry::Wanted)))
    }
}

/// One entry that may be a name.
struct Name<'a> {
    is_wanted: &'a dyn Fn(&str) -> bool,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Name<'_> {
    type Value = Option<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok((self.is_wanted)(name).then(|| name.to_owned()))
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

struct Fields<'a, R> {
    name: &'a str,
    list: List<R>,
}

impl<'de, R: Reader> Visitor<'de> for Fields<'_, R> {
    type Value = ListField<R::Entry>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut found = ListField::Missing;
        while let Some(name) = fields.next_key::<String>()? {
            if name == self.name {
                found = fields.next_value_seed(&mut self.list)?;
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Reads the list, or reports that the value is something else.
struct List<R> {
    most: usize,
    reader: R,
}

impl<'de, R: Reader> DeserializeSeed<'de> for &mut List<R> {
    type Value = ListField<R::Entry>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: Reader> Visitor<'de> for &mut List<R> {
    type Value = ListField<R::Entry>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(ListField::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut listing = Listing { entries: Vec::new(), left_out: 0, unread: 0 };
        self.reader.begin();
        while listing.entries.len() < self.most {
            match self.reader.next(&mut entries)? {
                None => return Ok(ListField::List(listing)),
                Some(Entry::Wanted(entry)) => listing.entries.push(entry),
                Some(Entry::Other) => listing.left_out += 1,
                Some(Entry::Cut) => {
                    listing.unread += 1;
                    break;
                }
            }
        }
        while entries.next_element::<IgnoredAny>()?.is_some() {
            listing.unread += 1;
        }
        Ok(ListField::List(listing))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(ListField::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(ListField::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(ListField::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(ListField::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(ListField::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(ListField::Other)
    }
}

#[cfg(test)]
mod tests {
    use crate::text::json::list::*;

    fn numbers(json: &str, most: usize) -> Option<ListField<u64>> {
        read_list(json.as_bytes(), "n", most, &mut |value| value.as_u64())
    }

    fn listing(entries: &[u64], left_out: usize, unread: usize) -> Option<ListField<u64>> {
        Some(ListField::List(Listing { entries: entries.to_vec(), left_out, unread }))
    }

    #[test]
    fn list_is_told_from_everything_else() {
        for (json, expected) in [
            (r#"{"n":[1,2]}"#, listing(&[1, 2], 0, 0)),
            (r#"{"n":[1,"a",{"n":[7]},null,[8],2],"x":[9]}"#, listing(&[1, 2], 4, 0)),
            (r#"{"\u006e":[1],"n":[2]}"#, listing(&[2], 0, 0)),
            (r#"{"n":[1,2,3,4,"a"]}"#, listing(&[1, 2, 3], 0, 2)),
            (r#"{"n":null}"#, Some(ListField::Null)),
            (r#"{"N":[1]}"#, Some(ListField::Missing)),
            (r#"{"n":{"n":[1]}}"#, Some(ListField::Other)),
            (r#"{"n":-1}"#, Some(ListField::Other)),
            (r#"{"n":0.5}"#, Some(ListField::Other)),
            (r#"{"n":"[1]"}"#, Some(ListField::Other)),
            (r#"{"n":true}"#, Some(ListField::Other)),
            (r#"[1]"#, None),
            (r#"{"n":[1]} x"#, None),
            (r#"{"n":[1"#, None),
            ("", None),
        ] {
            assert_eq!(numbers(json, 3), expected, "{json}");
        }
        assert_eq!(numbers(r#"{"n":[1]}"#, 0), listing(&[], 0, 1));
    }

    #[test]
    fn names_are_told_from_everything_else() {
        let is_wanted = |name: &str| !name.contains(' ');
        let names = |json: &str, most| match read_names(json.as_bytes(), "n", most, &is_wanted)? {
            ListField::List(list) => Some((list.entries.join(" "), list.left_out, list.unread)),
            other => Some((format!("{other:?}"), 0, 0)),
        };
        for (json, most, expected) in [
            (r#"{"n":["a","b c",7,-1,0.5,null,true,["x"],{"n":["y"]},"\u00e9"]}"#, 9, ("a é", 8, 0)),
            (r#"{"n":["a","b","c d",{}]}"#, 2, ("a b", 0, 2)),
            (r#"{"n":["a"],"n":["b"]}"#, 9, ("b", 0, 0)),
            (r#"{"n":[]}"#, 9, ("", 0, 0)),
            (r#"{"n":null}"#, 9, ("Null", 0, 0)),
            (r#"{"n":{"a":["b"]}}"#, 9, ("Other", 0, 0)),
            (r#"{}"#, 9, ("Missing", 0, 0)),
        ] {
            let (text, left_out, unread) = expected;
            assert_eq!(names(json, most), Some((text.to_owned(), left_out, unread)), "{json}");
        }
        for no_object in ["", "[]", r#"{"n":["a""#, r#"{"n":["a"]} x"#] {
            assert_eq!(names(no_object, 9), None, "{no_object}");
        }
    }

    /// A page may have as many names as fit into a body.
    #[test]
    fn names_are_read_past_the_values_of_a_tree() {
        let json = format!("{{\"n\":[{}\"b\"]}}", "\"a\",".repeat(MOST_VALUES + 7));
        let Some(ListField::List(list)) = read_names(json.as_bytes(), "n", usize::MAX, &|_| true) else {
            panic!("a list")
        };
        assert_eq!((list.entries.len(), list.left_out, list.unread), (MOST_VALUES + 8, 0, 0));
    }

    /// Entries that are not kept take nothing from those that are.
    #[test]
    fn entries_share_the_room_for_values() {
        let long = format!("[{}]", vec!["[[0,0,0]]"; 990].join(","));
        let json = format!("{{\"n\":[{}1]}}", format!("{long},").repeat(50));
        assert_eq!(numbers(&json, 3), listing(&[1], 50, 0));
        let kept = read_list(json.as_bytes(), "n", 100, &mut Some);
        let Some(ListField::List(kept)) = kept else { panic!("a list") };
        assert_eq!((kept.entries.len() + kept.unread, kept.left_out), (51, 0));
        assert!(kept.unread > 0, "{}", kept.entries.len());
        let values = kept.entries.iter().flat_map(|entry| entry.as_array()).map(Vec::len).sum::<usize>();
        assert!(values <= MOST_VALUES, "{values}");
    }
}
