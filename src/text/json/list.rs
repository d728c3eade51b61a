//! A list in a document, read entry by entry: there may be hundreds of thousands, of which a part is wanted.

use std::cell::Cell;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{MOST_VALUES, Room, Tree};

/// What a field of an object is that should be a list.
#[derive(Debug, PartialEq, Eq)]
pub enum ListField<T> {
    /// It is not there.
    Missing,
    /// It is null, which is how writers in Go write a list without entries.
    Null,
    /// It is a list.
    List(Listing<T>),
    /// It is something else.
    Other,
}

/// A list, as far as it was read.
#[derive(Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// The entries that are wanted, in their order.
    pub entries: Vec<T>,
    /// How many entries among them are not.
    pub left_out: usize,
    /// How many entries there are after as many as were to be read.
    pub unread: usize,
}

/// Reads a list in a field of an object, up to so many entries; `wanted` makes of an entry what is kept of it. Where the
/// field is there twice, the last one counts. `None` where the document is not a JSON object.
pub fn read_list<T>(
    bytes: &[u8],
    name: &str,
    most: usize,
    wanted: &mut dyn FnMut(Value) -> Option<T>,
) -> Option<ListField<T>> {
    let room = Room { left: Cell::new(MOST_VALUES), is_full: Cell::new(false) };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = json.deserialize_map(Fields { name, list: List { most, wanted, room: &room } }).ok()?;
    json.end().ok()?;
    Some(read)
}

struct Fields<'a, T> {
    name: &'a str,
    list: List<'a, T>,
}

impl<'de, T> Visitor<'de> for Fields<'_, T> {
    type Value = ListField<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut found = ListField::Missing;
        while let Some(name) = fields.next_key::<String>()? {
            if name == self.name {
                // What was read of the one before is not kept.
                self.list.room.left.set(MOST_VALUES);
                found = fields.next_value_seed(&mut self.list)?;
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Reads the list, or says that it is something else.
struct List<'a, T> {
    most: usize,
    wanted: &'a mut dyn FnMut(Value) -> Option<T>,
    room: &'a Room,
}

impl<'de, T> DeserializeSeed<'de> for &mut List<'_, T> {
    type Value = ListField<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T> Visitor<'de> for &mut List<'_, T> {
    type Value = ListField<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(ListField::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut listing = Listing { entries: Vec::new(), left_out: 0, unread: 0 };
        while listing.entries.len() < self.most {
            let left = self.room.left.get();
            let Some(entry) = entries.next_element_seed(Tree { room: self.room, cuts: Some(1) })? else {
                return Ok(ListField::List(listing));
            };
            match (self.wanted)(entry) {
                // A part of an entry is not shown as one.
                Some(_) if self.room.is_full.get() => {
                    listing.unread += 1;
                    break;
                }
                Some(entry) => listing.entries.push(entry),
                None => {
                    listing.left_out += 1;
                    self.room.left.set(left);
                    self.room.is_full.set(false);
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
