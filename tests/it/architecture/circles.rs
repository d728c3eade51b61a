//! Circles of files: each of them needs all others, so none can be read, moved or understood alone.
//!
//! Counted is what a file names. A file may name what the modules that it is in define, for it is a part of them. Methods
//! are not seen: they come with the types that are named.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Named, Read, Source};

/// A file takes a name from another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tie {
    pub from: String,
    pub to: String,
    pub name: String,
}

/// Files that need each other in a ring, and what ties them.
#[derive(Debug)]
pub struct Circle {
    pub files: Vec<String>,
    pub ties: Vec<Tie>,
}

/// The circles of these sources, which are those of `src`. Tests are left out, and a name that a file only hands on
/// (`pub use`) is taken from the file that defines it.
pub fn circles(sources: &[Source]) -> Vec<Circle> {
    let house = House::new(sources);
    let ties = house.ties();
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for tie in &ties {
        next.entry(&tie.from).or_default().insert(&tie.to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> = next.keys().map(|&file| (file, reached(file, &next))).collect();
    let meets = |one: &str, other: &str| {
        let reaches = |from: &str, to: &str| reached.get(from).is_some_and(|files| files.contains(to));
        reaches(one, other) && reaches(other, one)
    };
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut found = Vec::new();
    for &file in next.keys() {
        if !meets(file, file) || seen.contains(file) {
            continue;
        }
        let files: Vec<&str> = next.keys().copied().filter(|other| meets(file, other)).collect();
        seen.extend(&files);
        let inside = |tie: &&Tie| files.contains(&tie.from.as_str()) && files.contains(&tie.to.as_str());
        found.push(Circle {
            ties: ties.iter().filter(inside).cloned().collect(),
            files: files.into_iter().map(str::to_owned).collect(),
        });
    }
    found
}

/// All files that can be reached from one.
fn reached<'a>(file: &'a str, next: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![file];
    while let Some(file) = open.pop() {
        open.extend(next.get(file).into_iter().flatten().copied().filter(|file| found.insert(*file)));
    }
    found
}

/// All files, by the modules that they are.
struct House {
    files: BTreeMap<Vec<String>, (String, Read)>,
}

impl House {
    fn new(sources: &[Source]) -> Self {
        let read: Vec<_> = sources.iter().map(|source| (source, source.read())).collect();
        let tests: Vec<_> = read.iter().flat_map(|(_, read)| read.test_modules.clone()).collect();
        let is_code = |module: &[String]| !tests.iter().any(|test| module.starts_with(test));
        let files = read.into_iter().map(|(source, read)| (source.module(), (source.path.clone(), read)));
        Self { files: files.filter(|(module, _)| !module.is_empty() && is_code(module)).collect() }
    }

    fn ties(&self) -> BTreeSet<Tie> {
        let mut found = BTreeSet::new();
        for (module, (path, read)) in &self.files {
            for named in read.paths.iter().filter(|named| !named.handed_on) {
                let Some((to, defined)) = self.defined(&absolute(named, module, read), 0) else { continue };
                if !module.starts_with(to) {
                    let to = self.files[to].0.clone();
                    found.insert(Tie { from: path.clone(), to, name: defined.to_owned() });
                }
            }
        }
        found
    }

    /// The module that defines what has this path, and the name that it has there. A path to a whole module is nothing yet:
    /// what is taken from it is named where it is used.
    fn defined(&self, path: &[String], steps: usize) -> Option<(&[String], String)> {
        let length = (1..=path.len()).rev().find(|length| self.files.contains_key(&path[..*length]))?;
        let (module, rest) = path.split_at(length);
        let (module, (_, read)) = self.files.get_key_value(module)?;
        let name = rest.first()?;
        match read.names.get(name) {
            // A `use` that leads to itself does not compile.
            Some(other) if steps < 8 => {
                let further = absolute(other, module, read).into_iter().chain(rest[1..].iter().cloned());
                self.defined(&further.collect::<Vec<_>>(), steps + 1)
            }
            _ => Some((module, name.clone())),
        }
    }
}

/// The path from the root: one that begins with a module that the file declares is below the file.
fn absolute(named: &Named, module: &[String], read: &Read) -> Vec<String> {
    let is_below = !named.ours && read.modules.iter().any(|(name, _)| *name == named.segments[0]);
    let above = if is_below { module } else { &[] };
    above.iter().chain(&named.segments).cloned().collect()
}

/// Circles that are left, by one of their files, and why. docs/architecture.md says more about each.
const LEFT: [(&str, &str); 0] = [];

/// A circle in words: its files, and who takes what from whom.
fn in_words(circle: &Circle) -> String {
    let tie = |tie: &Tie| format!("  {} takes {} from {}", tie.from, tie.name, tie.to);
    let ties: Vec<_> = circle.ties.iter().map(tie).collect();
    format!("a circle of {} files:\n{}", circle.files.len(), ties.join("\n"))
}

#[test]
fn files_of_the_source_form_no_further_circle() {
    let found = circles(&Source::all_in("src"));
    let is_in = |circle: &&Circle, file: &str| circle.files.iter().any(|other| other == file);
    let unknown = found.iter().filter(|circle| !LEFT.iter().any(|(file, _)| is_in(circle, file))).map(in_words);
    let gone = LEFT.iter().filter(|(file, _)| !found.iter().any(|circle| is_in(&circle, file)));
    let gone = gone.map(|(file, _)| format!("{file} is in no circle; take it from the list"));
    super::assert_none(&unknown.chain(gone).collect::<Vec<_>>());
}

/// The circles of files with these texts, each as its files.
fn of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    let sources: Vec<_> = files.iter().map(|(path, text)| Source::new(format!("src/{path}.rs"), *text)).collect();
    circles(&sources).into_iter().map(|circle| circle.files).collect()
}

#[test]
fn circle_is_found_however_a_name_is_taken() {
    for back in [
        "use super::one::Width;",
        "use crate::room::one::Width as Wide;",
        "use crate::room::{one::Width, three};",
        "use super::one; fn f() -> one::Width { one::width() }",
        "fn f(width: super::one::Width) {}",
        "macro_rules! m { () => { $crate::room::one::Width } }",
        "fn f() { words![\"a\", crate::room::one::WIDTH] }",
        "use super::Width;",
        "mod inner { use super::super::one::Width; }",
        "use super::one::*;",
    ] {
        let room = ("room/mod", "mod one; mod two; mod three; pub use one::Width;");
        let one = ("room/one", "use super::two::Height; pub struct Width;");
        let found = of(&[room, one, ("room/two", back), ("room/three", "")]);
        assert_eq!(found, [["src/room/one.rs", "src/room/two.rs"]], "{back}");
    }
}

#[test]
fn circle_of_three_is_one_circle_and_names_its_ties() {
    let sources = [
        Source::new("src/a.rs", "use crate::b::B;"),
        Source::new("src/b.rs", "use crate::c::{C, D};"),
        Source::new("src/c.rs", "fn f() { crate::a::go(); }"),
        Source::new("src/d.rs", "use crate::a::A;"),
    ];
    let found = circles(&sources);
    assert_eq!(found.len(), 1, "{found:?}");
    let words = in_words(&found[0]);
    assert!(words.contains("src/b.rs takes D from src/c.rs") && words.contains("src/c.rs takes go from src/a.rs"));
    assert!(!words.contains("src/d.rs"), "{words}");
}

#[test]
fn what_is_not_a_circle_is_not_found() {
    for (one, two) in [
        ("use super::two::Height;", ""),
        ("use super::two::Height;", "//! See [`super::one::Width`].\nconst A: &str = \"super::one::Width\";"),
        ("use super::two::Height;", "#[cfg(test)] mod tests { use super::super::one::Width; }"),
        ("pub use super::two::Height;", "use super::one::Height;"),
        ("use super::two::Height;", "use super::three::Width; fn one() {}"),
    ] {
        let room = ("room/mod", "mod one; mod two; mod three; fn f() { one::g(); two::g(); }");
        assert_eq!(of(&[room, ("room/one", one), ("room/two", two), ("room/three", "")]), [[""; 0]; 0], "{one} {two}");
    }
}

/// A folder is one thing with its file: its parts may name it.
#[test]
fn module_and_its_own_parts_are_no_circle() {
    let whole = ("room", "mod part; use part::Part; pub struct Whole(Part);");
    assert_eq!(of(&[whole, ("room/part", "use super::Whole; pub struct Part;")]), [[""; 0]; 0]);
    // A sibling of the whole is not a part of it.
    let other = ("other", "use crate::room::Whole; pub struct Other;");
    let part = ("room/part", "use crate::other::Other; pub struct Part;");
    assert_eq!(of(&[whole, ("room/part", "use crate::other::Other;"), ("other", "")]), [[""; 0]; 0]);
    assert_eq!(of(&[whole, part, other]), [["src/other.rs", "src/room.rs", "src/room/part.rs"]]);
}
