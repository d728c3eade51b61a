//! Commands describe themselves, so the shell and the command line know none of them by a text: a table of names goes
//! stale where a command is added, and nothing says so.

use super::Source;
use super::tokens::{Token, tokens, without_tests};
use crate::support::ociscope::ociscope;

/// Texts that are the name of a command and mean something else.
const OTHERS: [(&str, &str, &str); 14] = [
    ("src/cli/arguments.rs", "lab", "the option --lab"),
    ("src/cli/arguments/recording.rs", "record", "the option --record"),
    ("src/cli/foreign.rs", "blob", "a command of registry clients"),
    ("src/cli/foreign.rs", "catalog", "a command of registry clients"),
    ("src/cli/foreign.rs", "config", "a command of registry clients"),
    ("src/cli/foreign.rs", "login", "a command of registry clients"),
    ("src/cli/foreign.rs", "logout", "a command of registry clients"),
    ("src/cli/foreign.rs", "manifest", "a command of registry clients"),
    ("src/cli/foreign.rs", "referrers", "a command of registry clients"),
    ("src/cli/foreign.rs", "tags", "a command of registry clients"),
    ("src/cli/help.rs", "help", "the command line's own `help`"),
    ("src/cli/meant.rs", "help", "the command line's own `help`"),
    ("src/cli/run.rs", "help", "the command line's own `help`"),
    ("src/shell/history/secrets.rs", "auth", "a word between `Bearer` and a sentence"),
];

/// The names of all commands.
fn names() -> Vec<String> {
    let listed = ociscope(&["--json"]).input("help\n").run().json();
    let named = |name: &serde_json::Value| name.as_str().expect("a name").to_owned();
    listed["commands"].as_array().expect("a list").iter().map(named).collect()
}

/// Where a source outside of its tests has a text that is the name of a command, as `file:line: text`. A command may say
/// its own name in its own file.
fn named_by_texts(sources: &[Source], names: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| !source.path.contains("/tests")) {
        let (tokens, _) = without_tests(tokens(&source.text));
        for (at, token) in tokens.iter().enumerate() {
            let is_feature = at >= 2 && tokens[at - 2].text == "feature" && tokens[at - 1].text == "=";
            let text = token.says.as_ref().filter(|_| !is_feature);
            let text = text.filter(|text| names.contains(text) && !may_say(&source.path, text));
            found.extend(text.map(|text| format!("{}:{}: {text}", source.path, token.line)));
        }
    }
    found
}

fn may_say(path: &str, text: &str) -> bool {
    let own = ["", "_"].map(|end| format!("src/shell/commands/{text}{end}.rs"));
    own.iter().any(|own| own == path) || OTHERS.iter().any(|(file, other, _)| (*file, *other) == (path, text))
}

/// Where a source outside of its tests has the names of three commands next to each other, as a list of them has, as
/// `file:line: texts`. Two may be words of an address or fields of a form.
fn listed(sources: &[Source], names: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| !source.path.contains("/tests")) {
        let (tokens, _) = without_tests(tokens(&source.text));
        let name = |token: &Token| token.says.clone().filter(|text| names.contains(text));
        let is_between = |token: &Token| [",", "|"].contains(&token.text.as_str());
        for some in tokens.windows(5).filter(|some| is_between(&some[1]) && is_between(&some[3])) {
            if let [Some(one), Some(next), Some(last)] = [&some[0], &some[2], &some[4]].map(name) {
                found.push(format!("{}:{}: {one} {next} {last}", source.path, some[0].line));
            }
        }
    }
    found
}

/// Of the rooms below the commands, too, none has a list of them.
#[test]
fn source_has_no_list_of_commands() {
    super::assert_none(&listed(&Source::all_in("src"), &names()));
}

#[test]
fn list_of_commands_is_found() {
    let names = ["probe", "tags", "use", "get", "head"].map(str::to_owned);
    let of = |text: &str| listed(&[Source::new("src/session/a.rs", text)], &names);
    for text in [
        "const ASKING: [&str; 3] = [\"probe\", \"tags\", \"use\"];",
        "const ASKING: &[&str] = &[\n    \"get\",\n    \"head\",\n    \"tags\",\n];",
        "fn f() { matches!(verb, \"get\" | \"use\" | \"head\") }",
        "fn f() { match verb { \"tags\" | \"probe\" | \"get\" => 1, _ => 2 } }",
        "fn f() { vec![\"a\", \"probe\", r\"use\", \"get\"] }",
        "fn f() { [b\"get\", b\"head\", b\"use\"] }",
    ] {
        assert_eq!(of(text).len(), 1, "{text}");
    }
    for text in [
        "fn f() { words![\"ociscope\", \"probe\", reference] }",
        "fn f() { words![\"ociscope\", \"tags\", \"--filter\", \"use\"] }",
        "const FIELDS: [&str; 3] = [\"head\", \"tags\", \"body\"];",
        "/// [\"probe\", \"tags\", \"use\"]\nfn f() {}",
        "#[cfg(test)]\nmod tests { const A: [&str; 3] = [\"probe\", \"tags\", \"use\"]; }",
        "const A: &str = \"probe, tags, use\";",
    ] {
        assert_eq!(of(text), [""; 0], "{text}");
    }
}

#[test]
fn shell_and_command_line_know_no_command_by_a_text() {
    let sources = [Source::all_in("src/shell"), Source::all_in("src/cli")].concat();
    super::assert_none(&named_by_texts(&sources, &names()));
}

#[test]
fn every_exception_is_still_needed() {
    let sources = [Source::all_in("src/shell"), Source::all_in("src/cli")].concat();
    for (path, text, _) in OTHERS {
        let source = sources.iter().find(|source| source.path == path).expect("the file");
        assert!(source.text.contains(&format!("\"{text}\"")), "{path} does not say {text}");
    }
}

#[test]
fn name_in_a_text_is_found() {
    let names = ["probe", "tags", "use"].map(str::to_owned);
    let of = |path: &str, text: &str| named_by_texts(&[Source::new(path, text)], &names);
    for text in [
        "const BY: [&str; 2] = [\"x\", \"probe\"];",
        "match name { \"tags\" => 1, _ => 2 }",
        "let is = name == \"use\";",
        "words.insert(0, \"probe\".to_owned());",
        "fn f() {\n    matches!(name, \"a\" | \"tags\")\n}",
        "let is = sign == '\"' || name == \"use\";",
        "let is = name == \"\\x75se\";",
        "let is = name == \"pro\\\n    be\";",
        "let says = \"a \\\" b\"; let is = name == \"tags\";",
        "const LONG: &str = \"one\ntwo\"; const BY: &str = \"probe\";",
        "let is = bytes == b\"tags\";",
        "#[cfg(test)]\nmod tests;\n\nfn f() -> &str { r#\"probe\"# }",
    ] {
        assert_eq!(of("src/shell/a.rs", text).len(), 1, "{text}");
    }
    for text in [
        "/// The command \"probe\".",
        "let words = \"probe REF\";",
        "let is = name == PROBE.name;",
        "#[cfg(test)]\nmod tests { const A: &str = \"probe\"; }",
        "let other = \"probes\";",
        "/* \"probe\" */ let is = 1; // \"tags\"",
        "#[cfg(feature = \"use\")] fn f() {}",
        "let says = \"say \\\"probe\\\" here\";",
    ] {
        assert_eq!(of("src/shell/a.rs", text), [""; 0], "{text}");
    }
    assert_eq!(of("src/shell/commands/use_.rs", "CommandSpec::named(\"use\")"), [""; 0]);
    assert_eq!(of("src/shell/commands/use_.rs", "CommandSpec::named(\"tags\")").len(), 1);
}
