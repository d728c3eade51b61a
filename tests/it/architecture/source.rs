//! Reading Rust source as far as it takes to see which paths it names.

use std::collections::HashMap;
use std::path::Path;

use super::tokens::{Token, is_word_character, tokens, without_tests};

/// A file of source.
#[derive(Clone)]
pub struct Source {
    /// Its path in the repository, with `/`.
    pub path: String,
    pub text: String,
}

impl Source {
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// All Rust files in this folder of the repository.
    pub fn all_in(folder: &str) -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        let mut folders = vec![root.join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let parts = path.strip_prefix(root).expect("a path below the root").iter();
                    let name = parts.map(|part| part.to_str().expect("a name in UTF-8")).collect::<Vec<_>>().join("/");
                    found.push(Self::new(name, std::fs::read_to_string(&path).expect("text in UTF-8")));
                }
            }
        }
        found.sort_by(|one, other| one.path.cmp(&other.path));
        found
    }

    /// The module that the file is: `src/auth/realm.rs` is `auth::realm`, the root has no name.
    pub fn module(&self) -> Vec<String> {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let path = path.strip_suffix("/mod").unwrap_or(path);
        if matches!(path, "lib" | "main") { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
    }

    /// What the file names, and which files it declares to be tests.
    pub fn read(&self) -> Read {
        let (tokens, test_modules) = without_tests(tokens(&self.text));
        let own = self.module();
        let below = |name: String| own.iter().cloned().chain([name]).collect();
        let mut read = Read { test_modules: test_modules.into_iter().map(below).collect(), ..Read::default() };
        read.find_paths(&tokens, &own);
        read.macros = (tokens.iter().zip(&tokens[1.min(tokens.len())..]))
            .filter(|(name, bang)| name.is_word() && bang.text == "!")
            .map(|(name, _)| (name.text.clone(), name.line))
            .collect();
        read.modules = (0..tokens.len())
            .filter(|&at| tokens[at].text == "mod" && tokens.get(at + 2).is_some_and(|end| end.text == ";"))
            .map(|at| (tokens[at + 1].text.clone(), tokens[at].line))
            .collect();
        read
    }
}

/// What a file names outside of its tests.
#[derive(Default)]
pub struct Read {
    /// Every path, with the names that `use` made replaced by what they stand for.
    pub paths: Vec<Named>,
    /// Every macro that is called, and the line.
    pub macros: Vec<(String, usize)>,
    /// Every module that is declared to be in another file, and the line.
    pub modules: Vec<(String, usize)>,
    /// Those of them that are there for tests only, as paths from the root.
    pub test_modules: Vec<Vec<String>>,
    /// The names that each `use` at the top of the file makes, and what they mean.
    pub names: HashMap<String, Named>,
}

/// A path in the source.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// From the root of this crate, or beginning with the name of another one.
    pub segments: Vec<String>,
    /// Whether it is a path of this crate.
    pub ours: bool,
    /// How many of the segments stand in a `use` elsewhere in the file, and only their last one here.
    pub by_use: usize,
    /// Whether it is in a `pub use`, which gives the name to others and uses it for nothing here.
    pub handed_on: bool,
    pub line: usize,
}

impl Read {
    fn find_paths(&mut self, tokens: &[Token], own: &[String]) {
        let mut aliases = HashMap::new();
        let mut module = own.to_vec();
        // The depths at which modules inside this file end.
        let mut ends = Vec::new();
        let mut depth = 0;
        let mut found = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            match tokens[at].text.as_str() {
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    if ends.last() == Some(&depth) {
                        ends.pop();
                        module.pop();
                    }
                }
                "mod" if tokens.get(at + 2).is_some_and(|brace| brace.text == "{") => {
                    ends.push(depth);
                    module.push(tokens[at + 1].text.clone());
                    // The brace itself is counted next.
                    at += 2;
                    continue;
                }
                _ if starts_path(tokens, at) => {
                    let before = tokens[..at].iter().rposition(|token| token.text != "::");
                    let is_use = before.is_some_and(|before| tokens[before].text == "use");
                    let handed_on = is_use && before.is_some_and(|before| is_public(&tokens[..before]));
                    let mut leaves = Vec::new();
                    at = tree(tokens, at, &[], &mut leaves);
                    for Leaf { segments, alias, line } in leaves {
                        let named = Named { handed_on, ..resolve(segments, &module, line) };
                        if is_use {
                            let last = named.segments.last().cloned();
                            let name = alias.or(last).map(|name| (name, named.clone()));
                            if depth == 0 {
                                self.names.extend(name.clone());
                            }
                            aliases.extend(name);
                        }
                        found.push((named, is_use));
                    }
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        self.paths =
            found.into_iter().map(|(named, is_use)| if is_use { named } else { named.through(&aliases) }).collect();
    }
}

impl Named {
    fn through(self, aliases: &HashMap<String, Named>) -> Self {
        let known = self.segments.first().and_then(|first| aliases.get(first)).filter(|_| !self.ours);
        let Some(stands_for) = known else { return self };
        let rest = self.segments.into_iter().skip(1);
        Self {
            segments: stands_for.segments.iter().cloned().chain(rest).collect(),
            ours: stands_for.ours,
            by_use: stands_for.segments.len(),
            handed_on: false,
            line: self.line,
        }
    }
}

/// Makes a path absolute where it is one of this crate.
fn resolve(segments: Vec<String>, module: &[String], line: usize) -> Named {
    let itself = usize::from(segments[0] == "self");
    let ups = segments[itself..].iter().take_while(|segment| *segment == "super").count();
    let (base, skip) = match segments[0].as_str() {
        "crate" | "ociscope" => (&[][..], 1),
        "self" | "super" => (&module[..module.len().saturating_sub(ups)], itself + ups),
        _ => return Named { segments, ours: false, by_use: 0, handed_on: false, line },
    };
    let segments = base.iter().cloned().chain(segments.into_iter().skip(skip)).collect();
    Named { segments, ours: true, by_use: 0, handed_on: false, line }
}

/// Whether what these tokens end before is `pub`, or `pub` in parentheses.
fn is_public(before: &[Token]) -> bool {
    let is = |at: usize, text: &str| at.checked_sub(1).is_some_and(|at| before[at].text == text);
    let end = before.len();
    if is(end, ")") {
        return before.iter().rposition(|token| token.text == "(").is_some_and(|open| is(open, "pub"));
    }
    is(end, "pub")
}

/// A path with its groups taken apart.
struct Leaf {
    segments: Vec<String>,
    alias: Option<String>,
    line: usize,
}

/// Whether a path begins here: neither further on in a path, nor a field.
fn starts_path(tokens: &[Token], at: usize) -> bool {
    let before = |steps: usize| at.checked_sub(steps).map(|at| tokens[at].text.as_str());
    let word = tokens[at].is_word() && !KEYWORDS.contains(&tokens[at].text.as_str());
    match before(1) {
        Some(".") => false,
        // `use ::std::fs` begins here too; `Vec::<u8>::new` does not.
        Some("::") => {
            let ends_here =
                |text: &str| KEYWORDS.contains(&text) || !(text == ">" || text.starts_with(is_word_character));
            word && before(2).is_none_or(ends_here)
        }
        _ => word,
    }
}

/// Words that a path can follow and that are none themselves.
const KEYWORDS: [&str; 22] = [
    "use", "pub", "in", "mod", "let", "mut", "ref", "fn", "impl", "dyn", "for", "where", "as", "if", "else", "match",
    "while", "return", "move", "const", "static", "break",
];

/// Reads a path and the groups in it, and returns where it ends.
fn tree(tokens: &[Token], mut at: usize, prefix: &[String], leaves: &mut Vec<Leaf>) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut segments = prefix.to_vec();
    let line = tokens[at].line;
    loop {
        match text(at) {
            "{" => {
                at += 1;
                while !matches!(text(at), "}" | "") {
                    at = if text(at) == "," { at + 1 } else { tree(tokens, at, &segments, leaves) };
                }
                return at + 1;
            }
            // `a::{self}` is `a`.
            "self" if !segments.is_empty() => {}
            segment => segments.push(segment.to_owned()),
        }
        at += 1;
        let goes_on =
            text(at) == "::" && (text(at + 1).starts_with(is_word_character) || ["{", "*"].contains(&text(at + 1)));
        if !goes_on {
            break;
        }
        at += 1;
    }
    let alias = (text(at) == "as").then(|| text(at + 1).to_owned());
    leaves.push(Leaf { segments, alias, line });
    // Outside of groups, what follows may be a type that a value is turned into: that is a path of its own.
    if prefix.is_empty() || text(at) != "as" { at } else { at + 2 }
}
