//! What the program is made of: licences and sources of what is linked in, the notices that go with it, and no folder of
//! the machine that it was built on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::document::assert_up_to_date;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// The notices, which `cargo xtask generate` renews.
const NOTICES: &str = "THIRD-PARTY-NOTICES.md";

/// A crate that is linked in.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Linked {
    name: String,
    version: String,
    licence: String,
    source: String,
    folder: String,
}

/// Everything that cargo knows of the dependencies for this system, from what was fetched for the build.
fn metadata() -> Value {
    let system = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let arguments = ["metadata", "--locked", "--offline", "--format-version", "1", "--filter-platform", &system];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(ROOT).output().expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The crates whose code is in the program: neither what only builds need, nor macros, nor what only tests use.
fn linked(metadata: &Value) -> BTreeSet<Linked> {
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let by_id = |list: Vec<Value>| list.into_iter().map(|one| (text(&one["id"]).to_owned(), one)).collect();
    let packages: BTreeMap<String, Value> = by_id(list(&metadata["packages"]));
    let nodes: BTreeMap<String, Value> = by_id(list(&metadata["resolve"]["nodes"]));
    let root = text(&metadata["resolve"]["root"]).to_owned();
    let is_macro = |package: &Value| {
        list(&package["targets"]).iter().any(|target| list(&target["kind"]).iter().any(|kind| kind == "proc-macro"))
    };
    let (mut seen, mut open) = (BTreeSet::new(), vec![root.clone()]);
    while let Some(id) = open.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        for dependency in list(&nodes[&id]["deps"]) {
            let is_normal = list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
            let id = text(&dependency["pkg"]);
            if is_normal && !is_macro(&packages[id]) {
                open.push(id.to_owned());
            }
        }
    }
    seen.remove(&root);
    let of = |id: &String| {
        let package = &packages[id];
        let manifest = Path::new(text(&package["manifest_path"]));
        Linked {
            name: text(&package["name"]).to_owned(),
            version: text(&package["version"]).to_owned(),
            licence: text(&package["license"]).to_owned(),
            source: text(&package["source"]).to_owned(),
            folder: manifest.parent().expect("a folder").display().to_string(),
        }
    };
    seen.iter().map(of).collect()
}

/// Whether a licence may be used, of which an expression names several (SPDX specification, annex D). `/` is an older
/// way to write OR.
fn is_allowed(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let expression = expression.replace('/', " OR ");
    let trimmed = expression.trim();
    for (word, all) in [(" OR ", false), (" AND ", true)] {
        let mut depth = 0_i32;
        for (at, character) in trimmed.char_indices() {
            depth += i32::from(character == '(') - i32::from(character == ')');
            if depth == 0 && trimmed[at..].starts_with(word) {
                let (one, other) = (&trimmed[..at], &trimmed[at + word.len()..]);
                let (one, other) = (is_allowed(one, allowed), is_allowed(other, allowed));
                return if all { one && other } else { one || other };
            }
        }
    }
    match trimmed.strip_prefix('(').and_then(|inside| inside.strip_suffix(')')) {
        Some(inside) => is_allowed(inside, allowed),
        None => allowed(&trimmed.split_whitespace().collect::<Vec<_>>().join(" ")),
    }
}

#[test]
fn expression_of_licences_is_read_as_it_is_meant() {
    let mit = |name: &str| matches!(name, "MIT" | "Apache-2.0 WITH LLVM-exception");
    for (expression, allowed) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT OR GPL-3.0", true),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("GPL-3.0 / MIT", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND BSD-3-Clause", false),
        ("(MIT OR GPL-3.0) AND MIT", true),
        ("GPL-3.0 OR MIT AND ISC", false),
        ("Apache-2.0 WITH LLVM-exception OR Apache-2.0", true),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression, &mit), allowed, "{expression}");
    }
}

/// The notices as they should be on Linux, whatever this machine is.
pub fn notices_of_this() -> String {
    notices(&linked(&metadata()))
}

/// Case G29: every crate of the program comes from the registry, under a licence that is on the list.
#[cfg(target_os = "linux")]
#[test]
fn crates_are_from_the_registry_and_under_licences_on_the_list() {
    let rules: toml::Value = toml::from_str(include_str!("../../deny.toml")).expect("TOML");
    let listed: Vec<_> =
        rules["licenses"]["allow"].as_array().expect("a list").iter().filter_map(|one| one.as_str()).collect();
    let registries = rules["sources"]["allow-registry"].as_array().expect("a list");
    let denied: Vec<_> =
        rules["bans"]["deny"].as_array().expect("a list").iter().filter_map(|one| one["crate"].as_str()).collect();
    let crates = linked(&metadata());
    assert!(crates.len() > 100, "{}", crates.len());
    let mut wrong = Vec::new();
    for one in &crates {
        let is_listed = is_allowed(&one.licence, &|name| listed.contains(&name));
        let source = one.source.strip_prefix("registry+").unwrap_or(&one.source);
        let is_known = registries.iter().any(|registry| registry.as_str() == Some(source));
        if !is_listed || !is_known || denied.contains(&one.name.as_str()) {
            wrong.push(one);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // What the list allows and nobody uses would let in what nobody has looked at.
    let used = |licence: &&&str| crates.iter().any(|one| one.licence.contains(**licence));
    let only_for_builds = ["MIT-0"];
    let unused: Vec<_> = listed.iter().filter(|one| !used(one) && !only_for_builds.contains(one)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

/// The texts that go with a crate: of several licences that can be chosen from, MIT where it is one, and every notice.
fn texts(one: &Linked) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(&one.folder)
        .expect("the sources, which were fetched for the build")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| {
            let upper = name.to_uppercase();
            let is_text = Path::new(name).extension().is_none_or(|extension| extension != "rs");
            is_text && ["LICEN", "COPYING", "NOTICE", "COPYRIGHT"].iter().any(|word| upper.starts_with(word))
        })
        .filter(|name| Path::new(&one.folder).join(name).is_file())
        .collect();
    names.sort();
    let is_mit = |name: &String| name.to_uppercase().contains("MIT");
    if is_allowed(&one.licence, &|name| name == "MIT") && names.iter().any(is_mit) {
        names.retain(|name| is_mit(name) || name.to_uppercase().starts_with("NOTICE"));
    }
    let read = |name: &String| std::fs::read_to_string(Path::new(&one.folder).join(name)).unwrap_or_default();
    let tidy = |text: String| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned();
    names.iter().map(read).map(tidy).filter(|text| !text.is_empty()).collect()
}

/// The notices: each crate with its licence, and each text once with the crates that it goes with.
fn notices(crates: &BTreeSet<Linked>) -> String {
    let mut by_text: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    let mut shown = String::from(
        "# Third-party notices\n\nThe program is linked with these crates (on Linux; other systems add crates that speak to them). \
         Generated from their sources: `cargo xtask generate` renews it.\n\n\
         | crate | version | licence |\n|---|---|---|\n",
    );
    for one in crates {
        writeln!(shown, "| [{0}](https://crates.io/crates/{0}) | {1} | {2} |", one.name, one.version, one.licence)
            .expect("a text takes everything");
        for text in texts(one) {
            // Lines are broken in different places in copies of one text.
            let key = text.split_whitespace().collect::<Vec<_>>().join(" ");
            by_text.entry(key).or_insert_with(|| (text, Vec::new())).1.push(format!("{} {}", one.name, one.version));
        }
    }
    let mut texts: Vec<_> = by_text.into_values().collect();
    texts.sort_by(|one, other| one.1.cmp(&other.1));
    for (text, crates) in texts {
        let fence = if text.contains("```") { "````" } else { "```" };
        write!(shown, "\n## {}\n\n{fence}text\n{text}\n{fence}\n", crates.join(", ")).expect("a text takes everything");
    }
    shown
}

/// Case G29: the notices are those of what is linked in.
#[cfg(target_os = "linux")]
#[test]
fn notices_are_those_of_what_is_linked_in() {
    let crates = linked(&metadata());
    let written = notices(&crates);
    for one in &crates {
        assert!(written.contains(&format!("| {} | {} |", one.version, one.licence)), "{one:?}");
    }
    assert_up_to_date(NOTICES, &written);
}

/// The flags that a release is built with, where cargo and the home are here.
#[cfg(unix)]
fn flags(home: &Path, cargo_home: &Path) -> Vec<String> {
    let mut command = Command::new(Path::new(ROOT).join(".ci/release"));
    command.arg("--flags").env("HOME", home).env("CARGO_HOME", cargo_home);
    let output = command.output().expect("a shell");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
}

/// Case G30: no folder of the machine that a release is built on is in it. The flags are tried on a small program, which
/// has what makes paths get into programs: a panic in a crate below the home of cargo, and one of its own.
#[cfg(unix)]
#[test]
fn folders_of_the_builder_are_not_in_a_release() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let root = folder.path().canonicalize().expect("a path");
    for (home, cargo_home) in [
        ("home/builder", "home/builder/.cargo"),
        ("home/builder", "opt/cargo"),
        ("home/with a space", "home/with a space/.cargo"),
        ("home/ünïcode", "home/ünïcode/.cargo"),
        ("root", "root/a/b/cargo home"),
    ] {
        let (home, cargo_home) = (root.join(home), root.join(cargo_home));
        let source = cargo_home.join("registry/src/index.crates.io-1949cf8c6b5b557f/greeting-1.0.0/src");
        std::fs::create_dir_all(&source).expect("folders");
        std::fs::create_dir_all(&home).expect("folders");
        let (library, program) = (source.join("lib.rs"), home.join("main.rs"));
        std::fs::write(&library, "pub fn greet(n: usize) -> u8 { b\"abc\"[n] }\n").expect("a file");
        std::fs::write(&program, "fn main() { println!(\"{}\", greeting::greet(std::env::args().count() + 9)); }\n")
            .expect("a file");
        let out = root.join("out");
        let compile = |flags: &[String]| {
            let rustc = |more: &[&str]| {
                let mut command = Command::new("rustc");
                command
                    .args(["--edition", "2024", "-C", "strip=symbols", "--out-dir"])
                    .arg(&out)
                    .args(flags)
                    .args(more);
                let output = command.output().expect("the compiler");
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            };
            let text = |path: &Path| path.display().to_string();
            rustc(&["--crate-type", "rlib", "--crate-name", "greeting", &text(&library)]);
            rustc(&["--extern", &format!("greeting={}", text(&out.join("libgreeting.rlib"))), &text(&program)]);
            let bytes = std::fs::read(out.join("main")).expect("a program");
            let folder = text(&root);
            bytes.windows(folder.len()).any(|window| window == folder.as_bytes())
        };
        assert!(compile(&[]), "{cargo_home:?}: without the flags, the folder is there");
        assert!(!compile(&flags(&home, &cargo_home)), "{cargo_home:?}");
    }
}
