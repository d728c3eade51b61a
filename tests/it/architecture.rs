//! The house rules that the source itself can be asked about: which room uses which, where the outside world is
//! touched, and how long a file may be.
//!
//! A rule that never fails holds nothing, so each is tried on small wrong sources too.

mod circles;
mod commands;
mod names;
mod output;
mod rooms;
mod source;
mod tokens;
mod trees;
mod voice;

use output::other_ways_out;
use rooms::{too_long, violations, without_a_word};
use source::Source;
use trees::uncounted_trees;
use voice::{old_words, old_words_of_text};

/// More lines than this are more than one thing.
const LINES: usize = 400;

/// Files that may be longer, and why.
const LONGER: &[(&str, &str)] = &[];

#[track_caller]
fn assert_none(found: &[String]) {
    assert!(found.is_empty(), "{} against the rules:\n{}", found.len(), found.join("\n"));
}

#[test]
fn rooms_use_only_what_is_below_them_and_pure_rooms_stay_pure() {
    assert_none(&violations(&Source::all_in("src")));
}

#[test]
fn every_room_says_what_it_is_for() {
    assert_none(&without_a_word(&Source::all_in("src")));
}

#[test]
fn no_file_is_longer_than_can_be_overlooked() {
    let sources: Vec<_> = ["src", "tests"].into_iter().flat_map(Source::all_in).collect();
    assert_none(&too_long(&sources, LINES, LONGER));
}

/// The rules on a source of one file, beside a library of all rooms.
fn of(path: &str, text: &str) -> Vec<String> {
    let rooms = ["auth", "diagnosis", "evidence", "knowledge", "oci", "report", "session", "transport"];
    let library: String = rooms.iter().map(|room| format!("pub mod {room};\n")).collect();
    violations(&[Source::new("src/lib.rs", library), Source::new(path, text)])
}

#[track_caller]
fn assert_found(path: &str, text: &str, expected: &[&str]) {
    let found = of(path, text);
    assert_eq!(found.len(), expected.len(), "in {text}\n{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(&format!("{path}:{expected}")), "{found} is not {expected}, in {text}");
    }
}

/// Every way of writing an import that there is in Rust.
#[test]
fn an_import_from_above_is_found_however_it_is_written() {
    for text in [
        "use crate::session::Session;",
        "use crate::session;",
        "use crate::session as remembered;",
        "pub use crate::{oci::Digest, session::{Session, Settings}, knowledge};",
        "use crate::{oci, session};",
        "use super::session::Session;",
        "fn f() { let it = 1 as crate::session::Number; }",
        "pub(crate) use super::{session};",
        "use self::super::session;",
        "fn f(session: &crate::session::Session) {}",
        "fn f() -> Vec<crate::session::Session> { Vec::new() }",
        "fn f() { let it = Self { ..crate::session::new() }; }",
        "macro_rules! m { () => { $crate::session::new() } }",
        "mod inner { use super::super::session; }",
        "mod inner { mod further {} use super::super::session; }",
        "mod inner { } use super::session;",
        "#[derive(crate::session::Derive)] struct S;",
        "fn f() -> [crate::session::S; 2] { todo!() }",
        "fn f(a: &'static crate::session::S, b: char) { b == '\"'; }",
        "const Q: char = '\\''; use crate::session::S; const R: char = '\\'';",
        "const Q: &str = \"\\\"\"; use crate::session::S; const R: &str = r#\" \" \"#;",
        "/* /* nested */ */ use crate::session::S; // \"",
    ] {
        let found = of("src/evidence/mod.rs", text);
        // One text names it twice on one line, as two paths.
        assert!(!found.is_empty(), "nothing in {text}");
        for found in found {
            assert!(found.starts_with("src/evidence/mod.rs:1: `crate::session"), "{found}, in {text}");
            assert!(found.ends_with("but `evidence` may use only text, oci, knowledge, image"), "{found}, in {text}");
        }
    }
}

/// Whatever stands in a real file, what comes behind it is still seen: the reader has not lost its way in it.
#[test]
fn every_file_is_read_to_its_end() {
    let mut wrong = Source::all_in("src");
    let tests: Vec<_> = wrong.iter().flat_map(|source| source.read().test_modules).collect();
    for source in &mut wrong {
        source.text.push_str("use crate::cli::main;\n");
    }
    let found = violations(&wrong);
    // `shell` may use `cli`; the library only lists its rooms.
    let exempt = |source: &&Source| {
        let module = source.module();
        module.first().is_none_or(|room| room == "cli" || room == "shell")
            || tests.iter().any(|test| module.starts_with(test))
    };
    let (exempt, others): (Vec<_>, Vec<_>) = wrong.iter().partition(exempt);
    assert!(others.len() > exempt.len(), "most files are no tests");
    for source in others {
        let expected = format!("{}:{}: `crate::cli::main`", source.path, source.text.lines().count());
        assert!(found.iter().any(|found| found.starts_with(&expected)), "{expected} is not found");
    }
}

#[test]
fn a_line_is_named() {
    let text =
        "//! Words.\n\nuse crate::oci::{\n    Digest,\n};\nuse crate::{\n    oci::Host,\n    report::Report,\n};\n";
    assert_found("src/evidence/mod.rs", text, &["8: `crate::report::Report` is imported"]);
}

#[test]
fn what_is_below_may_be_used_and_what_is_no_code_is_not_looked_at() {
    for text in [
        "use crate::oci::Digest; use self::journal::Journal; use crate::knowledge::{self, known};",
        "//! See [`crate::session`].\n/// Not `use crate::session::Session;`\nstruct S;",
        "/* use crate::session::Session; */",
        "const WORDS: &str = \"use crate::session::Session;\";",
        "const WORDS: &str = r#\"use \"crate::session::Session;\"#;",
        "pub(crate) struct S<'a>(&'a str); impl<'a> S<'a> { pub(super) fn f() {} }",
        "#[cfg(test)]\nmod tests { use crate::session::Session; fn f() { println!(); } }",
        "#[cfg(test)]\n#[allow(unused)]\nuse crate::session::Session;",
        "fn f() { env!(\"X\"); std::env::consts::ARCH; std::time::Duration::ZERO; std::io::Error::other(1); }",
        "use std::io; use std::io::prelude::*; fn f(e: io::Error) {}",
    ] {
        assert_found("src/evidence/mod.rs", text, &[]);
    }
}

#[test]
fn only_tests_are_left_out() {
    for text in [
        "#[cfg(test)] mod tests { } use crate::session::S;",
        "#[cfg(test)] mod tests; use crate::session::S;",
        "#[cfg(test)] use a::{b}; use crate::session::S;",
        "#[cfg(test)] fn f(a: [u8; 2]) { { } } use crate::session::S;",
        "struct S { #[cfg(test)] a: u8, b: crate::session::S }",
        "#[cfg(not(test))] use crate::session::S;",
        "mod tests { use crate::session::S; }",
    ] {
        assert_found("src/evidence/mod.rs", text, &["1: `crate::session::S`"]);
    }
}

#[test]
fn a_file_of_tests_is_one_only_where_it_is_declared_as_one() {
    let library = || Source::new("src/lib.rs", "pub mod evidence;\npub mod session;\n");
    let tests = || Source::new("src/evidence/secret/tests/deep.rs", "use crate::session::Session;");
    let declared = Source::new("src/evidence/secret.rs", "#[cfg(test)]\nmod tests;");
    assert_eq!(violations(&[library(), declared, tests()]), Vec::<String>::new());
    let undeclared = Source::new("src/evidence/secret.rs", "mod tests;");
    assert_eq!(violations(&[library(), undeclared, tests()]).len(), 1);
    // A module of the same name elsewhere is another one.
    let elsewhere = Source::new("src/evidence/journal.rs", "#[cfg(test)]\nmod tests;");
    assert_eq!(violations(&[library(), elsewhere, tests()]).len(), 1);
}

#[test]
fn the_two_wings_do_not_know_each_other() {
    assert_found("src/transport/send.rs", "use crate::diagnosis::Finding;", &["1: `crate::diagnosis::Finding`"]);
    assert_found("src/auth/flow.rs", "use crate::report::Report;", &["1: `crate::report::Report`"]);
    assert_found("src/report/build.rs", "use crate::transport::Limits;", &["1: `crate::transport::Limits`"]);
    assert_found("src/session.rs", "use crate::{transport::Limits, report::Report};", &[]);
    assert_found("src/transport/send.rs", "use crate::auth::Grant;", &["1: `crate::auth::Grant`"]);
    assert_found(
        "src/diagnosis/rules/x.rs",
        "use super::super::super::report::Report;",
        &["1: `crate::report::Report`"],
    );
    assert_found("src/diagnosis/rules/x.rs", "use super::super::report::Report;", &[]);
    assert_found("src/oci/mod.rs", "use crate::knowledge::known;", &["1: `crate::knowledge::known`"]);
}

#[test]
fn rooms_are_known_and_declared() {
    assert_found(
        "src/evidence/mod.rs",
        "use crate::cellar::Wine;",
        &["1: `crate::cellar::Wine` is imported, but there is"],
    );
    assert_found("src/evidence/mod.rs", "use crate::*;", &["1: `crate::*` is imported, but there is no room `*`"]);
    assert_found("src/cellar/wine.rs", "", &["1: src/lib.rs does not declare the room `cellar`"]);
    let found = violations(&[Source::new("src/lib.rs", "pub mod oci;\npub mod cellar;\n")]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("src/lib.rs:2: the room `cellar` is not known"), "{found:#?}");
    assert_eq!(violations(&[]).len(), 1, "where there is no source, that is said");
}

#[test]
fn the_outside_world_is_found_however_it_is_reached() {
    for text in [
        "use std::env;",
        "use std::{fmt, env::var};",
        "fn f() { std::env::var(\"A\"); }",
        "fn f() { ::std::env::var(\"A\"); }",
        "use ::std::fs;",
        "use std::fs::{self, File};",
        "use std::*;",
        "use std::io::*;",
        "use std::io; fn f() { io::stdout(); }",
        "use std::io as streams; fn f() { streams::stderr().lock(); }",
        "use std::io::{self as streams, Write}; fn f() { streams::stdin(); }",
        "use super::*; fn f() { io::stdout(); }",
        "fn f() { println!(\"a\"); }",
        "fn f() { eprint!(); }",
        "fn f() -> u8 { dbg!(1) }",
        "use std::time::{Duration, Instant};",
        "use std::time; fn f() { time::SystemTime::now(); }",
        "fn f() { tokio::time::sleep(d); }",
        "use tokio::{sync, time};",
    ] {
        for path in ["src/evidence/mod.rs", "src/auth/flow.rs"] {
            let found = of(path, text);
            assert!(!found.is_empty(), "nothing in {text}");
            assert!(found.iter().all(|found| found.starts_with(&format!("{path}:1: `"))), "{found:#?}, in {text}");
        }
    }
}

#[test]
fn what_a_use_does_wrong_is_said_once() {
    let text =
        "use std::time::Instant;\nuse crate::session::S;\nfn f(a: Instant, b: S) -> Instant { S::g(Instant::now()) }";
    assert_found("src/evidence/mod.rs", text, &["1: `std::time::Instant`", "2: `crate::session::S`"]);
}

#[test]
fn the_outside_world_is_for_some_rooms() {
    let text = "use std::{env, fs, io, time::Instant};\nfn f() { io::stdout(); println!(); }";
    for path in ["src/transport/tls.rs", "src/auth/credentials.rs", "src/auth/credentials/file.rs", "src/session.rs"] {
        assert_found(path, text, &[]);
    }
    assert_found("src/main.rs", text, &[]);
    assert_found("src/transport/send.rs", "use tokio::time::Instant;", &[]);
    assert_found("src/session.rs", "use tokio::time::Instant;", &["1: `tokio::time::Instant` is waiting"]);
    assert_found("src/auth/credentials/helper.rs", "use tokio::time::timeout;", &[]);
    assert_found("src/auth/flow.rs", "use tokio::time::timeout;", &["1: `tokio::time::timeout` is waiting"]);
    assert_found("src/auth/credentialsish.rs", "use std::fs;", &["1: `std::fs` is the file system"]);
}

#[test]
fn a_room_without_a_word_is_found() {
    let sources = [
        Source::new("src/oci/mod.rs", "//! Words."),
        Source::new("src/oci/digest/mod.rs", "\n//! Too late."),
        Source::new("src/oci/tag.rs", ""),
        Source::new("src/session.rs", "use std::fmt;"),
    ];
    let found = without_a_word(&sources);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].starts_with("src/oci/digest/mod.rs:1: ") && found[1].starts_with("src/session.rs:1: "));
}

#[test]
fn a_long_file_is_found_unless_it_is_listed_and_a_needless_entry_too() {
    let sources =
        [Source::new("src/a.rs", "1\n2\n3\n"), Source::new("src/b.rs", "1\n2\n3"), Source::new("src/c.rs", "1\n2")];
    let list = [("src/b.rs", "why"), ("src/c.rs", "no longer"), ("src/d.rs", "gone")];
    let found = too_long(&sources, 2, &list);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(
        found[0].starts_with("src/a.rs:3: 3 lines")
            && found[1].starts_with("src/c.rs")
            && found[2].starts_with("src/d.rs")
    );
}

/// The words that `docs/voice.md` replaces do not come back into what people read.
#[test]
fn texts_speak_the_language_of_the_field() {
    let mut found = old_words(&Source::all_in("src"));
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let in_folder = |folder: &str, ending: &str| {
        let entries = std::fs::read_dir(root.join(folder)).expect("a folder").flatten().map(|entry| entry.path());
        let mut paths: Vec<_> = entries.filter(|path| path.to_string_lossy().ends_with(ending)).collect();
        paths.sort();
        paths
    };
    let read = |path: &std::path::Path| std::fs::read_to_string(path).expect("a text");
    // Of a scenario: its title, its story and what to look at; the rest is what servers answer.
    for path in in_folder("src/lab/scenarios", ".toml") {
        let ours: String = read(&path).split("\nreference = ").next().unwrap_or_default().to_owned();
        let is_source = |line: &str| line.starts_with("    \"") && line.contains('#');
        found.extend(old_words_of_text(&path.display().to_string(), &ours, is_source));
    }
    // Blocks in documents are printed by the program, or by others; the table of the words themselves has them.
    let documents = in_folder("docs", ".md").into_iter().chain([root.join("README.md"), root.join("CONTRIBUTING.md")]);
    for path in documents.filter(|path| !path.ends_with("voice.md") && !path.ends_with("lab.md")) {
        let text = read(&path);
        let prose: String = text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n");
        found.extend(old_words_of_text(&path.display().to_string(), &prose, |_| false));
    }
    assert_none(&found);
}

/// Case E32: what has not passed the nets does not leave.
#[test]
fn standard_output_is_opened_in_one_place() {
    assert_none(&other_ways_out(&Source::all_in("src")));
}

/// Case C39: what is not counted is not read as a tree.
#[test]
fn bytes_become_a_tree_of_json_in_one_place() {
    assert_none(&uncounted_trees(&Source::all_in("src")));
    for text in [
        "fn f() { serde_json::from_slice::<Value>(bytes).ok(); }",
        "fn f() { let Ok(json) = serde_json::from_str(text) else { return }; }",
        "fn f() { serde_json :: from_reader(file) }",
    ] {
        assert_eq!(uncounted_trees(&[Source::new("src/report/new.rs", text)]).len(), 1, "{text}");
    }
    for text in [
        "fn f() { serde_json::Deserializer::from_slice(bytes); }",
        "fn f() { toml::from_str(text) }",
        "fn f() { serde_json::to_string(&value) }",
        "fn f() { read_json(bytes) }",
        "#[cfg(test)] mod tests { fn f() { serde_json::from_str(text) } }",
    ] {
        assert_eq!(uncounted_trees(&[Source::new("src/report/new.rs", text)]), [""; 0], "{text}");
    }
}

#[test]
fn every_other_way_out_is_found() {
    for text in [
        "fn f() { let mut out = std::io::stdout(); }",
        "fn f() { io::stdout().lock().write_all(b); }",
        "fn f() { crate::cli::standard_output(); }",
        "fn f() { println!(\"{}\", body); }",
        "fn f() { print!(\"x\"); }",
        "fn f(output: &mut Output) { output.document(&document, &json); }",
        "fn f() { self.stream.write_all(bytes); }",
        "fn f() -> Value { json!({ \"schema\": \"ociscope.new/1\" }) }",
        "fn f() { output.fetched(&document, &serde_json::json!(value), &mut redactor); }",
    ] {
        let found = other_ways_out(&[Source::new("src/commands/new.rs", text)]);
        assert_eq!(found.len(), 1, "in {text}: {found:#?}");
        assert!(found[0].starts_with("src/commands/new.rs:1: "), "{found:#?}");
    }
    let two = "fn f() { self.stream.write_all(a); self.stream.write_all(b); }";
    assert_eq!(other_ways_out(&[Source::new("src/commands/output.rs", two)]).len(), 1);
    for text in [
        "fn f() { io::stdout().is_terminal(); child.stdout(Stdio::piped()); }",
        "#[cfg(test)]\nmod tests { fn f() { println!(); } }",
        "#[cfg(test)]\nmod tests { fn f() { json!(1); } }",
        "fn f() { WrittenNew { name }.to_json(); }",
        "fn f() -> Schema { json_schema!({}) }",
    ] {
        assert_eq!(other_ways_out(&[Source::new("src/commands/new.rs", text)]), [""; 0], "{text}");
    }
}
