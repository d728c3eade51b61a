//! `schema`: the JSON Schemas of all output.

use std::collections::BTreeMap;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{COMMANDS, CommandError, CommandSpec, Output};
use crate::diagnosis::ExitStatus;
use crate::evidence::Redactor;
use crate::report::{Block, Form, Layout, Published, form_in_full, plain, schema_of_one_of};

/// The schema of the commands that only the shell has.
const SHELL: &str = "shell";
const SHELL_TITLE: &str =
    "JSON output of the commands that only the shell has: one object a line, identified by `schema`";
const SHELL_ABOUT: &str = "One object a line, identified by `schema`. `show` prints an exchange, see exchange.schema.json. \
                           Exchanges have the numbers that `session` lists.";

/// The description of `schema`.
pub const SPEC: CommandSpec = CommandSpec {
    one_shot: &[("ociscope schema", "list the schemas"), ("ociscope schema report", "of `probe` and `diagnose`")],
    examples: &[("schema", "list the schemas"), ("schema report > report.schema.json", "of probe and diagnose")],
    forms: &[Published::of::<WrittenSchemas>()],
    ..CommandSpec::named("schema")
};

/// The arguments of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArguments {
    /// Schema; without it, all are listed
    #[arg(value_name = "NAME", value_parser = names())]
    name: Option<String>,
}

/// The names of schemas, and the names that values carry.
fn names() -> PossibleValuesParser {
    let value =
        |(name, title): (&'static str, &'static str)| PossibleValue::new(name).alias(form_in_full(name)).help(title);
    PossibleValuesParser::new(listed().into_iter().map(value))
}

/// The forms of all commands except those of the shell, by name.
fn published() -> BTreeMap<&'static str, Published> {
    COMMANDS.iter().flat_map(|command| command.forms).map(|form| (form.name, *form)).collect()
}

/// The names and titles of all schemas.
fn listed() -> BTreeMap<&'static str, &'static str> {
    published().into_values().map(|form| (form.name, form.title)).chain([(SHELL, SHELL_TITLE)]).collect()
}

/// The schema with a name, if there is one.
fn schema(name: &str, shell: &[&CommandSpec]) -> Option<Value> {
    let mut published = published();
    if name == SHELL || name == form_in_full(SHELL) {
        let own = shell.iter().flat_map(|command| command.forms).filter(|form| !published.contains_key(form.name));
        let own: Vec<Published> = own.copied().collect();
        return Some(schema_of_one_of(SHELL, SHELL_TITLE, SHELL_ABOUT, &own));
    }
    published.retain(|own, _| *own == name || form_in_full(own) == name);
    published.into_values().next().map(|form| form.schema())
}

impl SchemaArguments {
    pub(super) fn run(&self, shell: &[&CommandSpec], output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        match self.name.as_deref().and_then(|name| schema(name, shell)) {
            Some(schema) => output.generated(format!("{schema:#}\n").as_bytes())?,
            // The grammar accepts no other names.
            None => output.fetched(&outline(), &WrittenSchemas::new().to_json(), &mut Redactor::default())?,
        }
        Ok(ExitStatus::Success)
    }
}

fn outline() -> Layout {
    let all = listed();
    let words = format!("{} schemas; `ociscope schema NAME` prints one.", all.len());
    let rows = all.into_iter().map(|(name, title)| (name.to_owned(), title.to_owned()));
    vec![Block::Glossary(rows.collect()), Block::Gap, Block::Remark(vec![plain(words)])]
}

/// All schemas.
#[derive(Serialize, JsonSchema)]
struct WrittenSchemas {
    /// The schemas, by name.
    schemas: Vec<WrittenName>,
}

impl Form for WrittenSchemas {
    const NAME: &'static str = "schemas";
    const TITLE: &'static str = "Output of `ociscope schema --json`";
}

/// One schema.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenName {
    /// Its name, as `ociscope schema` takes it.
    name: &'static str,
    /// The output that it describes.
    title: &'static str,
}

impl WrittenSchemas {
    fn new() -> Self {
        Self { schemas: listed().into_iter().map(|(name, title)| WrittenName { name, title }).collect() }
    }
}
