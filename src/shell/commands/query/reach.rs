//! How much the matches of a JSONPath can take.

use serde_json::Value;

/// Whether a path can match more than one value.
pub(super) fn reaches_wide(path: &str) -> bool {
    path.contains(['*', '?', ':']) || path.contains("..")
}

/// An upper bound of the bytes that the locations of all matches take. Every match carries its location from the root of the
/// document, so small bodies with long names or deep nesting could fill the memory.
pub(super) fn places(document: &Value, path: &str) -> usize {
    fn below(value: &Value, length: usize, depth: usize, deepest: &mut usize) -> usize {
        *deepest = depth.max(*deepest);
        let children: usize = match value {
            Value::Array(entries) => {
                entries.iter().map(|entry| below(entry, length + 8, depth + 1, deepest)).fold(0, usize::saturating_add)
            }
            Value::Object(members) => members
                .iter()
                .map(|(name, member)| below(member, length + name.len() + 4, depth + 1, deepest))
                .fold(0, usize::saturating_add),
            _ => 0,
        };
        children.saturating_add(length)
    }
    let mut deepest = 0;
    let once = below(document, 1, 0, &mut deepest);
    // A second `..` starts at each match of the first, and those contain each other.
    let again = path.matches("..").count().saturating_sub(1).try_into().unwrap_or(u32::MAX);
    once.saturating_mul(deepest.saturating_pow(again))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_further_descent_multiplies_the_bound_by_the_depth() {
        let document = json!({ "layers": [{ "size": 1 }, { "size": 2 }] });
        let once = places(&document, "$..size");
        assert!(once < 200, "{once}");
        assert_eq!(places(&document, "$..size..a"), once * 3);
        assert_eq!(places(&document, "$.layers[*]"), once);
        let long = json!({ "a".repeat(1000): vec![1; 100] });
        assert!(places(&long, "$..*") > 100_000);
        assert!(reaches_wide("$.a[?@.b]") && reaches_wide("$.a[0:1]") && !reaches_wide("$.a['b'][0]"));
    }
}
