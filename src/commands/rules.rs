//! `rules`: all rules, in short.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::{CommandError, CommandSpec, Group, Output, Overview};
use crate::diagnosis::{ExitStatus, Rule, catalogue};
use crate::report::{Block, Form, Layout, Published, plain};

/// The description of `rules`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Cause, at: (3, 1), usage: "rules", about: "" }),
    one_shot: &[("ociscope rules", ""), ("ociscope rules digest", "those with a word")],
    examples: &[("rules", "all rules"), ("rules digest", "those with a word")],
    forms: &[Published::of::<WrittenRules>()],
    ..CommandSpec::named("rules")
};

/// The arguments of `rules`.
#[derive(Debug, Args)]
pub struct RulesArguments {
    /// Only rules with these words in their name, family or summary
    #[arg(value_name = "WORD")]
    words: Vec<String>,
}

impl RulesArguments {
    pub(super) fn run(&self, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let chosen: Vec<_> = catalogue().iter().filter(|rule| self.are_in(rule)).collect();
        output.document(&outline(&chosen), &WrittenRules::of(&chosen).to_json())?;
        Ok(ExitStatus::Success)
    }

    fn are_in(&self, rule: &Rule) -> bool {
        let text = format!("{} {} {}", rule.name, rule.family.as_str(), rule.summary()).to_lowercase();
        self.words.iter().all(|word| text.contains(&word.to_lowercase()))
    }
}

fn outline(chosen: &[&Rule]) -> Layout {
    let mut document = Layout::new();
    for family in chosen.chunk_by(|one, next| one.family == next.family) {
        document.extend(family.first().map(|first| Block::Heading(first.family.as_str().to_owned())));
        let names = family.iter().map(|rule| (rule.name.to_owned(), rule.summary().trim_end_matches('.').to_owned()));
        document.extend([Block::Glossary(names.collect()), Block::Gap]);
    }
    let words = match chosen.len() {
        0 => "No rule matches; `ociscope rules` lists all.".to_owned(),
        1 => "1 rule; `ociscope explain NAME` explains it.".to_owned(),
        count => {
            format!("{count} rules, in the order in which they are checked; `ociscope explain NAME` explains one.")
        }
    };
    document.push(Block::Remark(vec![plain(words)]));
    document
}

/// Rules.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenRules {
    /// The rules, in the order in which they are checked.
    rules: Vec<WrittenRule>,
}

impl Form for WrittenRules {
    const NAME: &'static str = "rules";
    const TITLE: &'static str = "Output of `ociscope rules --json`";
}

/// One rule.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenRule {
    /// Its name, which never changes and is never reused.
    name: &'static str,
    /// The kind of cause.
    family: &'static str,
    /// What it finds, in one sentence.
    summary: String,
    /// The path of its documentation in the source of ociscope.
    page: String,
}

impl WrittenRules {
    fn of(rules: &[&Rule]) -> Self {
        let one = |rule: &&Rule| WrittenRule {
            name: rule.name,
            family: rule.family.as_str(),
            summary: rule.summary().to_owned(),
            page: format!("docs/rules/{}.md", rule.name),
        };
        Self { rules: rules.iter().map(one).collect() }
    }
}
