//! `catalog`: the repositories of a registry, if it lists them.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::envelope::{AskedOfRegistry, Came, Envelope, Fetched, Problem};
use super::fetched::{NotFetched, failed_as, head};
use super::listing::{NamesOf, Selection, ShownNames, unlisted};
use super::tls::server;
use super::{CommandError, CommandSpec, Output};
use crate::diagnosis::ExitStatus;
use crate::evidence::{ExchangeId, ListOf};
use crate::oci::Reference;
use crate::report::{Block, Form, Label, Layout, Published, Span};
use crate::session::{Conversation, Session};

/// The description of `catalog`.
pub const SPEC: CommandSpec = CommandSpec {
    asks_a_registry: true,
    one_shot: &[
        ("ociscope catalog r.example.com:5000", ""),
        ("ociscope catalog --filter team/ r.example.com:5000", "names that contain a text"),
    ],
    examples: &[
        ("catalog", "of the current registry"),
        ("catalog gcr.io --limit 20", "the first repositories of another one"),
    ],
    forms: &[Published::of::<Envelope<WrittenCatalog, AskedOfRegistry>>()],
    ..CommandSpec::named("catalog")
};

/// The arguments of `catalog`.
#[derive(Debug, Args)]
pub struct CatalogArguments {
    /// Registry, or an image on it
    #[arg(value_name = "REGISTRY")]
    server: String,

    #[command(flatten)]
    selection: Selection,
}

impl CatalogArguments {
    /// The registry, as the reference of something on it.
    pub(super) fn reference(&self) -> Option<Reference> {
        server(&self.server).ok()
    }

    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let reference = server(&self.server)?;
        let mut conversation = session.converse(&reference).await?.about_no_repository();
        let list = NamesOf {
            list: ListOf::Repositories,
            field: "repositories",
            nouns: ("repository", "repositories"),
            is_name: Reference::is_repository,
            selection: &self.selection,
            raw: false,
        };
        match list.follow(&mut conversation, output).await? {
            Ok(names) => names.show(titled(&conversation), &conversation, output, |shown, last| {
                Envelope {
                    asked: AskedOfRegistry::of(&conversation, last),
                    came: Came::Fetched(WrittenCatalog::of(shown)),
                }
                .to_json()
            }),
            Err(Some(answer)) => {
                let refusal = refused(&conversation, answer);
                failed_as(&conversation, refusal, titled(&conversation), output, |_, problem| {
                    let came = Came::<WrittenCatalog>::Nothing(Problem { problem });
                    Envelope { asked: AskedOfRegistry::of(&conversation, answer), came }.to_json()
                })
            }
            Err(None) => Ok(ExitStatus::Interrupted),
        }
    }
}

fn titled(conversation: &Conversation<'_>) -> Layout {
    let mut document = head(conversation);
    let registry = conversation.reference().registry().to_string();
    document.push(Block::Title(vec![Span::new(registry, Label::Strong)]));
    document
}

/// Why there is no catalog. Rules are about repositories and do not apply.
fn refused(conversation: &Conversation<'_>, answer: ExchangeId) -> NotFetched {
    let refusal = unlisted(conversation, answer, "repositories");
    let exchange = conversation.journal().get(answer);
    let (exit, words) = match exchange.status().filter(|_| exchange.failure.is_none()) {
        Some(401) => (
            ExitStatus::Unauthenticated,
            "the registry requires authentication for its catalog; most public registries do not list theirs at all",
        ),
        Some(403) => (refusal.exit, "the registry does not list its repositories for this client"),
        Some(404 | 405 | 410 | 501) => (refusal.exit, "the registry has no catalog, like most public registries"),
        _ => return NotFetched { findings: Vec::new(), ..refusal },
    };
    NotFetched { at: answer, exit, findings: Vec::new(), problem: Some(words.to_owned()) }
}

/// The repositories of a registry.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenCatalog {
    /// The repositories in the order of the registry, or, with --sort, by name.
    repositories: Vec<String>,
    /// Whether these are all that the registry lists for this client, or with --filter all that match, as far as can be
    /// determined.
    complete: bool,
    /// Why the list is not complete, in a sentence; null if it is.
    why_incomplete: Option<String>,
    /// The number of skipped entries that are not valid repository names.
    left_out: usize,
}

impl WrittenCatalog {
    fn of(shown: ShownNames) -> Self {
        Self {
            repositories: shown.names,
            complete: shown.why_incomplete.is_none(),
            why_incomplete: shown.why_incomplete,
            left_out: shown.left_out,
        }
    }
}

impl Fetched for WrittenCatalog {
    const NAME: &'static str = "catalog";
    const TITLE: &'static str = "Output of `ociscope catalog REGISTRY --json`";
}
