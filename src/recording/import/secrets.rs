//! The secrets of a log. No run knows them, so they are found by their places and by the names of their fields, and then
//! searched for everywhere else.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::NotImported;
use super::exchanges::{Headers, Log, LoggedExchange};
use crate::evidence::{is_placeholder, is_secret_header, is_secret_name, secrets_in};
use crate::text::{Secret, read_json};

/// The maximum number of different secrets. Each is searched for in many encodings.
const MOST: usize = 1000;
/// The length of a value in a JSON document or a query from which on it is searched for elsewhere. Anything shorter is a word.
const SHORTEST_FIELD: usize = 8;
/// The size of the blocks in which command lines are searched, in bytes: the search looks back from each option to its
/// command.
const BLOCK: usize = 16 << 10;

/// The fields of a token service's answer that are secret (distribution token specification; RFC 6749 §5.1).
const TOKEN_FIELDS: [&str; 6] =
    ["token", "access_token", "refresh_token", "id_token", "identity_token", "registry_token"];

/// Secrets with their kinds, each once.
#[derive(Default)]
struct Found {
    seen: HashSet<String>,
    all: Vec<(&'static str, Secret)>,
}

/// The secrets of a log, with their kinds.
///
/// # Errors
/// Fails if there are more than can be searched for.
pub(super) fn secrets_of(log: &Log) -> Result<Vec<(&'static str, Secret)>, NotImported> {
    let mut found = Found::default();
    for exchange in &log.exchanges {
        found.in_exchange(exchange);
        if found.all.len() > MOST {
            return Err(NotImported::TooManySecrets);
        }
    }
    let mut rest = log.commands.as_str();
    while !rest.is_empty() {
        let (block, after) = rest.split_at(rest.floor_char_boundary(BLOCK).max(1));
        secrets_in(block).into_iter().for_each(|place| found.credentials(&block[place]));
        rest = after;
    }
    Ok(found.all)
}

/// Whether a value was replaced by the program that wrote the log, or is a mere placeholder.
pub(super) fn is_withheld(value: &str) -> bool {
    let inner = value.trim().trim_matches(['<', '>', '[', ']', '(', ')']);
    let is_word = ["redacted", "removed", "hidden", "masked", "filtered", "secret", "omitted"]
        .iter()
        .any(|word| inner.eq_ignore_ascii_case(word));
    let is_mask = !inner.is_empty() && inner.chars().all(|c| matches!(c, '*' | '.' | '…' | '•' | 'x' | 'X' | '█'));
    is_word || is_mask || is_placeholder(value) || value.contains('‹')
}

impl Found {
    fn add(&mut self, what: &'static str, value: &str) {
        let value = value.trim();
        if !value.is_empty() && !is_withheld(value) && self.seen.insert(value.to_owned()) {
            self.all.push((what, Secret::new(value)));
        }
    }

    fn in_exchange(&mut self, exchange: &LoggedExchange) {
        self.in_headers(&exchange.headers);
        if !exchange.url.username().is_empty() || exchange.url.password().is_some() {
            [Some(exchange.url.username()), exchange.url.password()].into_iter().flatten().for_each(|part| {
                let decoded = percent_encoding::percent_decode_str(part).decode_utf8_lossy();
                self.add("password", &decoded);
            });
        }
        self.in_addresses(exchange.url.as_str());
        for (name, value) in url::form_urlencoded::parse(exchange.sent.as_bytes()) {
            if is_secret_name(&name) {
                self.add("password", &value);
            }
        }
        let Some(response) = &exchange.response else { return };
        self.in_headers(&response.headers);
        if let Ok(document) = read_json(&response.body.bytes) {
            self.in_document(&document);
        }
    }

    fn in_headers(&mut self, headers: &Headers) {
        for (name, value) in headers.iter() {
            match name {
                "cookie" | "set-cookie" => {
                    // `name=value; Path=/`: in a request all of them are cookies, in an answer the first is.
                    let most = if name == "cookie" { usize::MAX } else { 1 };
                    for (_, value) in value.split(';').take(most).filter_map(|pair| pair.split_once('=')) {
                        self.add("cookie", value);
                    }
                }
                _ if is_secret_header(name) => self.credentials(value),
                _ => self.in_addresses(value),
            }
        }
    }

    /// Signatures in the queries of addresses, by the names of their parameters.
    fn in_addresses(&mut self, text: &str) {
        let words = text.split(['"', '<', '>', ' ', ',']);
        for query in words.filter_map(|word| Some(word.split_once('?')?.1)) {
            for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
                if is_secret_name(&name) && value.len() >= SHORTEST_FIELD {
                    self.add("query value", &value);
                }
            }
        }
    }

    /// The value of an `Authorization` header or the like: the value without its scheme, and the password in it.
    fn credentials(&mut self, value: &str) {
        let (scheme, rest) = value.trim().split_once(' ').unwrap_or(("", value.trim()));
        let is_scheme =
            !scheme.is_empty() && scheme.len() <= 20 && scheme.bytes().all(|byte| byte.is_ascii_alphabetic());
        let own = if is_scheme { rest } else { value };
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => {
                self.add("password", own);
                let decoded = STANDARD.decode(own.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                if let Some((_, password)) = decoded.as_deref().and_then(|pair| pair.split_once(':')) {
                    self.add("password", password);
                }
            }
            "bearer" => self.add("token", own),
            _ => {
                self.add("secret value", own);
                // `user:password` of a command line.
                if let Some((_, password)) = own.split_once(':').filter(|_| !is_scheme) {
                    self.add("password", password);
                }
            }
        }
    }

    /// Fields of a document whose names mark them as secret, at any depth.
    fn in_document(&mut self, document: &Value) {
        match document {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match value {
                        Value::String(secret) if TOKEN_FIELDS.contains(&&*name.to_ascii_lowercase()) => {
                            if secret.len() >= SHORTEST_FIELD {
                                self.add("token", secret);
                            }
                        }
                        Value::String(secret) if is_secret_name(name) && secret.len() >= SHORTEST_FIELD => {
                            self.add("secret value", secret);
                        }
                        value => self.in_document(value),
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| self.in_document(value)),
            _ => {}
        }
    }
}
