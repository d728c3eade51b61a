//! Commands for shells are made in one place, and what goes into them unchecked comes from few.

use super::Source;
use super::source::{Named, Read};
use super::tokens::{Token, tokens, without_tests};

/// A way to put text into a command, and the files that may.
struct Way {
    written: Written,
    files: &'static [&'static str],
}

/// What is looked for in a source.
enum Written {
    /// A text or a character that has this in it.
    Text(&'static str),
    /// A function, by the end of its path, whatever its type is called where it is used.
    Path(&'static [&'static str]),
    /// These words and symbols.
    Tokens(&'static [&'static str]),
}

/// Quoting by hand would bring back a spelling that only some shells read. Lines of our own shell have its grammar, the
/// lab's scenarios are files of ours, a server may write a secret back as any shell quotes it, and a recipe is for POSIX
/// shells alone, and says so.
const WAYS: [Way; 5] = [
    Way {
        written: Written::Text(r"'\''"),
        files: &[
            "src/shell/line.rs",
            "src/lab/scenario.rs",
            "src/evidence/redaction/encodings.rs",
            "src/recipe/quoting.rs",
        ],
    },
    Way {
        written: Written::Path(&["Word", "typed"]),
        files: &["src/session/words.rs", "src/report/curl.rs", "src/commands/lab/serve.rs"],
    },
    Way { written: Written::Path(&["Word", "with_variables"]), files: &["src/report/curl.rs"] },
    Way {
        written: Written::Path(&["Word", "syntax"]),
        files: &["src/report/curl.rs", "src/shell/commands/curl.rs", "src/commands/lab/show.rs"],
    },
    Way { written: Written::Tokens(&["Word", "(", "Ok", "("]), files: &["src/diagnosis/command.rs"] },
];

impl Written {
    /// The lines of a source that have it.
    fn lines(&self, tokens: &[Token], read: &Read) -> Vec<usize> {
        match self {
            Self::Text(text) => {
                let says = |token: &&Token| token.says.as_ref().is_some_and(|says| says.contains(text));
                tokens.iter().filter(says).map(|token| token.line).collect()
            }
            Self::Path(end) => {
                let ends = |named: &&Named| {
                    named.segments.len() >= end.len() && named.segments[named.segments.len() - end.len()..] == **end
                };
                read.paths.iter().filter(ends).map(|named| named.line).collect()
            }
            Self::Tokens(words) => {
                let is_here = |some: &&[Token]| some.iter().map(|token| token.text.as_str()).eq(words.iter().copied());
                tokens.windows(words.len()).filter(is_here).map(|some| some[0].line).collect()
            }
        }
    }

    fn in_words(&self) -> String {
        match self {
            Self::Text(text) => (*text).to_owned(),
            Self::Path(path) => path.join("::"),
            Self::Tokens(words) => words.concat(),
        }
    }
}

/// Every other place, as `file:line: what`.
fn elsewhere(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| !source.path.contains("tests")) {
        let ((tokens, _), read) = (without_tests(tokens(&source.text)), source.read());
        for way in WAYS.iter().filter(|way| !way.files.contains(&source.path.as_str())) {
            let lines = way.written.lines(&tokens, &read).into_iter();
            found.extend(lines.map(|line| format!("{}:{line}: {}", source.path, way.written.in_words())));
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
    let quoted = "fn f() {}\nfn g() { let q = w.replace('\\'', \"'\\\\''\"); }";
    assert_eq!(of("src/report/x.rs", quoted), [r"src/report/x.rs:2: '\''"]);
    for text in [
        "fn f() { w.replace('\\'', r\"'\\''\") }",
        "fn f() { w.replace('\\'', r#\"'\\''\"#) }",
        "const QUOTE: &[u8] = b\"'\\\\''\";",
        "fn f() { format!(\"{a}'\\\\''{b}\") }",
        "fn f() { words![Word::typed(told, \"it\")] }",
        "use crate::diagnosis::Word as W; fn f() { W::typed(told, IT) }",
        "use crate::diagnosis::Word; fn f() { texts.map(Word::syntax) }",
        "fn f() { crate::diagnosis::Word\n        ::with_variables(&[], IT) }",
        "fn f() { Word ( Ok ( text ) ) }",
    ] {
        assert_eq!(of("src/diagnosis/rules/x.rs", text).len(), 1, "{text}");
    }
    for text in [
        "/// Not `Word::typed(`, nor `'\\''`.\nfn f() {}",
        "fn f() { Word::chosen(kind, told) }",
        "fn f() { say(\"Word::typed(\") }",
        "fn f() { Password::typed(told) }",
        "#[cfg(test)]\nmod tests { fn f() { Word::typed(told, IT) } }",
    ] {
        assert_eq!(of("src/diagnosis/rules/x.rs", text), [""; 0], "{text}");
    }
    assert_eq!(of("src/report/curl.rs", "fn f() { Word::typed(text, HEADER) }"), [""; 0]);
}
