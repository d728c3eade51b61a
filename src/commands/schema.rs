//! `schema`: the schemas of everything that is written as JSON.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use super::auth::WrittenAuth;
use super::blob::WrittenBlob;
use super::config::WrittenConfig;
use super::envelope::Envelope;
use super::lab::{WrittenLab, WrittenServed};
use super::layers::WrittenLayers;
use super::manifest::WrittenManifest;
use super::platforms::WrittenPlatforms;
use super::referrers::WrittenReferrers;
use super::rules::WrittenRules;
use super::tags::WrittenTags;
use super::tls::WrittenHandshake;
use super::{CommandError, Output};
use crate::diagnosis::ExitStatus;
use crate::evidence::Redactor;
use crate::explanation::WrittenExplanation;
use crate::report::{Block, Document, ExchangeAlone, Form, Published, WrittenReport, plain};

/// The schema of what only the shell prints.
const SHELL: &str = "shell";
const SHELL_TITLE: &str =
    "Output of the commands that only the shell has, in JSON: one object a line, told apart by `schema`";

/// Every schema but that of the shell, in the order of their names.
const PUBLISHED: [Published; 16] = [
    Published::of::<WrittenAuth>(),
    Published::of::<Envelope<WrittenBlob>>(),
    Published::of::<Envelope<WrittenConfig>>(),
    Published::of::<ExchangeAlone<'_>>(),
    Published::of::<WrittenExplanation<'_>>(),
    Published::of::<WrittenLab<'_>>(),
    Published::of::<WrittenServed<'_>>(),
    Published::of::<Envelope<WrittenLayers>>(),
    Published::of::<Envelope<WrittenManifest>>(),
    Published::of::<Envelope<WrittenPlatforms>>(),
    Published::of::<Envelope<WrittenReferrers>>(),
    Published::of::<WrittenReport<'_>>(),
    Published::of::<WrittenRules>(),
    Published::of::<WrittenSchemas>(),
    Published::of::<Envelope<WrittenTags>>(),
    Published::of::<WrittenHandshake<'_>>(),
];

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArguments {
    /// The schema; without it, all are listed
    #[arg(value_name = "NAME", value_parser = names())]
    name: Option<String>,
}

/// The names, and those that the values themselves have.
fn names() -> PossibleValuesParser {
    let value = |one: Published| PossibleValue::new(one.name).alias(one.in_full()).help(one.title);
    PossibleValuesParser::new(published(no_forms).into_iter().map(value))
}

/// All schemas, in the order of their names. `shell` describes what only the shell prints.
fn published(shell: fn(&mut SchemaGenerator) -> Schema) -> Vec<Published> {
    let mut all: Vec<_> = PUBLISHED.into_iter().chain([Published::one_of(SHELL, SHELL_TITLE, shell)]).collect();
    all.sort_by_key(|one| one.name);
    all
}

fn no_forms(_: &mut SchemaGenerator) -> Schema {
    false.into()
}

impl SchemaArguments {
    pub(super) fn run(
        &self,
        shell: fn(&mut SchemaGenerator) -> Schema,
        output: &mut Output<'_>,
    ) -> Result<ExitStatus, CommandError> {
        let all = published(shell);
        match &self.name {
            Some(name) => {
                let named = |one: &&Published| one.name == *name || one.in_full() == *name;
                // The grammar takes no other names.
                for one in all.iter().filter(named) {
                    output.generated(format!("{:#}\n", one.schema()).as_bytes())?;
                }
            }
            None => output.fetched(&outline(&all), &WrittenSchemas::of(&all).to_json(), &mut Redactor::default())?,
        }
        Ok(ExitStatus::Success)
    }
}

fn outline(all: &[Published]) -> Document {
    let rows = all.iter().map(|one| (one.name.to_owned(), one.title.to_owned()));
    let words = format!("{} schemas; `ociscope schema NAME` prints one.", all.len());
    vec![Block::Glossary(rows.collect()), Block::Gap, Block::Remark(vec![plain(words)])]
}

/// The schemas that can be printed.
#[derive(Serialize, JsonSchema)]
struct WrittenSchemas {
    /// The schemas, in the order of their names.
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
    /// What prints the values that it describes.
    title: &'static str,
}

impl WrittenSchemas {
    fn of(all: &[Published]) -> Self {
        Self { schemas: all.iter().map(|one| WrittenName { name: one.name, title: one.title }).collect() }
    }
}
