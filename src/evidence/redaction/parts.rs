//! Known values in a text that is given in parts. Between the parts of a page there is markup, which must neither hide a
//! value that is split across several texts, nor be changed where one is removed.

use std::ops::Range;
use std::sync::Arc;

use super::Redactor;
use super::known::Match;

/// A search for known values in a text.
type Search = fn(&Redactor, &str) -> Vec<Match>;

impl Redactor {
    /// The parts of a text without the known values of this run, as [`Redactor::known_values`] removes them from a whole
    /// one. A value that is in several parts is replaced in the first of them, and removed from the others. As many parts
    /// are returned as were given, in the same order.
    pub fn known_values_in_parts(&mut self, mut parts: Vec<String>) -> Vec<String> {
        let searches: [Search; 4] = [
            |redactor, text| redactor.own.find(text),
            |redactor, text| redactor.others.find(text),
            |redactor, text| if text.contains('\n') { redactor.broken(text) } else { Vec::new() },
            // Without secrets there is nothing to find in any decoding of the text.
            |redactor, text| if redactor.values.is_empty() { Vec::new() } else { redactor.read_in(text) },
        ];
        let mut text = parts.concat();
        for search in searches {
            let found = search(self, &text);
            if !found.is_empty() {
                parts = self.replaced_in_parts(parts, found);
                text = parts.concat();
            }
        }
        parts
    }

    /// The parts with each match replaced. The matches are in order; where two overlap, neither is left.
    fn replaced_in_parts(&mut self, parts: Vec<String>, found: Vec<Match>) -> Vec<String> {
        let mut cuts: Vec<(Range<usize>, Arc<str>)> = Vec::new();
        for Match { range, what, shown } in found {
            match cuts.last_mut().filter(|(last, _)| range.start < last.end) {
                Some((last, _)) => last.end = last.end.max(range.end),
                None => {
                    self.counts.add_shown(what, &shown, 1);
                    cuts.push((range, shown));
                }
            }
        }
        let mut begin = 0;
        let without = |part: String| {
            let (from, to) = (begin, begin + part.len());
            begin = to;
            // Those before have ended, and they are in order.
            let first = cuts.partition_point(|(cut, _)| cut.end <= from);
            let mut cuts = cuts[first..].iter().take_while(|(cut, _)| cut.start < to).peekable();
            if cuts.peek().is_none() {
                return part;
            }
            let (mut shown, mut kept) = (String::with_capacity(part.len()), from);
            for (cut, words) in cuts {
                if cut.start >= from {
                    shown.push_str(&part[kept - from..cut.start - from]);
                    shown.push_str(words);
                }
                kept = cut.end.min(to);
            }
            shown.push_str(&part[kept - from..]);
            shown
        };
        parts.into_iter().map(without).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Secret;

    const SECRET: &str = "CANARY-0123456789";

    fn redactor() -> Redactor {
        Redactor::new([("password", &Secret::new(SECRET))])
    }

    fn without(parts: &[&str]) -> Vec<String> {
        redactor().known_values_in_parts(parts.iter().map(|part| (*part).to_owned()).collect())
    }

    #[test]
    fn value_that_is_split_is_replaced_where_it_begins() {
        for parts in [
            &["a CANARY-", "0123456789 b"][..],
            &["a CANARY", "-", "0123456789 b"],
            &["a CANARY-", "\n", "0123456789 b"],
            &["a ", "CANARY-0123456789", " b"],
            &["a CANARY-0123456789 b"],
            &["a Q0FOQVJZ", "LTAxMjM0NTY3ODk= b"],
            &["a CANARY%2D0123", "456789 b"],
        ] {
            let shown = without(parts);
            assert_eq!(shown.len(), parts.len());
            let text = shown.concat().replace('\n', "");
            assert!(text.starts_with("a ‹password removed, ") && text.ends_with("› b"), "{parts:?}: {text}");
            assert!(!text.contains("CANARY") && !text.contains("0123"), "{parts:?}: {text}");
        }
    }

    #[test]
    fn other_parts_stay_as_they_are() {
        let shown = without(&["é", "one CANARY-0123456789", "two", "CANARY-0123456789 three", "", "four"]);
        assert_eq!([0, 2, 4, 5].map(|at| shown[at].as_str()), ["é", "two", "", "four"]);
        assert!(shown[1].starts_with("one ‹") && shown[3].ends_with("› three"), "{shown:?}");
        assert_eq!(without(&[]), [""; 0]);
    }

    #[test]
    fn value_is_counted_once() {
        let mut redactor = redactor();
        redactor.known_values_in_parts(vec!["CANARY-".to_owned(), "0123456789".to_owned()]);
        let counted: Vec<_> = redactor.redactions().iter().map(|one| (one.count, one.distinct)).collect();
        assert_eq!(counted, [(1, 1)]);
    }

    proptest::proptest! {
        #[test]
        fn parts_together_are_what_the_whole_text_would_be(
            parts in proptest::collection::vec("[a-c \\n]{0,3}|CANARY-0123456789|CANARY|-0123456789|é", 0..8),
        ) {
            let whole = redactor().known_values(&parts.concat());
            proptest::prop_assert_eq!(redactor().known_values_in_parts(parts).concat(), whole);
        }
    }
}
