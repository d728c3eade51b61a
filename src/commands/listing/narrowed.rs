//! Selection of a list: `--limit`, `--filter` and `--sort`.

use std::cmp::Ordering;

use clap::Args;

/// A selection of names.
#[derive(Debug, Clone, Default, Args)]
pub struct Selection {
    /// Stop after N names, without fetching further pages
    #[arg(long, value_name = "N", value_parser = limit)]
    pub(in crate::commands) limit: Option<usize>,

    /// Only names that contain TEXT or, if it has a *, match it as a whole: 1.*-alpine
    #[arg(long, value_name = "TEXT")]
    pub(in crate::commands) filter: Option<String>,

    /// Fetch the whole list and sort it by name, numbers by value: 1.9 before 1.10
    #[arg(long)]
    pub(in crate::commands) sort: bool,
}

impl Selection {
    /// Whether a name is selected.
    pub fn selects(&self, name: &str) -> bool {
        self.filter.as_ref().is_none_or(|filter| fits(name, filter))
    }

    /// The selection of a complete list.
    pub fn of(&self, names: Vec<String>) -> Vec<String> {
        let mut shown: Vec<_> = names.into_iter().filter(|name| self.selects(name)).collect();
        if self.sort {
            shown.sort_by(|one, other| natural(one, other));
        }
        shown.truncate(self.limit.unwrap_or(usize::MAX));
        shown
    }
}

/// Parses a number of entries.
///
/// # Errors
/// Where it is not a number from 1.
pub(in crate::commands) fn limit(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("write a number from 1".to_owned()),
        Ok(limit) => Ok(limit),
    }
}

/// Whether a name contains a text or, if it has a `*`, matches it as a whole; a `*` matches any characters, or none.
fn fits(name: &str, filter: &str) -> bool {
    let Some((first, rest)) = filter.split_once('*') else { return name.contains(filter) };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some(at) = name.find(part) else { return false };
        name = &name[at + part.len()..];
    }
    name.ends_with(last)
}

/// The order of two names with numbers by value, of any length.
pub(in crate::commands) fn natural(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    loop {
        let ((part, after), (other_part, other_after)) = (first_part(left), first_part(right));
        let order = match (number(part), number(other_part)) {
            (Some(number), Some(other)) => number.len().cmp(&other.len()).then_with(|| number.cmp(other)),
            _ => part.cmp(other_part),
        };
        if order.is_ne() {
            return order;
        }
        if after.is_empty() && other_after.is_empty() {
            // Equal numbers with different digits are ordered too.
            return one.len().cmp(&other.len()).then_with(|| one.cmp(other));
        }
        (left, right) = (after, other_after);
    }
}

/// The leading digits of a text, or what precedes the first digit; and the rest.
fn first_part(text: &str) -> (&str, &str) {
    let is_number = text.starts_with(|character: char| character.is_ascii_digit());
    let end = text.find(|character: char| character.is_ascii_digit() != is_number);
    text.split_at(end.unwrap_or(text.len()))
}

/// The digits of a number without leading zeros.
fn number(part: &str) -> Option<&str> {
    part.starts_with(|character: char| character.is_ascii_digit()).then(|| part.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_ordered_by_value() {
        for names in [
            &["1.2", "1.9", "1.10", "2"][..],
            &["", "0", "00", "1", "01", "a", "a1", "a1b", "a02", "b"],
            &["v1", "v9", "v9-rc1", "v9.1", "v10"],
            &["sha-9", "sha-9a", "sha-10", "sha-100000000000000000000000", "sha-100000000000000000000001"],
            &["1", "1-", "1-a", "1.0", "1a"],
        ] {
            for (at, one) in names.iter().enumerate() {
                for (other_at, other) in names.iter().enumerate() {
                    assert_eq!(natural(one, other), at.cmp(&other_at), "{one} and {other}");
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn order_is_total(mut names in proptest::collection::vec("[0-2a.é]{0,5}", 3)) {
            // Antisymmetric and equal only to itself.
            let (one, other) = (&names[0], &names[1]);
            proptest::prop_assert_eq!(natural(one, other), natural(other, one).reverse());
            proptest::prop_assert_eq!(natural(one, other).is_eq(), one == other);
            names.sort_by(|one, other| natural(one, other));
            proptest::prop_assert!(natural(&names[0], &names[2]).is_le());
        }

        #[test]
        fn pattern_matches_as_in_a_shell(name in "[ab]{0,6}", filter in "[ab*]{0,5}") {
            let expected = match filter.contains('*') {
                true => regex(&name, &filter),
                false => name.contains(&filter),
            };
            proptest::prop_assert_eq!(fits(&name, &filter), expected, "{} {}", name, filter);
        }
    }

    /// The plain definition: a star is nothing, or one character and a star.
    fn regex(name: &str, filter: &str) -> bool {
        match (name.chars().next(), filter.chars().next()) {
            (None, None) => true,
            (_, Some('*')) => regex(name, &filter[1..]) || (!name.is_empty() && regex(&name[1..], filter)),
            (Some(one), Some(other)) if one == other => regex(&name[1..], &filter[1..]),
            _ => false,
        }
    }
}
