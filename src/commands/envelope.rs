//! The JSON of commands that fetch one thing: the request, and either the result or why there is none.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::diagnosis::Finding;
use crate::evidence::{Exchange, ExchangeId, Method, Redactor};
use crate::report::{Form, WrittenChain, WrittenFinding, WrittenProvenance, WrittenReference, shown_chain};
use crate::session::Conversation;

/// The result of such a command: its own fields in the JSON.
pub(super) trait Fetched: Serialize + JsonSchema {
    /// The name of the form.
    const NAME: &'static str;
    /// The title of its schema.
    const TITLE: &'static str;
}

/// The requests of a command about a reference.
#[derive(Serialize, JsonSchema)]
pub(super) struct Asked {
    /// The lab scenario that answered instead of the network; null for the network.
    simulation: Option<String>,
    /// The recording that answered instead of the network; absent for real answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    recording: Option<WrittenProvenance>,
    /// The reference.
    reference: WrittenReference<'static>,
    /// The request that was answered with this.
    request: WrittenRequest,
    /// All requests, in order; findings cite them by number.
    #[schemars(length(min = 1))]
    exchanges: Vec<Sent>,
    /// The findings about a failure, most important first; empty if there is a result.
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
    /// The status of the answer; null if there was none.
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
    /// The certificates of the TLS handshake; only if it failed, or a certificate was accepted with a remark.
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
    /// The requests of a conversation, and the answer that counts.
    pub(super) fn of(conversation: &Conversation<'_>, answer: ExchangeId, findings: &[Finding]) -> Self {
        let reference = conversation.reference();
        let mut redactor = conversation.redactor();
        let exchanges = Sent::all(conversation, &mut redactor);
        Self {
            simulation: conversation.simulation().map(str::to_owned),
            recording: conversation.provenance().map(WrittenProvenance::of),
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

/// The requests of a command about a registry.
#[derive(Serialize, JsonSchema)]
pub(super) struct AskedOfRegistry {
    /// The lab scenario that answered instead of the network; null for the network.
    simulation: Option<String>,
    /// The recording that answered instead of the network; absent for real answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    recording: Option<WrittenProvenance>,
    /// The host of the registry, with its port if one was given.
    registry: String,
    /// The request that was answered with this.
    request: WrittenRequest,
    /// All requests, in order.
    #[schemars(length(min = 1))]
    exchanges: Vec<Sent>,
}

impl AskedOfRegistry {
    /// The requests of a conversation, and the answer that counts.
    pub(super) fn of(conversation: &Conversation<'_>, answer: ExchangeId) -> Self {
        let mut redactor = conversation.redactor();
        Self {
            simulation: conversation.simulation().map(str::to_owned),
            recording: conversation.provenance().map(WrittenProvenance::of),
            registry: conversation.reference().registry().to_string(),
            exchanges: Sent::all(conversation, &mut redactor),
            request: WrittenRequest::of(conversation.journal().get(answer), &mut redactor),
        }
    }
}

/// The requests and the result.
#[derive(Serialize)]
pub(super) struct Envelope<T, A = Asked> {
    #[serde(flatten)]
    pub asked: A,
    #[serde(flatten)]
    pub came: Came<T>,
}

/// The result.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Came<T> {
    /// The requested content.
    Fetched(T),
    /// A failure.
    Nothing(Problem),
}

/// Why there is no result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Problem {
    /// Only without a result: why, in one sentence; null if the findings explain it.
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

    /// All fields in one object, as they are written; required are those of the result, or `problem`.
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
            "Either the requested content, or, with `problem`, why there is none.".into(),
        );
        whole
    }
}
