//! Commands for shells are made in one place, and what goes into them unchecked comes from few.

use super::Source;

/// A way to put text into a command, and the files that may.
struct Way {
    written: &'static str,
    files: &'static [&'static str],
}

/// Quoting by hand would bring back a spelling that only some shells read. Lines of our own shell have its grammar, the
/// lab's scenarios are files of ours, and a server may write a secret back as any shell quotes it.
const WAYS: [Way; 5] = [
    Way {
        written: r"'\\''",
        files: &["src/shell/line.rs", "src/lab/scenario.rs", "src/evidence/redaction/encodings.rs"],
    },
    Way {
        written: "Word::typed(",
        files: &["src/session/words.rs", "src/report/curl.rs", "src/commands/lab/serve.rs"],
    },
    Way { written: "Word::with_variables(", files: &["src/report/curl.rs"] },
    Way {
        written: "Word::syntax(",
        files: &["src/report/curl.rs", "src/shell/commands/curl.rs", "src/commands/lab/show.rs"],
    },
    Way { written: "Word(Ok(", files: &["src/diagnosis/command.rs"] },
];

/// Every other place, as `file:line: what`.
fn elsewhere(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| !source.path.contains("tests")) {
        for (line, text) in source.text.lines().enumerate() {
            let ways =
                WAYS.iter().filter(|way| text.contains(way.written) && !way.files.contains(&source.path.as_str()));
            found.extend(ways.map(|way| format!("{}:{}: {}", source.path, line + 1, way.written)));
        }
    }
    found
}

#[test]
fn words_of_commands_are_made_where_they_may_be() {
    super::assert_none(&elsewhere(&Source::all_in("src")));
}

#[test]
fn quoting_by_hand_is_found() {
    let of = |path: &str, text: &str| elsewhere(&[Source::new(path, text)]);
    assert_eq!(
        of("src/report/x.rs", "fn f() {}\nlet q = w.replace('\\'', \"'\\\\''\");"),
        [r"src/report/x.rs:2: '\\''"]
    );
    assert_eq!(of("src/diagnosis/rules/x.rs", "words![Word::typed(told, \"it\")]").len(), 1);
    assert_eq!(of("src/report/curl.rs", "Word::typed(text, HEADER)"), Vec::<String>::new());
    assert_eq!(of("src/diagnosis/rules/x.rs", "Word::chosen(kind, told)"), Vec::<String>::new());
}
