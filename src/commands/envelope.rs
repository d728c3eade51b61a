//! The JSON of commands that ask a registry for one thing: what was asked, and either what came or why it did not.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::diagnosis::Finding;
use crate::evidence::{Exchange, ExchangeId, Method, Redactor};
use crate::report::{Form, WrittenChain, WrittenFinding, WrittenReference, shown_chain};
use crate::session::Conversation;

/// What such a command fetches: the fields of its own in its JSON.
pub(super) trait Fetched: Serialize + JsonSchema {
    /// The name of the form.
    const NAME: &'static str;
    /// The title of its schema.
    const TITLE: &'static str;
}

/// What was asked, and of whom.
#[derive(Serialize, JsonSchema)]
pub(super) struct Asked {
    /// The lab scenario that answered instead of the network; null for real answers.
    simulation: Option<String>,
    /// What was asked about.
    reference: WrittenReference<'static>,
    /// The request whose answer this is.
    request: WrittenRequest,
    /// Every request that was sent, in their order: what findings cite by number.
    #[schemars(length(min = 1))]
    exchanges: Vec<Sent>,
    /// What the rules say of a refusal, most important first; empty where what was asked for came.
    #[schemars(with = "Vec<WrittenFinding<'static>>")]
    findings: Vec<Value>,
}

/// A request, and the status of its answer.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenRequest {
    /// The method.
    #[schemars(with = "Method")]
    method: &'static str,
    /// The address, without secrets.
    url: String,
    /// The status of the answer; null where none came.
    #[schemars(range(min = 100, max = 999))]
    status: Option<u16>,
}

/// One of the requests.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Sent {
    /// Its number.
    id: ExchangeId,
    #[serde(flatten)]
    request: WrittenRequest,
    /// The certificates that were presented in the TLS handshake; only where it failed, or a certificate was accepted with a
    /// remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "WrittenChain<'static>")]
    presented: Option<Value>,
}

impl WrittenRequest {
    fn of(exchange: &Exchange, redactor: &mut Redactor) -> Self {
        Self {
            method: exchange.request.method.as_str(),
            url: redactor.url(&exchange.request.url),
            status: exchange.status(),
        }
    }
}

impl Sent {
    fn all(conversation: &Conversation<'_>, redactor: &mut Redactor) -> Vec<Self> {
        let sent = conversation.journal().iter().map(|(id, exchange)| {
            let request = WrittenRequest::of(exchange, redactor);
            let presented = shown_chain(exchange, redactor);
            Self { id, request, presented: presented.map(|chain| json!(WrittenChain::of(&chain))) }
        });
        sent.collect()
    }
}

impl Asked {
    /// What was asked in a conversation, down to an answer.
    pub(super) fn of(conversation: &Conversation<'_>, answer: ExchangeId, findings: &[Finding]) -> Self {
        let reference = conversation.reference();
        let mut redactor = conversation.redactor();
        let exchanges = Sent::all(conversation, &mut redactor);
        Self {
            simulation: conversation.simulation().map(str::to_owned),
            reference: WrittenReference {
                input: redactor.text(reference.input()).into(),
                registry: reference.registry().to_string().into(),
                repository: reference.repository().to_owned().into(),
                tag: reference.tag().map(|tag| tag.to_owned().into()),
                digest: reference.digest().map(|digest| digest.to_string().into()),
            },
            request: WrittenRequest::of(conversation.journal().get(answer), &mut redactor),
            exchanges,
            findings: findings.iter().map(|finding| json!(WrittenFinding::of(finding))).collect(),
        }
    }
}

/// What was asked of a registry itself.
#[derive(Serialize, JsonSchema)]
pub(super) struct AskedOfRegistry {
    /// The lab scenario that answered instead of the network; null for real answers.
    simulation: Option<String>,
    /// The registry's host, with its port where one was given.
    registry: String,
    /// The request whose answer this is.
    request: WrittenRequest,
    /// Every request that was sent, in their order.
    #[schemars(length(min = 1))]
    exchanges: Vec<Sent>,
}

impl AskedOfRegistry {
    /// What was asked in a conversation, down to an answer.
    pub(super) fn of(conversation: &Conversation<'_>, answer: ExchangeId) -> Self {
        let mut redactor = conversation.redactor();
        Self {
            simulation: conversation.simulation().map(str::to_owned),
            registry: conversation.reference().registry().to_string(),
            exchanges: Sent::all(conversation, &mut redactor),
            request: WrittenRequest::of(conversation.journal().get(answer), &mut redactor),
        }
    }
}

/// What was asked, and what came of it.
#[derive(Serialize)]
pub(super) struct Envelope<T, A = Asked> {
    #[serde(flatten)]
    pub asked: A,
    #[serde(flatten)]
    pub came: Came<T>,
}

/// What came of it.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Came<T> {
    /// What was asked for.
    Fetched(T),
    /// Something else.
    Nothing(Problem),
}

/// Why it did not come.
#[derive(Serialize, JsonSchema)]
pub(super) struct Problem {
    /// Only where it did not come: why, in one sentence; null where the findings alone tell.
    pub problem: Option<String>,
}

impl<T: Fetched, A: Serialize + JsonSchema> Form for Envelope<T, A> {
    const NAME: &'static str = T::NAME;
    const TITLE: &'static str = T::TITLE;
}

impl<T: Fetched, A: JsonSchema> JsonSchema for Envelope<T, A> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    /// All fields next to each other, as they are written; required are those of what came, or `problem`.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut whole = A::json_schema(generator);
        let parts = [Problem::json_schema(generator), T::json_schema(generator)];
        let [unfetched, fetched] = parts.map(|mut part| {
            let fields = part.remove("properties");
            if let (Some(Value::Object(fields)), Some(Value::Object(all))) = (fields, whole.get_mut("properties")) {
                all.extend(fields);
            }
            let required = part.remove("required");
            Value::Object(Map::from_iter(required.map(|names| ("required".to_owned(), names))))
        });
        whole.insert("oneOf".to_owned(), json!([fetched, unfetched]));
        whole.insert(
            "description".to_owned(),
            "Either what was asked for, or, with `problem`, why it did not come.".into(),
        );
        whole
    }
}
