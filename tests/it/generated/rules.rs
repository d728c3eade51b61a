//! `docs/rules`: a page for each rule, as its file has it, and the list of them.

use std::fmt::Write as _;

use ociscope::internals::{Rule, catalogue};

/// Where the pages are.
pub const FOLDER: &str = "docs/rules";

/// All pages, by their names.
pub fn pages() -> Vec<(String, String)> {
    let pages = catalogue().iter().map(|rule| (format!("{FOLDER}/{}.md", rule.name), page(rule)));
    pages.chain([(format!("{FOLDER}/README.md"), index())]).collect()
}

/// The page of a rule.
fn page(rule: &Rule) -> String {
    let family = rule.family.as_str();
    let mut text = format!("# {}\n\nFamily: [{family}](README.md#{family})\n\n", rule.name);
    for line in rule.documentation.lines() {
        text.push_str(line.strip_prefix(' ').unwrap_or(line));
        text.push('\n');
    }
    let heading = |text: &str, name: &str| text.replace(&format!("## {name}\n"), &format!("## {name}\n\n"));
    ["What it means", "How it is recognised", "What to do", "References"]
        .into_iter()
        .fold(text, |text, name| heading(&text, name))
}

/// The list of all pages, by family.
fn index() -> String {
    let mut text = "# Rules\n\nWhat `probe` and `diagnose` can find, in the order in which causes are looked for. \
        `ociscope explain NAME` shows the same. Generated from the files of the rules: change those, and run \
        `cargo xtask generate`.\n"
        .to_owned();
    let mut family = None;
    for rule in catalogue() {
        if family.replace(rule.family) != Some(rule.family) {
            let _ = write!(text, "\n## {}\n\n", rule.family.as_str());
        }
        let _ = writeln!(text, "- [{0}]({0}.md): {1}", rule.name, rule.summary());
    }
    text
}
