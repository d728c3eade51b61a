//! Words in the languages of other tools.

use crate::text::is_safe;

/// A word for POSIX shells. It has no NUL, which no word can have.
///
/// A definition of Apptainer is read line by line before a shell gets a part of it: a line that begins with `%` is a
/// section, one that begins with `bootstrap:` another stage, a carriage return at the end of a line is lost, and `{{ NAME }}`
/// is replaced (apptainer, pkg/build/types/parser and internal/pkg/build/args). So quotes are closed and opened again before
/// and after line ends and between braces, which changes nothing for a shell.
pub(super) fn for_sh(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+,=".contains(c);
    // `=x` is a program to zsh.
    if !word.is_empty() && !word.starts_with('=') && word.chars().all(is_plain) {
        return word.to_owned();
    }
    let mut quoted = String::from("'");
    let mut last = None;
    for character in word.chars() {
        match character {
            '\'' => quoted.push_str(r"'\''"),
            '\n' => quoted.push_str("\n''"),
            '\r' => quoted.push_str("\r''"),
            '{' if last == Some('{') => quoted.push_str("''{"),
            other => quoted.push(other),
        }
        last = Some(character);
    }
    quoted.push('\'');
    quoted
}

/// Words for POSIX shells, separated by spaces.
pub(super) fn words_for_sh(words: &[String]) -> String {
    words.iter().map(|word| for_sh(word)).collect::<Vec<_>>().join(" ")
}

/// A word of a Dockerfile's `ENV`, `LABEL`, `USER` and the like, in which nothing is expanded (BuildKit,
/// frontend/dockerfile/shell/lex.go). It has no line end, which no quotes can hold there.
pub(super) fn for_dockerfile(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:@+-,".contains(c);
    // `--x` would be an option of the instruction.
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(is_plain) {
        return word.to_owned();
    }
    // Between single quotes even a backslash is itself; a single quote is written between double quotes.
    format!("'{}'", word.replace('\'', r#"'"'"'"#))
}

/// An array of texts in JSON, on one line. Characters that could act on a terminal are escaped.
pub(super) fn json_array(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| json_text(word)).collect();
    format!("[{}]", words.join(", "))
}

fn json_text(text: &str) -> String {
    let mut written = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => written.extend(['\\', character]),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            safe if is_safe(safe) => written.push(safe),
            other => {
                let units =
                    other.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
                written.push_str(&units);
            }
        }
    }
    written.push('"');
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_word_is_plain_where_it_can_be_and_else_in_single_quotes() {
        for (word, expected) in [
            ("/usr/bin:/bin", "/usr/bin:/bin"),
            ("-x", "-x"),
            ("", "''"),
            ("=x", "'=x'"),
            ("~/a", "'~/a'"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$(id)`id`", "'$(id)`id`'"),
            ("a\n%post", "'a\n''%post'"),
            ("a\r\nb", "'a\r''\n''b'"),
            ("{{ a }}", "'{''{ a }}'"),
            ("{{{", "'{''{''{'"),
            ("grün", "'grün'"),
        ] {
            assert_eq!(for_sh(word), expected);
        }
    }

    #[test]
    fn dockerfile_word_expands_nothing() {
        for (word, expected) in [
            ("/usr/bin:/bin", "/usr/bin:/bin"),
            ("--from=x", "'--from=x'"),
            ("", "''"),
            ("$HOME", "'$HOME'"),
            ("a\\", "'a\\'"),
            ("it's", r#"'it'"'"'s'"#),
            ("#", "'#'"),
        ] {
            assert_eq!(for_dockerfile(word), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn array_is_read_back_by_json(words: Vec<String>) {
            let written = json_array(&words);
            proptest::prop_assert!(written.chars().all(is_safe), "{}", written);
            proptest::prop_assert_eq!(serde_json::from_str::<Vec<String>>(&written).unwrap(), words);
        }
    }
}
