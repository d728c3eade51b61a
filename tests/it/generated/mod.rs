//! The files of the repository that are generated. Tests compare them; `cargo xtask generate` writes them.

mod commands;
mod picture;
mod rules;

use std::path::Path;

use crate::support::document::assert_up_to_date;
use crate::{lab, readme, schema, shell, snapshots, supply};

/// Every generated file: its path below the repository, and what is to be in it.
fn all() -> Vec<(String, String)> {
    let documents = [
        ("README.md", readme::text()),
        ("THIRD-PARTY-NOTICES.md", supply::notices_of_this()),
        ("docs/commands.md", commands::text()),
        ("docs/diagnose.svg", picture::text()),
        ("docs/guide.md", shell::guide::text()),
        ("docs/lab.md", lab::documents::text()),
    ];
    let documents = documents.map(|(path, text)| (path.to_owned(), text));
    documents.into_iter().chain(rules::pages()).chain(schema::texts()).chain(snapshots::all()).collect()
}

/// The pages of rules that there are no more.
fn superfluous() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(rules::FOLDER);
    let names = std::fs::read_dir(folder).expect("the pages").map(|entry| entry.expect("an entry").file_name());
    let paths = names.map(|name| format!("{}/{}", rules::FOLDER, name.to_string_lossy()));
    let pages = rules::pages();
    paths.filter(|path| pages.iter().all(|(page, _)| page != path)).collect()
}

/// The files that are not as they should be.
fn stale() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_stale =
        |(path, text): &(String, String)| std::fs::read_to_string(root.join(path)).ok().as_ref() != Some(text);
    all().into_iter().filter(is_stale).collect()
}

/// Writes every generated file that is stale, and names it.
#[expect(clippy::print_stdout, reason = "whoever writes files reads which they are")]
pub fn generate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (path, text) in stale() {
        std::fs::write(root.join(&path), text).unwrap_or_else(|error| panic!("{path}: {error}"));
        println!("written: {path}");
    }
    for path in superfluous() {
        std::fs::remove_file(root.join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        println!("removed: {path}");
    }
}

/// Fails with the names of all generated files that are stale.
pub fn check() {
    let stale: Vec<_> = stale().into_iter().map(|(path, _)| path).chain(superfluous()).collect();
    assert!(stale.is_empty(), "stale; run `cargo xtask generate`:\n{}", stale.join("\n"));
}

#[test]
fn documentation_of_the_commands_is_up_to_date() {
    assert_up_to_date("docs/commands.md", &commands::text());
}

#[test]
fn every_rule_has_a_page_that_is_up_to_date() {
    rules::pages().iter().for_each(|(path, text)| assert_up_to_date(path, text));
    assert_eq!(superfluous(), [""; 0], "run `cargo xtask generate`");
}
