//! What CONTRIBUTING.md names is there: its paths, its scripts, and the targets and modules of its commands.

use std::path::{Path, PathBuf};

const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/CONTRIBUTING.md"));

/// The commands of the blocks of code.
fn commands(text: &str) -> Vec<&str> {
    let blocks = text.split("```").skip(1).step_by(2);
    blocks.flat_map(|block| block.lines().skip(1)).filter(|line| !line.is_empty()).collect()
}

/// The words in code outside of blocks, and the targets of links.
fn named(text: &str) -> Vec<&str> {
    let prose = || text.split("```").step_by(2);
    let code = prose().flat_map(|text| text.split('`').skip(1).step_by(2));
    let links = prose().flat_map(|text| text.split("](").skip(1)).filter_map(|rest| rest.split(')').next());
    code.chain(links).collect()
}

/// Whether a word is meant as a path: it has a slash, or the ending of a file, and no space.
fn is_path(word: &str) -> bool {
    !word.contains(' ') && (word.contains('/') || [".md", ".rs", ".toml"].iter().any(|ending| word.ends_with(ending)))
}

/// Whether a module is in the source of a target: `a::b` is `a/b.rs`, `a/b/mod.rs`, or the folder of either.
fn is_module(root: &Path, path: &str) -> bool {
    let file = root.join(path.trim_end_matches("::").replace("::", "/"));
    file.with_extension("rs").exists() || file.join("mod.rs").exists()
}

/// What is wrong with a command, if anything.
fn fault(root: &Path, command: &str) -> Option<String> {
    let words: Vec<_> = command.split_whitespace().skip_while(|word| word.contains('=')).collect();
    let known = match words.as_slice() {
        ["cargo", "fmt" | "clippy", ..] => true,
        ["cargo", "bench", "--locked", "--bench", name, options @ ..] => {
            let source = std::fs::read_to_string(root.join(format!("tests/benches/{name}.rs")));
            source.is_ok_and(|source| {
                options.iter().filter(|word| **word != "--").all(|word| source.contains(&format!("has(\"{word}\")")))
            })
        }
        ["cargo", "xtask", name] => {
            let tests = std::fs::read_to_string(root.join("tests/it/main.rs")).expect("the tests");
            tests.contains(&format!("\nfn {name}() {{"))
        }
        ["cargo", "test", "--locked", "--lib"] => true,
        ["cargo", "test", "--locked", "--lib", "--", modules @ ..] => {
            modules.iter().all(|module| is_module(&root.join("src"), module))
        }
        ["cargo", "test", "--locked", "--test", "it", "--", modules @ ..] => {
            modules.iter().all(|module| is_module(&root.join("tests/it"), module))
        }
        ["tests/run", "--with", group] => {
            let script = std::fs::read_to_string(root.join("tests/run")).expect("the script");
            script.lines().any(|line| line.trim_start().starts_with(&format!("{group}) ")))
        }
        [script] => root.join(script).is_file(),
        _ => false,
    };
    (!known).then(|| command.to_owned())
}

#[test]
fn paths_and_commands_that_are_named_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let paths: Vec<_> = named(TEXT).into_iter().filter(|word| is_path(word)).collect();
    assert!(paths.len() > 20, "{paths:?}");
    assert_eq!(paths.into_iter().filter(|path| !root.join(path).exists()).collect::<Vec<_>>(), [""; 0]);
    let commands = commands(TEXT);
    assert!(commands.len() > 8, "{commands:?}");
    assert_eq!(commands.into_iter().filter_map(|command| fault(root, command)).collect::<Vec<_>>(), [""; 0]);
    assert!(TEXT.lines().count() < 120);
}

#[test]
fn what_is_not_there_is_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for command in [
        "tests/gone",
        "tests/run --with rockets",
        "cargo test --locked --test it -- lab::gone",
        "cargo test --locked --lib -- cellar",
        "cargo bench --locked --bench gone",
        "cargo bench --locked --bench probe -- --gone",
        "cargo build",
        "cargo xtask gone",
        "NAME=1 cargo test --locked --test other -- readme",
    ] {
        assert_eq!(fault(root, command).as_deref(), Some(command));
    }
    for word in ["src/gone.rs", "tests/gone", "gone.md"] {
        assert!(is_path(word) && !root.join(word).exists(), "{word}");
    }
    assert_eq!(named("see `src/a.rs` and [b](docs/b.md)\n```sh\nc `d`\n```\n"), ["src/a.rs", "docs/b.md"]);
}

/// All files of source below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    let below = |path: PathBuf| if path.is_dir() { sources(&path) } else { vec![path] };
    entries.flat_map(below).filter(|path| path.extension().is_some_and(|ending| ending == "rs")).collect()
}

/// The recipe for a rule: one file other than its own knows it, the `mod.rs` of its folder.
#[test]
fn rule_is_listed_by_the_module_of_its_family_alone() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnosis/rules");
    let read = |path: &Path| std::fs::read_to_string(path).expect("a file");
    // The engine knows the one rule that casts doubt on what others found.
    let is_exempt = |path: &Path, name: &str| name == "servers_disagree" && path.ends_with("diagnosis/engine.rs");
    let all: Vec<_> = sources(&rules.join("../..")).into_iter().map(|path| (read(&path), path)).collect();
    let mut looked_at = 0;
    for file in sources(&rules) {
        if !read(&file).contains("rule! {") {
            continue;
        }
        looked_at += 1;
        let name = file.file_stem().and_then(|name| name.to_str()).expect("a name");
        let family = file.strip_prefix(&rules).expect("below it").iter().next().expect("a family");
        let family = std::fs::canonicalize(rules.join(family).join("mod.rs")).expect("the module of a family");
        let entry = format!("{name}::RULE");
        let names_it = |text: &str| {
            text.match_indices(&entry)
                .any(|(at, _)| !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_'))
        };
        let places = all.iter().filter(|(text, path)| names_it(text) && !is_exempt(path, name));
        let places: Vec<_> = places.map(|(_, path)| std::fs::canonicalize(path).expect("a file")).collect();
        assert_eq!(places, [family], "{name}");
    }
    assert!(looked_at > 140, "{looked_at}");
}
