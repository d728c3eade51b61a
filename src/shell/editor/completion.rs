//! The candidates that match what is typed.

use super::Vocabulary;
use super::candidates::{Candidate, candidates};
use super::files::files;
use super::place::{Cursor, What};
use crate::text::cut;

/// The widest column of names in a list with descriptions.
const WIDEST_NAME: usize = 28;
/// The most characters of a description.
const DESCRIPTION: usize = 44;

/// The most completions: the line editor cannot list more than 65,535.
const MOST: usize = 20_000;

/// A completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Completion {
    /// The text to insert.
    pub text: String,
    /// Its line in a list.
    pub shown: String,
}

/// The completions at the end of `before`, and where the completed text begins.
pub(super) fn complete(before: &str, vocabulary: &Vocabulary) -> (usize, Vec<Completion>) {
    let Cursor { start, typed, quote, what } = Cursor::of(before, vocabulary);
    if matches!(what, What::File) {
        let found = files(&typed, quote).into_iter();
        return (start, found.map(|(text, shown)| Completion { text, shown }).collect());
    }
    // After `--option=`, the option stays.
    let (lead, typed) = match (&what, typed.split_once('=')) {
        (What::Value(..), Some((option, value))) if option.starts_with("--") => {
            (format!("{option}="), value.to_owned())
        }
        _ => (String::new(), typed),
    };
    let all = candidates(&what, &typed, vocabulary);
    let mut fitting: Vec<&Candidate> = all.iter().filter(|candidate| candidate.text.starts_with(&typed)).collect();
    if fitting.is_empty() && matches!(what, What::Command | What::Value(..)) {
        let wanted = typed.to_lowercase();
        fitting = all.iter().filter(|candidate| is_scattered(&wanted, &candidate.text.to_lowercase())).collect();
    }
    let widest = fitting.iter().map(|candidate| candidate.text.chars().count()).max().unwrap_or(0).min(WIDEST_NAME);
    let many = fitting.len() > 1;
    let completion = |candidate: &&Candidate| {
        let about = cut(candidate.about.lines().next().unwrap_or_default(), DESCRIPTION);
        let shown = match about.as_str() {
            "" => candidate.text.clone(),
            about => format!("{:<widest$}  {about}", candidate.text),
        };
        // Among several the word is not complete; an address continues after its host, and a path after its family.
        let ends = !many && !candidate.text.ends_with(['/', '=']);
        let quote = quote.filter(|_| ends).map(String::from).unwrap_or_default();
        let gap = if ends { " " } else { "" };
        Completion { text: format!("{lead}{}{quote}{gap}", candidate.text), shown }
    };
    (start, fitting.iter().take(MOST).map(completion).collect())
}

/// Whether all characters of a word are in another in the same order, as in `dgn` for `diagnose`.
fn is_scattered(wanted: &str, name: &str) -> bool {
    let mut left = name.chars();
    wanted.chars().count() > 1 && wanted.chars().all(|character| left.any(|other| other == character))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::grammar::grammar;

    fn vocabulary() -> Vocabulary {
        let mut vocabulary = Vocabulary::new(grammar());
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let pairs = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), "about".to_owned())).collect();
        vocabulary.accept = pairs(&["oci-index", "oci-manifest", "docker-v2"]);
        vocabulary.settings = pairs(&["accept", "pager", "platform"]);
        vocabulary.rules = names(&["tag-not-found", "config-only-as-blob"]);
        vocabulary.topics = names(&["MANIFEST_UNKNOWN"]);
        vocabulary.scenarios = names(&["gcr-deepvariant", "ghcr-healthy"]);
        vocabulary.exchanges = 12;
        vocabulary.set_registries(names(&["gcr.io", "ghcr.io"]));
        vocabulary.set_repository(Some("gcr.io/o/n".to_owned()));
        vocabulary.set_tags(names(&["0.5.0", "0.6.0", "latest"]));
        vocabulary.set_digests(vec![format!("sha256:4a7b3c1e31bd{}", "0".repeat(52))]);
        vocabulary.set_platforms(names(&["linux/arm64", "linux/s390x"]));
        vocabulary
    }

    /// The completions of a line, as whole lines.
    #[track_caller]
    fn offered(line: &str) -> Vec<String> {
        let (start, found) = complete(line, &vocabulary());
        found.iter().map(|one| format!("{}{}", &line[..start], one.text)).collect()
    }

    #[test]
    fn commands_are_completed_with_their_purpose() {
        assert_eq!(offered("pro"), ["probe "]);
        assert!(offered("").len() > 20, "an empty line lists all of them");
        assert_eq!(offered("c"), ["compare", "config", "catalog", "completions", "curl", "close"]);
        let (_, found) = complete("c", &vocabulary());
        assert!(found[1].shown.starts_with("config       Show the image config"), "{:?}", found[1]);
        assert_eq!(offered("dgn"), ["diagnose "], "by its parts, where nothing begins like this");
    }

    #[test]
    fn options_and_their_values_are_completed() {
        assert_eq!(offered("probe --acc"), ["probe --accept "]);
        assert_eq!(offered("probe --accept oci-"), ["probe --accept oci-index", "probe --accept oci-manifest"]);
        assert_eq!(offered("probe --accept=oci-i"), ["probe --accept=oci-index "]);
        assert_eq!(offered("probe --format m"), ["probe --format markdown "]);
        assert_eq!(offered("manifest --raw --ra"), Vec::<String>::new(), "once is enough");
        assert_eq!(offered("manifest --accept oci-index --acce"), ["manifest --accept oci-index --accept "]);
        assert_eq!(offered("config --platform linux/s"), ["config --platform linux/s390x "]);
        assert_eq!(offered(":0.5.0 --js"), [":0.5.0 --json "], "a reference alone is a probe");
        assert_eq!(offered("manifest \":la"), ["manifest \":latest\" "], "the quotation mark is closed");
        assert_eq!(offered("manifest ':0"), ["manifest ':0.5.0", "manifest ':0.6.0"]);
    }

    #[test]
    fn references_are_completed_by_the_kind_that_is_typed() {
        assert_eq!(offered("manifest :0"), ["manifest :0.5.0", "manifest :0.6.0"]);
        assert_eq!(offered("manifest :l"), ["manifest :latest "]);
        assert_eq!(offered("manifest gcr.io/o/n:l"), ["manifest gcr.io/o/n:latest "]);
        assert_eq!(offered("manifest @sha256:4"), ["manifest @sha256:4a7b3c1e31bd "]);
        assert_eq!(offered("blob sha"), ["blob sha256:4a7b3c1e31bd "]);
        assert_eq!(offered("use gh"), ["use ghcr.io/"]);
        assert_eq!(offered("config linux/a"), ["config linux/arm64 "]);
        assert_eq!(offered(":l"), [":latest "]);
        assert_eq!(offered("get manifests/l"), ["get manifests/latest "]);
        assert_eq!(offered("get man"), ["get manifests/"]);
        assert_eq!(offered("diagnose :latest :0.6"), ["diagnose :latest :0.6.0 "]);
    }

    #[cfg(feature = "lab")]
    #[test]
    fn scenarios_are_completed() {
        assert_eq!(offered("lab show gcr"), ["lab show gcr-deepvariant "]);
        assert_eq!(offered("lab sh"), ["lab show "]);
    }

    #[test]
    fn rules_numbers_and_settings_are_completed() {
        assert_eq!(offered("explain tag"), ["explain tag-not-found "]);
        assert_eq!(offered("explain man"), ["explain MANIFEST_UNKNOWN "]);
        assert_eq!(offered("show ")[..2], ["show 12", "show 11"]);
        assert_eq!(offered("headers 3 1")[..2], ["headers 3 12", "headers 3 11"]);
        assert_eq!(offered("set p"), ["set pager", "set platform"]);
        assert_eq!(offered("set accept docker-v2 oci-i"), ["set accept docker-v2 oci-index "]);
        assert_eq!(offered("set pager o"), ["set pager on", "set pager off"]);
        assert_eq!(offered("help qu"), ["help query "]);
        assert_eq!(offered("completions ba"), ["completions bash "]);
        assert_eq!(offered("schema rep"), ["schema report "]);
        assert_eq!(offered("schema re"), ["schema referrers", "schema report"]);
    }

    #[test]
    fn nothing_is_offered_where_nothing_is_known() {
        for line in [
            "query $.",
            "use gcr.io/o/n:1 > rep",
            "tags > Cargo.toml ",
            "tags > a > Cargo",
            "nonsense-and more --x",
            "probe | j",
            "exit ",
        ] {
            assert_eq!(offered(line), Vec::<String>::new(), "{line}");
        }
    }

    /// In the folder of the sources.
    #[test]
    fn file_after_the_sign_is_completed() {
        for sign in [">", ">!", ">>"] {
            assert_eq!(offered(&format!("tags {sign} Cargo.t")), [format!("tags {sign} Cargo.toml ")]);
        }
        assert_eq!(offered("tags > 'Cargo.t"), ["tags > 'Cargo.toml' "]);
        assert_eq!(offered("tags > src/shell/ed"), ["tags > src/shell/editor/"]);
        assert!(offered("tags > ").contains(&"tags > Cargo.toml".to_owned()));
        assert!(offered("tags >").contains(&"tags >Cargo.toml".to_owned()));
        assert!(
            offered("explain it's unknown > Cargo.t").is_empty(),
            "a text, as long as no file with its ending is named"
        );
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_typed_a_place_is_in_it(line in "[ -~ä❯]{0,40}|(probe|get|set|explain|lab) [ -~]{0,20}") {
            let (start, _) = complete(&line, &vocabulary());
            proptest::prop_assert!(line.is_char_boundary(start));
        }
    }
}
