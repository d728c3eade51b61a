//! Tags that are versions: their order, and two spellings of one version.

use std::cmp::Reverse;

/// Prefixes of version numbers, longest first. A release can be named `v1.2` and its image tagged `1.2`.
const PREFIXES: [&str; 6] = ["release-v", "release-", "release", "v.", "v", ""];

/// Words that mark a pre-release.
const PRE_RELEASE: [&str; 9] = ["rc", "alpha", "beta", "dev", "pre", "snapshot", "nightly", "preview", "canary"];

/// A tag that begins with the number of a version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    /// `1.25.3` as its parts.
    numbers: Vec<u64>,
    /// Set for a release, which is newer than its pre-releases.
    is_release: bool,
    /// Whether nothing follows the number, as `-alpine` would.
    is_plain: Reverse<bool>,
    /// The text after the number, in lower case.
    rest: String,
}

impl Version {
    /// Reads a tag. `None` for one that does not begin with a number.
    fn of(tag: &str) -> Option<Self> {
        let lower = tag.to_ascii_lowercase();
        let is_number = |text: &&str| text.starts_with(|c: char| c.is_ascii_digit());
        let number = PREFIXES.iter().find_map(|prefix| lower.strip_prefix(prefix).filter(is_number))?;
        let end = number.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(number.len());
        let (numbers, rest) = number.split_at(end);
        let parts = numbers.split('.').filter(|part| !part.is_empty());
        // Digits that overflow a number name a build or a commit.
        let numbers: Vec<u64> = parts.map(str::parse).collect::<Result<_, _>>().ok()?;
        // A commit can begin with digits: 4f1a9c2.
        let is_suffix = |rest: &str| rest.is_empty() || rest.starts_with(['-', '_']) || is_pre_release(rest);
        is_suffix(rest).then(|| Self {
            numbers,
            is_release: !is_pre_release(rest),
            is_plain: Reverse(!rest.is_empty()),
            rest: rest.to_owned(),
        })
    }

    /// The version without trailing zeros: `1.2.0` is `1.2`.
    fn without_zeros(mut self) -> Self {
        while self.numbers.len() > 1 && self.numbers.last() == Some(&0) {
            self.numbers.pop();
        }
        self
    }
}

fn is_pre_release(rest: &str) -> bool {
    let words = rest.split(|c: char| !c.is_ascii_alphabetic());
    words.into_iter().any(|word| PRE_RELEASE.contains(&word))
}

/// The newest tags by version, the newest first: releases, then pre-releases. If no tag is a version, the first tags of
/// the list.
pub(super) fn newest(tags: &[String], most: usize) -> Vec<String> {
    let versions = tags.iter().filter_map(|tag| Some((Version::of(tag)?, tag)));
    let (mut releases, mut pre_releases): (Vec<_>, Vec<_>) = versions.partition(|(version, _)| version.is_release);
    releases.sort_by(|one, other| other.cmp(one));
    pre_releases.sort_by(|one, other| other.cmp(one));
    let plain = releases.iter().filter(|(version, _)| version.rest.is_empty());
    let suffixed = releases.iter().filter(|(version, _)| !version.rest.is_empty());
    let chosen: Vec<String> =
        plain.chain(suffixed).chain(&pre_releases).map(|(_, tag)| (*tag).clone()).take(most).collect();
    if chosen.is_empty() { tags.iter().take(most).cloned().collect() } else { chosen }
}

/// The tags that name the same version in another spelling: with or without a `v` or `release-` prefix, or a trailing
/// `.0` in the number. The closest spelling comes first.
pub(super) fn same_version<'t>(tag: &str, tags: &'t [String]) -> Vec<&'t String> {
    let Some(wanted) = Version::of(tag).map(Version::without_zeros) else { return Vec::new() };
    let is_same = |other: &&String| {
        other.as_str() != tag && Version::of(other).map(Version::without_zeros).as_ref() == Some(&wanted)
    };
    let mut same: Vec<_> = tags.iter().filter(is_same).collect();
    same.sort_by_key(|other| strsim::levenshtein(tag, other));
    same
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(tags: &[&str]) -> Vec<String> {
        tags.iter().map(|&tag| tag.to_owned()).collect()
    }

    #[test]
    fn newest_version_has_the_highest_numbers() {
        let tags = owned(&["1.9", "1.10", "main", "2.0-rc1", "1.10-alpine", "v1.2.3", "sha-4f1a9c2"]);
        assert_eq!(newest(&tags, 3), ["1.10", "1.9", "v1.2.3"]);
        assert_eq!(newest(&tags, 9), ["1.10", "1.9", "v1.2.3", "1.10-alpine", "2.0-rc1"]);
    }

    #[test]
    fn list_without_versions_keeps_its_order() {
        assert_eq!(newest(&owned(&["main", "edge", "4f1a9c2"]), 2), ["main", "edge"]);
        assert_eq!(newest(&owned(&["2.0-beta", "main"]), 2), ["2.0-beta"]);
        assert_eq!(newest(&[], 5), Vec::<String>::new());
    }

    #[test]
    fn spellings_of_one_version_are_equal() {
        for (asked, listed) in [
            ("v2.17.8", "2.17.8"),
            ("2.17.8", "v2.17.8"),
            ("V1.0", "v1.0"),
            ("1.4", "release-1.4"),
            ("1.4.0", "1.4"),
            ("v1.4", "1.4.0"),
            ("v1.2-alpine", "1.2-alpine"),
        ] {
            assert_eq!(same_version(asked, &owned(&["latest", listed])), [listed], "{asked}");
        }
    }

    #[test]
    fn tag_that_differs_in_more_is_another_version() {
        for (asked, listed) in [
            ("1.2", "1.2-alpine"),
            ("1.2", "1.20"),
            ("v1.2", "1.2-rc1"),
            ("latest", "vlatest"),
            ("1.0", "1.0"),
            ("version", "ersion"),
            ("10", "1.0"),
        ] {
            assert_eq!(same_version(asked, &owned(&[listed])), Vec::<&String>::new(), "{asked} and {listed}");
        }
    }
}
