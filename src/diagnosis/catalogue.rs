//! The list of all rules.

use std::sync::LazyLock;

use super::Rule;
use super::rules::{
    artifact, authentication, authorization, backend, config, head, integrity, name, negotiation, place, reference,
    registry, server, transport, tree,
};

/// The rules of each family, in the order of [`Family`](super::Family).
const FAMILIES: [&[Rule]; 15] = [
    reference::RULES,
    place::RULES,
    transport::RULES,
    registry::RULES,
    backend::RULES,
    authentication::RULES,
    authorization::RULES,
    negotiation::RULES,
    config::RULES,
    name::RULES,
    integrity::RULES,
    tree::RULES,
    artifact::RULES,
    head::RULES,
    server::RULES,
];

/// All rules, in the order in which causes are examined.
pub fn catalogue() -> &'static [Rule] {
    static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| FAMILIES.concat());
    &RULES
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::diagnosis::testing::FOUND;

    #[test]
    fn every_rule_has_a_unique_name_and_all_headings() {
        let mut names = HashSet::new();
        for rule in catalogue() {
            assert!(names.insert(rule.name), "{} is listed twice", rule.name);
            assert!(rule.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{}", rule.name);
            for heading in ["## What it means", "## How it is recognised", "## What to do", "## References"] {
                assert!(rule.documentation.contains(heading), "{} lacks {heading}", rule.name);
            }
            assert!(!rule.summary().is_empty(), "{}", rule.name);
        }
    }

    #[test]
    fn catalogue_keeps_the_order_of_causes() {
        assert!(catalogue().is_sorted_by_key(|rule| rule.family));
    }

    /// The rules that find something in the tests of all rules, each with the title.
    static FINDINGS: LazyLock<HashSet<(String, String)>> = LazyLock::new(|| {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("found");
        let mut tests = std::process::Command::new(std::env::current_exe().unwrap());
        let output = tests.args(["--quiet", "diagnosis::rules::"]).env(FOUND, &file).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let found = std::fs::read_to_string(file).unwrap();
        let pair = |line: &str| line.split_once('\t').map(|(rule, title)| (rule.to_owned(), title.to_owned()));
        found.lines().filter_map(pair).collect()
    });

    /// A test that names a rule is not enough.
    #[test]
    fn every_rule_finds_something_in_a_test() {
        let found: HashSet<_> = FINDINGS.iter().map(|(rule, _)| rule.as_str()).collect();
        let names = catalogue().iter().map(|rule| rule.name);
        assert_eq!(names.filter(|name| !found.contains(name)).collect::<Vec<_>>(), [""; 0]);
    }

    /// The most characters of a title, without the names, numbers and quotations in it.
    const TITLE: usize = 60;

    /// The kinds of documents that titles name.
    const KINDS: [&str; 8] = [
        "a Docker manifest list",
        "a Docker v2 manifest",
        "an OCI index",
        "an OCI manifest",
        "an image in Docker schema 1",
        "a manifest list",
        "an image",
        "an index",
    ];

    /// A title without what depends on the case: words with digits or with the signs of names, quotations, and the kind of a
    /// document.
    fn fixed_text(title: &str) -> String {
        let title = KINDS.iter().fold(title.to_owned(), |title, kind| title.replace(kind, ""));
        let mut is_quoted = false;
        let words = title.split(' ').filter(|word| {
            is_quoted |= word.contains('“');
            let is_fixed = !is_quoted && !word.contains(|c: char| c.is_ascii_digit() || "/:@_.".contains(c));
            is_quoted &= !word.contains('”');
            is_fixed
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn titles_are_headlines() {
        let found = FINDINGS.iter().map(|(rule, title)| (rule.as_str(), title.as_str()));
        let all = found.chain(catalogue().iter().map(|rule| (rule.name, rule.summary())));
        let is_wrong = |title: &str| title.ends_with('.') || fixed_text(title).chars().count() > TITLE;
        let mut wrong: Vec<_> = all.filter(|(_, title)| is_wrong(title)).collect();
        wrong.sort_unstable();
        assert_eq!(wrong, []);
    }

    #[test]
    fn fixed_text_has_no_names_and_quotations() {
        assert_eq!(fixed_text("tag “a b” of ghcr.io/o/n has no linux/arm64 image"), "tag of has no image");
        assert_eq!(fixed_text("stored as an OCI index, not served"), "stored as , not served");
    }

    fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
        entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
    }

    /// Code that several families share is in `case/` or next to `content.rs`, so that rules of different families stay
    /// independent.
    #[test]
    fn families_of_rules_are_independent() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/diagnosis/rules");
        let families: HashSet<_> = catalogue().iter().map(|rule| rule.family.as_str()).collect();
        for family in &families {
            for file in files_below(&std::path::Path::new(folder).join(family)) {
                let source = std::fs::read_to_string(&file).unwrap();
                let is_path = |other: &str, end: &str| {
                    ["rules::", "super::super::"].iter().any(|front| source.contains(&format!("{front}{other}{end}")))
                };
                let known = families.iter().copied().filter(|other| is_path(other, "::") || is_path(other, ";"));
                assert_eq!(known.collect::<Vec<_>>(), [""; 0], "{}", file.display());
                assert!(!source.contains("rules::{"), "{}", file.display());
            }
        }
    }

    /// Rules are declared one per file, with `rule! {`, or as rows of a table, with `row! {`.
    #[test]
    fn every_declaration_of_a_rule_is_in_the_list() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/diagnosis/rules");
        let mut declared = 0;
        for family in std::fs::read_dir(folder).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
            for file in files_below(&family.path()) {
                let source = std::fs::read_to_string(&file).unwrap();
                let of_file: Vec<_> = declarations(&source).collect();
                if source.contains("rule! {") {
                    let name = file.file_stem().unwrap().to_string_lossy().replace('_', "-");
                    assert!(of_file.len() == 1 && of_file[0].eq_ignore_ascii_case(&name), "{name}: {of_file:?}");
                }
                for name in of_file {
                    declared += 1;
                    let rule = catalogue().iter().find(|rule| rule.name == name);
                    let rule = rule.unwrap_or_else(|| panic!("{name} is not in the list"));
                    assert_eq!(rule.family.as_str(), family.file_name().to_string_lossy(), "{name}");
                }
            }
        }
        assert_eq!(declared, catalogue().len());
    }

    /// The names of the rules that a file declares, which follow their documentation.
    fn declarations(source: &str) -> impl Iterator<Item = &str> {
        let rules = source.split("rule! {\n").skip(1).chain(source.split("row! {\n").skip(1));
        rules.filter_map(|rule| rule.lines().map(str::trim).find(|line| !line.starts_with("///"))?.split('"').nth(1))
    }
}
