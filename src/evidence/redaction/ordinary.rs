//! Words that occur in every report.
//!
//! Test registries have passwords such as `password` and `registry`. Removing such a word from a whole report would
//! reveal it by the gaps, and make the rest unreadable; so it is removed where it is known to be, and not searched for.
//! OpenShift gives every client such a token, `anonymous`.

use std::sync::LazyLock;

/// Substrings of these are not searched for: the field names of our JSON (`fields.txt`, which a test of the schemas
/// writes), all words that replace a secret, and words that sentences about registries cannot do without.
const WORDS: &str = concat!(
    "\
     administrator anonymous application authentication authorization basic bearer certain characters \
     configuration connection container containers content cookie credentials current default description \
     diagnose diagnosis digests distribution docker example expired explain fault forbidden fragment gateway \
     header identity incorrect internal kubernetes label latest length library lines localhost manifests \
     network nothing number password passwords podman private production project proxy public quay.io query \
     realm registries removed repositories requests secret secrets segment skopeo something target token tokens \
     unauthorized unknown value variants without ",
    include_str!("fields.txt"),
);

/// Words of the program that are long enough to contain a piece of a secret by chance: those above, the names of media
/// types, and the words that replace secrets. In lower case.
pub(super) static OWN_WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    const MORE: [&str; 12] = [
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
        "application/vnd.docker.container.image.v1+json",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "docker-distribution-api-version: registry/2.0, docker-content-digest: sha256:",
        "secret value removed, query value removed, password removed, token removed, part of the password removed",
        "secret header removed, path segment removed, fragment removed, private key removed, characters, label",
        "repository:library/ manifests/latest Bearer realm=\"https:// service= scope=\"repository: :pull",
    ];
    WORDS.split_whitespace().chain(MORE).map(str::to_ascii_lowercase).collect()
});

/// Whether a value is such a word, or a part of one.
pub(super) fn is_ordinary(value: &str) -> bool {
    const LONGEST: usize = 40;
    // Most values are digests, numbers and signatures: none of these is part of a word, except for `sha256`.
    let is_of_words = |byte: u8| byte.is_ascii_alphabetic() || b"256.".contains(&byte);
    if value.len() > LONGEST || !value.bytes().all(is_of_words) {
        return false;
    }
    // A value without spaces cannot reach from one word into the next.
    !value.contains(char::is_whitespace) && WORDS.contains(&value.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_ordinary_in_any_case() {
        for word in WORDS.split_whitespace() {
            assert!(is_ordinary(word) && is_ordinary(&word.to_uppercase()), "{word}");
        }
        for value in ["sha256", "registry1", "registry password", "pass-word", "régistry", ""] {
            assert_eq!(is_ordinary(value), matches!(value, "sha256" | ""), "{value}");
        }
    }
    use crate::evidence::Redactor;

    /// Otherwise a password would change our JSON.
    #[test]
    fn no_name_of_a_field_is_searched_for() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut names = Vec::new();
        for path in entries.filter(|path| path.to_string_lossy().ends_with(".schema.json")) {
            collect(&serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap(), &mut names);
        }
        assert!(names.len() > 100, "{names:?}");
        let words = names.iter().flat_map(|name| name.split('_')).filter(|word| word.len() >= 6);
        let found: std::collections::BTreeSet<_> = words.filter(|word| !is_ordinary(word)).collect();
        assert!(found.is_empty(), "{found:?}");
    }

    fn collect(schema: &serde_json::Value, names: &mut Vec<String>) {
        if let Some(fields) = schema.get("properties").and_then(|fields| fields.as_object()) {
            names.extend(fields.keys().cloned());
        }
        match schema {
            serde_json::Value::Object(fields) => fields.values().for_each(|value| collect(value, names)),
            serde_json::Value::Array(values) => values.iter().for_each(|value| collect(value, names)),
            _ => {}
        }
    }

    #[test]
    fn what_stands_in_the_place_of_a_secret_is_not_searched_for() {
        let kinds = ["password", "query value", "secret header", "path segment", "token server's answer", "cookie"];
        let more = ["fragment", "secret value", "private key", "proxy password"];
        let shown = kinds
            .into_iter()
            .chain(more)
            .map(|what| super::super::removed(what, "x").replace("label ", ""))
            .collect::<Vec<_>>()
            .join(" ");
        let words = shown.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() >= 6);
        for word in words {
            assert!(is_ordinary(word), "{word}");
        }
    }

    #[test]
    fn a_password_that_is_a_word_of_ours_neither_tells_itself_nor_holds_up_a_report() {
        for password in ["password", "registry", "Manifest", "characters"] {
            let mut redactor = Redactor::new([("password", &crate::text::Secret::new(password))]);
            let text = "the registry has no manifest: wrong password, 12 characters";
            assert_eq!(redactor.known_values(text), text, "{password}");
            assert_eq!(redactor.last_scan(text), Ok(()), "{password}");
        }
    }

    /// These do not occur by chance.
    #[test]
    fn what_is_made_of_such_a_word_is_still_searched_for() {
        let mut redactor = Redactor::new([("password", &crate::text::Secret::new("password"))]);
        assert!(redactor.known_values("cGFzc3dvcmQ=").starts_with("‹password removed, 8 characters"));
    }
}
