//! Canaries: a transcript of each format with secrets in all places where programs and servers put them, in the encodings in
//! which servers repeat them. None may be in a record, in a report of it, or in a HAR file.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use super::super::imported;
use super::report;
use crate::evidence::{Build, Redactor};
use crate::recording::to_har;
use crate::report::to_json;

const PASSWORD: &str = "CANARYpw 0123456789abcdef";
const TOKEN: &str = "CANARYtok0123456789abcdefghijklmnop";
const COOKIE: &str = "CANARYck0123456789abcdef";
const SIGNATURE: &str = "CANARYsig0123456789abcdef";
const KEY: &str = "CANARYkey0123456789abcdef";
const SECRETS: [&str; 5] = [PASSWORD, TOKEN, COOKIE, SIGNATURE, KEY];

/// A secret as servers repeat it.
fn encodings(secret: &str) -> Vec<String> {
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let escaped: String = secret.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    vec![
        secret.to_owned(),
        STANDARD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        STANDARD.encode(format!("me:{secret}")),
        percent,
        hex,
        escaped,
        secret.replace(' ', "+"),
    ]
}

/// Address, header lines, status, header lines and body.
type ExchangeParts = (String, Vec<(String, String)>, u16, Vec<(String, String)>, String);

/// The exchange of every test, as parts that each format prints in its own way: head lines and bodies.
struct Parts {
    exchanges: Vec<ExchangeParts>,
}

fn parts() -> Parts {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let basic = format!("Basic {}", STANDARD.encode(format!("me:{PASSWORD}")));
    let echoes: Vec<String> = SECRETS.iter().flat_map(|secret| encodings(secret)).collect();
    let message = echoes.join(" ");
    let error = json!({ "errors": [{ "code": "DENIED", "message": message, "detail": echoes }] }).to_string();
    let secret_headers = || {
        vec![
            pair("Cookie", &format!("a=1; session={COOKIE}")),
            pair("X-Api-Key", KEY),
            pair("X-Anything", &format!("see {KEY}")),
            pair("Referer", &format!("https://r.test/?sig={SIGNATURE}")),
            pair("Proxy-Authorization", &basic),
            pair("Accept", &format!("application/json, {KEY}")),
        ]
    };
    let challenge = format!("Bearer realm=\"https://me:{PASSWORD}@t.test/token?key={SIGNATURE}\",service=\"r.test\"");
    let authorized = [secret_headers(), vec![pair("Authorization", &format!("Bearer {TOKEN}"))]].concat();
    let location = format!("https://cdn.test/x?X-Amz-Signature={SIGNATURE}&X-Amz-Security-Token={COOKIE}#{KEY}");
    Parts {
        exchanges: vec![
            (
                "https://r.test/v2/a/b/manifests/1".to_owned(),
                secret_headers(),
                401,
                vec![pair("WWW-Authenticate", &challenge), pair("Set-Cookie", &format!("session={COOKIE}; Path=/"))],
                json!({ "errors": [{ "code": "UNAUTHORIZED", "message": format!("not {PASSWORD}") }] }).to_string(),
            ),
            (
                format!("https://t.test/token?key={SIGNATURE}&service=r.test&scope=repository:a/b:pull"),
                [secret_headers(), vec![pair("Authorization", &basic)]].concat(),
                200,
                vec![pair("X-Auth-Token", KEY)],
                json!({ "token": TOKEN, "refresh_token": COOKIE, "expires_in": 300 }).to_string(),
            ),
            (
                "https://r.test/v2/a/b/manifests/1".to_owned(),
                authorized.clone(),
                307,
                vec![pair("Location", &location), pair("X-Echo", &message)],
                String::new(),
            ),
            (
                location.split('#').next().unwrap_or_default().to_owned(),
                secret_headers(),
                403,
                vec![pair("Content-Type", "application/json"), pair("X-Amz-Security-Token", COOKIE)],
                error.clone(),
            ),
            (
                "https://r.test/v2/a/b/tags/list".to_owned(),
                authorized,
                403,
                vec![pair("Link", &format!("</v2/a/b/tags/list?sig={SIGNATURE}>; rel=next"))],
                error,
            ),
        ],
    }
}

/// What is after the host of an address.
fn target(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split_at(rest.find('/').unwrap_or(rest.len()))
}

fn as_curl() -> String {
    let mut text = format!(
        "$ curl -vL -u 'me:{PASSWORD}' -H 'X-Api-Key: {KEY}' --cookie session={COOKIE} \
         https://me:{PASSWORD}@r.test/v2/a/b/manifests/1?token={SIGNATURE}\n"
    );
    text.push_str(&format!("* Server auth using Basic with user 'me'\n* password {PASSWORD}\n"));
    for (url, sent, status, received, body) in parts().exchanges {
        let (host, target) = target(&url);
        text.push_str(&format!("* Connected to {host} (192.0.2.1) port 443\n* SSL connection using TLSv1.3\n"));
        text.push_str(&format!("> GET {target} HTTP/1.1\r\n> Host: {host}\r\n"));
        sent.iter().for_each(|(name, value)| text.push_str(&format!("> {name}: {value}\r\n")));
        text.push_str(&format!("> \r\n< HTTP/1.1 {status} x\r\n< Content-Length: {}\r\n", body.len()));
        received.iter().for_each(|(name, value)| text.push_str(&format!("< {name}: {value}\r\n")));
        text.push_str(&format!("< \r\n{body}\n* Connection #0 to host {host} left intact\n"));
    }
    text
}

fn as_crane() -> String {
    let mut text = String::new();
    for (url, sent, status, received, body) in parts().exchanges {
        let (host, target) = target(&url);
        let time = "2026/12/01 01:31:30";
        text.push_str(&format!("{time} --> GET {url}\n{time} GET {target} HTTP/1.1\r\nHost: {host}\r\n"));
        sent.iter().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\r\n")));
        text.push_str(&format!("\r\n\n{time} <-- {status} {url} (1.5ms)\n{time} HTTP/1.1 {status} x\r\n"));
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
        received.iter().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\r\n")));
        text.push_str(&format!("\r\n{body}\n"));
    }
    text + &format!("Error: fetching manifest r.test/a/b:1: {PASSWORD} {TOKEN}\n")
}

fn as_ctr() -> String {
    let mut dump = String::new();
    for (url, sent, status, received, body) in parts().exchanges {
        let (host, target) = target(&url);
        dump.push_str(&format!("GET {target} HTTP/1.1\nHost: {host}\n"));
        sent.iter().for_each(|(name, value)| dump.push_str(&format!("{name}: {value}\n")));
        dump.push_str(&format!("\nHTTP/1.1 {status} x\nContent-Length: {}\n", body.len()));
        received.iter().for_each(|(name, value)| dump.push_str(&format!("{name}: {value}\n")));
        dump.push_str(&format!("\n{body}"));
    }
    let line = |line: &str| match line {
        "" => "time=\"2026-12-01T01:32:11Z\" level=info\n".to_owned(),
        line => format!("time=\"2026-12-01T01:32:11Z\" level=info msg={line:?}\n"),
    };
    dump.split('\n').map(line).collect::<String>()
        + &format!("ctr: failed to resolve reference \"r.test/a/b:1\": {TOKEN}\n")
}

fn as_oras() -> String {
    let mut text = String::new();
    for (number, (url, sent, status, received, body)) in parts().exchanges.into_iter().enumerate() {
        let headers = |all: &[(String, String)]| -> String {
            all.iter().map(|(name, value)| format!("   {name:?}: {value:?}\n")).collect()
        };
        text.push_str(&format!(
            "[2026-12-01T01:33:34.9{number}Z][DEBUG]: --> Request #{number}\n> Request URL: {url:?}\n> Request method: \
             \"GET\"\n> Request headers:\n{}\n\n[2026-12-01T01:33:35Z][DEBUG]: <-- Response #{number}\n< Response Status: \
             \"{status} x\"\n< Response headers:\n{}< Response body:\n{body}\n\n\n",
            headers(&sent),
            headers(&received),
        ));
    }
    text + &format!("Error: r.test/a/b:1: {PASSWORD}\n")
}

fn as_har() -> String {
    let headers = |all: &[(String, String)]| -> Vec<_> {
        all.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
    };
    let entries = parts().exchanges.into_iter().map(|(url, sent, status, received, body)| {
        json!({
            "startedDateTime": "2026-12-01T01:33:34.946Z",
            "time": 1,
            "request": {
                "method": "GET", "url": url, "headers": headers(&sent),
                "cookies": [{ "name": "session", "value": COOKIE }],
                "queryString": [{ "name": "key", "value": SIGNATURE }],
            },
            "response": {
                "status": status, "headers": headers(&received),
                "cookies": [{ "name": "session", "value": COOKIE }],
                "content": { "size": body.len(), "text": body }, "redirectURL": format!("https://cdn.test/?sig={SIGNATURE}"),
            },
            "timings": {}, "comment": PASSWORD,
        })
    });
    let login = json!({
        "startedDateTime": "2026-12-01T01:33:34.946Z",
        "request": {
            "method": "POST", "url": "https://t.test/token", "headers": [],
            "postData": { "text": format!("grant_type=password&username=me&password={}", PASSWORD.replace(' ', "+")) },
        },
        "response": { "status": 401, "headers": [], "content": { "size": 0 } },
    });
    json!({ "log": { "version": "1.2", "entries": entries.chain([login]).collect::<Vec<_>>(), "comment": TOKEN } })
        .to_string()
}

fn as_report() -> String {
    let exchanges = parts().exchanges.into_iter().map(|(url, sent, status, received, body)| {
        json!({
            "request": { "method": "GET", "url": url, "headers": sent },
            "response": {
                "status": status, "http_version": "HTTP/1.1", "headers": received,
                "body": { "size": body.len(), "text": body, "truncated": false, "sha256": null },
            },
            "failure": null, "started_ms": 0.0, "duration_ms": 1.0, "timing": {},
        })
    });
    json!({
        "schema": "ociscope.report/1",
        "reference": { "input": "r.test/a/b:1" },
        "notes": [PASSWORD],
        "exchanges": exchanges.collect::<Vec<_>>(),
    })
    .to_string()
}

#[track_caller]
fn assert_clean(what: &str, text: &str) {
    for secret in SECRETS {
        for form in encodings(secret) {
            assert!(!text.contains(&form), "{what}: {form:?} of {secret:?} in {text}");
        }
    }
    let at = text.find("CANARY").map(|at| {
        &text[text.floor_char_boundary(at.saturating_sub(60))..text.floor_char_boundary((at + 60).min(text.len()))]
    });
    assert_eq!(at, None, "{what}");
}

#[test]
fn secret_of_a_transcript_is_in_no_record_report_or_har_file() {
    let formats = [as_curl(), as_crane(), as_ctr(), as_oras(), as_har(), as_report()];
    for (text, kind) in formats.into_iter().zip(["curl", "crane", "ctr", "oras", "HAR", "report"]) {
        assert!(text.contains("CANARY"), "the test has canaries");
        let records = imported(text.as_bytes()).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(records.len(), 1, "{kind}");
        let record = &records[0];
        assert!(record.journal.len() >= 5, "{kind}: {:?}", super::exchanges(record));
        assert_clean(kind, &serde_json::to_string(record).unwrap());
        // Nothing is left to be found by form.
        let again = Redactor::default().sealed(record);
        assert_eq!(serde_json::to_string(&again).unwrap(), serde_json::to_string(record).unwrap(), "{kind}");
        assert_clean(kind, &to_har(&records, &Build::current()).to_string());
        assert_clean(kind, &to_json(&report(record)).to_string());
    }
}

/// A client that withholds a secret writes something else in its place, which is not a secret.
#[test]
fn word_that_a_client_wrote_for_a_secret_is_not_searched_for() {
    for word in ["<redacted>", "*****", "REDACTED", "[redacted]", "Bearer <redacted>", "Bearer *****"] {
        let text = format!(
            "> GET /v2/a/manifests/1 HTTP/2\n> Host: r.test\n> Authorization: {word}\n>\n< HTTP/2 404\n< X-Said: {word}, redacted\n<\n"
        );
        let record = super::one(text.as_bytes());
        let (_, exchange) = record.journal.iter().next().unwrap();
        let header = exchange.response.as_ref().unwrap().header("x-said").unwrap().as_str().to_owned();
        assert_eq!(header, format!("{word}, redacted"));
        let sent = &exchange.request.headers[1].value;
        assert!(sent.sent_text().is_none() && sent.to_string().ends_with("‹removed›"), "{word}: {sent}");
    }
}
