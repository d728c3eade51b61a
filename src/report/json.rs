//! The report as JSON: `ociscope.report/1`, one object on one line.

use std::time::Duration;

use serde_json::{Value, json};

use super::build::milliseconds;
use super::presented::presented_as_json;
use super::value::{Report, ShownExchange, ShownProbe};
use crate::diagnosis::{Certainty, Finding, Node, Severity};
use crate::text::{Untrusted, is_safe};

/// The name of this form of a report.
const SCHEMA: &str = "ociscope.report/1";

/// A report as JSON.
pub fn to_json(report: &Report) -> Value {
    json!({
        "schema": SCHEMA,
        "tool": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "simulation": report.simulation,
        "reference": {
            "input": report.input.as_str(),
            "registry": report.registry,
            "repository": report.repository,
            "tag": report.tag,
            "digest": report.digest,
        },
        "verdict": report.verdict.as_str(),
        "exit_code": report.exit.code(),
        "findings": report.findings.iter().map(finding_as_json).collect::<Vec<_>>(),
        "probes": report.probes.iter().map(probe).collect::<Vec<_>>(),
        "answers": report.answers.iter().map(|answer| {
            let response = report.exchange(answer.exchange).and_then(|exchange| exchange.response.as_ref());
            json!({
                "id": answer.name,
                "probes": answer.probes.iter().map(|(_, id)| id).collect::<Vec<_>>(),
                "status": response.map(|response| response.status),
                "headers": response.map(|response| headers(&response.headers)).unwrap_or_default(),
            })
        }).collect::<Vec<_>>(),
        "tree": report.tree.as_ref().map(node),
        "exchanges": report.exchanges.iter().map(exchange_as_json).collect::<Vec<_>>(),
        "notes": report.notes,
        "redactions": report.redactions.iter().map(|r| json!({ "what": r.what, "count": r.count, "distinct": r.distinct })).collect::<Vec<_>>(),
    })
}

/// A value as JSON on one line.
///
/// Characters that could act on a terminal are escaped as `\uNNNN`, so that the line can be printed as it is and still
/// reads back as the very bytes the server sent.
pub fn printable_json(value: &Value) -> String {
    printable(&value.to_string())
}

/// A finding as it stands in a report.
pub fn finding_as_json(finding: &Finding) -> Value {
    json!({
        "rule": finding.rule,
        "severity": match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        },
        "certainty": match finding.certainty {
            Certainty::Certain => "certain",
            Certainty::Likely => "likely",
        },
        "title": finding.title,
        "cause": finding.cause,
        "fix": finding.fix.iter().map(|fix| json!({ "text": fix.text, "command": fix.command.as_deref() })).collect::<Vec<_>>(),
        "evidence": finding.evidence.iter().map(|evidence| {
            json!({ "exchange": evidence.exchange, "quote": evidence.quote.as_str() })
        }).collect::<Vec<_>>(),
    })
}

fn probe(probe: &ShownProbe) -> Value {
    json!({
        "id": probe.id,
        "accept": probe.accept,
        "method": probe.method.as_str(),
        "exchange": probe.exchange,
        "status": probe.status,
        "served_type": text(probe.served_type.as_ref()),
        "digest": probe.digest.as_ref().map(ToString::to_string),
        "size": probe.size,
        "error": probe.error.as_ref().map(|(code, message)| json!({ "code": code.as_str(), "message": message.as_str() })),
        "answer": probe.answer,
    })
}

fn node(node: &Node) -> Value {
    json!({
        "role": node.role.as_str(),
        "media_type": node.media_type.as_str(),
        "digest": node.digest.as_str(),
        "size": node.size,
        "platform": text(node.platform.as_ref()),
        "wanted": node.wanted,
        "found": node.presence.as_str(),
        "exchange": node.exchange,
        "children": node.children.iter().map(self::node).collect::<Vec<_>>(),
    })
}

/// An exchange as it stands in a report.
pub fn exchange_as_json(exchange: &ShownExchange) -> Value {
    let time = |duration: Option<Duration>| duration.map(milliseconds);
    let mut value = json!({
        "id": exchange.id,
        "purpose": exchange.purpose,
        "request": {
            "method": exchange.method.as_str(),
            "url": exchange.url,
            "headers": exchange.request_headers,
        },
        "response": exchange.response.as_ref().map(|response| json!({
            "status": response.status,
            "http_version": response.http_version,
            "headers": headers(&response.headers),
            "body": {
                "size": response.body.size,
                "text": text(response.body.text.as_ref()),
                "truncated": response.body.truncated,
                "sha256": response.body.sha256,
            },
        })),
        "failure": exchange.failure.as_ref().map(|(kind, message)| json!({ "kind": kind, "message": message.as_str() })),
        "started_ms": exchange.started_ms,
        "duration_ms": exchange.duration_ms,
        "timing": {
            "dns_ms": time(exchange.timing.dns),
            "connect_ms": time(exchange.timing.connect),
            "tls_ms": time(exchange.timing.tls),
            "first_byte_ms": time(exchange.timing.first_byte),
        },
    });
    // Only where it matters: what is well is not told of every connection.
    if let (Value::Object(fields), Some(chain)) = (&mut value, &exchange.connection.presented) {
        fields.insert("presented".to_owned(), presented_as_json(chain));
    }
    value
}

fn headers(headers: &[(String, Untrusted)]) -> Vec<Value> {
    headers.iter().map(|(name, value)| json!([name, value.as_str()])).collect()
}

fn text(text: Option<&Untrusted>) -> Option<&str> {
    text.map(Untrusted::as_str)
}

/// Escapes what must not reach a terminal. Such characters only ever stand inside strings of a JSON text.
fn printable(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    let mut units = [0; 2];
    for character in json.chars() {
        if is_safe(character) {
            shown.push(character);
        } else {
            for unit in character.encode_utf16(&mut units) {
                shown.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_safe_to_print_and_reads_back_the_same() {
        let text = "\u{1b}[2J \u{9b} \u{202e} \u{e0041} \u{7f} ok";
        let shown = printable(&json!({ "text": text }).to_string());
        assert!(shown.chars().all(is_safe));
        let back: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(back["text"], text);
    }
}
