//! `session`: the exchanges of this session.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::{CommandError, CommandSpec, Group, Output, Overview};
use crate::diagnosis::ExitStatus;
use crate::evidence::{ExchangeId, Method, Purpose, Redactor, Variant, variant};
use crate::report::{Block, Cell, Column, Form, Label, Published, Span, Table, short_address};
use crate::session::{MOST_KEPT, Remembered};
use crate::shell::error::ShellError;
use crate::shell::state::State;

/// The default number of exchanges.
const SHOWN: usize = 20;

/// The description of `session`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Exchanges,
        at: (0, 0),
        usage: "session",
        about: "every exchange; one as a curl command",
    }),
    examples: &[("session", "the last exchanges"), ("session 100", "more of them")],
    forms: &[Published::of::<WrittenSession<'_>>()],
    ..CommandSpec::named("session")
};

/// The arguments of `session`.
#[derive(Debug, Args)]
pub(in crate::shell) struct SessionArguments {
    /// Number of exchanges, the latest ones [default: 20]
    #[arg(value_name = "COUNT")]
    count: Option<usize>,
}

impl SessionArguments {
    pub fn run(&self, state: &State, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
        let all = state.memory.exchanges();
        let skipped = all.len().saturating_sub(self.count.unwrap_or(SHOWN));
        let mut redactor = Redactor::default();
        let rows: Vec<_> = all[skipped..].iter().map(|one| Listed::of(one)).collect();
        let json = WrittenSession { exchanges: rows.iter().map(Listed::written).collect() }.to_json();
        let words = match (all.len(), skipped) {
            (0, _) => "No exchanges yet; `probe REF` sends requests.".to_owned(),
            (_, 0) => "`show N` shows one in full, `headers N M` compares headers, `curl N` repeats one.".to_owned(),
            (count, skipped) => format!(
                "{skipped} earlier ones are not listed; `session {count}` lists all (at most {MOST_KEPT} are kept)."
            ),
        };
        let mut document = Vec::new();
        document.extend((!rows.is_empty()).then(|| Block::Table(table(&rows))));
        document.push(Block::Text(vec![Span::new(words, Label::Quiet)]));
        output.fetched(&document, &json, &mut redactor).map_err(CommandError::from)?;
        Ok(ExitStatus::Success)
    }
}

/// An exchange as a row.
struct Listed {
    number: ExchangeId,
    method: &'static str,
    url: String,
    short: String,
    purpose: &'static str,
    /// The Accept variant in words, except for that of current clients.
    variant: Option<&'static str>,
    aside: bool,
    outcome: String,
    is_good: bool,
    status: Option<u16>,
    size: Option<u64>,
    milliseconds: u128,
}

impl Listed {
    fn of(one: &Remembered) -> Self {
        let exchange = &one.exchange;
        let mut redactor = one.redactor();
        let url = redactor.url(&exchange.request.url);
        let failure = exchange.failure.as_ref().map(|failure| failure.kind.as_str());
        let outcome = match (exchange.status(), failure) {
            (Some(status), None) => status.to_string(),
            (Some(status), Some(failure)) => format!("{status} {failure}"),
            (None, Some(failure)) => failure.to_owned(),
            (None, None) => "–".to_owned(),
        };
        Self {
            number: one.id,
            method: exchange.request.method.as_str(),
            short: short_address(&url),
            url,
            purpose: exchange.request.purpose.as_str(),
            variant: variant_words(exchange.request.purpose),
            aside: one.aside,
            outcome,
            is_good: failure.is_none() && exchange.status().is_some_and(|status| status < 400),
            status: exchange.status(),
            size: exchange.response.as_ref().map(|response| response.body.size),
            milliseconds: exchange.duration.as_millis(),
        }
    }

    fn written(&self) -> WrittenExchange<'_> {
        WrittenExchange {
            id: self.number,
            purpose: self.purpose,
            method: self.method,
            url: &self.url,
            status: self.status,
            outcome: &self.outcome,
            size: self.size,
            duration_ms: self.milliseconds,
            aside: self.aside,
        }
    }
}

/// The exchanges of a session.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenSession<'a> {
    /// The exchanges, by number.
    exchanges: Vec<WrittenExchange<'a>>,
}

impl Form for WrittenSession<'_> {
    const NAME: &'static str = "session";
    const TITLE: &'static str = "session";
}

/// An exchange in short.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenExchange<'a> {
    /// The number.
    id: ExchangeId,
    /// Why it was sent, as in a report.
    purpose: &'static str,
    /// The method.
    #[schemars(with = "Method")]
    method: &'static str,
    /// The address, without secrets.
    url: &'a str,
    /// The status of the answer; null if there was none.
    #[schemars(range(min = 100, max = 999))]
    status: Option<u16>,
    /// The status, or the kind of failure.
    outcome: &'a str,
    /// The size of the body in bytes.
    size: Option<u64>,
    /// The time to the last byte, in milliseconds.
    duration_ms: u128,
    /// Whether it was sent for completion only.
    aside: bool,
}

fn variant_words(purpose: Purpose) -> Option<&'static str> {
    let Purpose::Manifest(id) = purpose else { return None };
    if id == variant::ASKED {
        return Some("as you asked");
    }
    Variant::twelve().iter().find(|variant| variant.id() == id && id != variant::ALL).map(Variant::words)
}

fn table(rows: &[Listed]) -> Table {
    let columns = vec![
        Column::numbers("#"),
        Column::flexible("Request"),
        Column::text("Asked for"),
        Column::text("Status"),
        Column::numbers("Bytes"),
        Column::numbers("ms"),
    ];
    let row = |one: &Listed| {
        let purpose = if one.aside { "completion" } else { one.variant.unwrap_or(one.purpose) };
        vec![
            Cell::new(one.number.to_string(), Label::Quiet),
            Cell::new(format!("{} {}", one.method, one.short), Label::Plain),
            Cell::new(purpose, if one.aside { Label::Quiet } else { Label::Plain }),
            Cell::new(one.outcome.clone(), if one.is_good { Label::Good } else { Label::Bad }),
            Cell::new(one.size.map_or_else(|| "–".to_owned(), |size| size.to_string()), Label::Plain),
            Cell::new(one.milliseconds.to_string(), Label::Quiet),
        ]
    };
    Table { columns, rows: rows.iter().map(row).collect() }
}
