//! The fields that HAR 1.2 requires, and what an importer gets.

use serde_json::Value;

use super::to_har;
use crate::evidence::testing::{answered, token, unanswered};
use crate::evidence::{
    Body, Build, Depth, Exchange, Failure, FailureKind, GrantForm, Method, Purpose, Record, RequestForm, RequestHeader,
    SecretKind, Timing,
};
use crate::oci::Reference;
use crate::recording::import::imported;
use std::time::Duration;

/// A record with an exchange of each kind.
fn record() -> Record {
    let reference = Reference::parse("r.test/a/b:1").unwrap();
    let mut record = Record::new(reference, Depth::Diagnosis, "linux/amd64".parse().unwrap());
    record.now = Some(1_796_088_814);
    let address = "https://r.test/v2/a/b/manifests/1";
    let challenge = [("www-authenticate", "Bearer realm=\"https://t.test/token\",service=\"r.test\"")];
    let mut refused = answered(address, 401, &challenge, "{\"errors\":[]}");
    refused.connection.remote = Some("[2001:db8::1]:443".parse().unwrap());
    refused.request.headers = vec![RequestHeader::sent("accept", "application/json")];
    refused.duration = Duration::from_micros(31_400);
    refused.timing = Timing {
        dns: Some(Duration::from_micros(1_500)),
        connect: Some(Duration::from_micros(2_250)),
        tls: Some(Duration::from_micros(10_000)),
        first_byte: Some(Duration::from_micros(15_000)),
    };
    let issued = r#"{"token":"‹token removed, 9 characters, label bcdf›"}"#;
    let mut login = answered("https://t.test/token", 200, &[("content-type", "application/json")], issued);
    login.request.method = Method::Post;
    login.request.purpose = Purpose::Token;
    login.request.form = Some(RequestForm {
        fields: "grant_type=refresh_token&service=r.test".to_owned(),
        name: "refresh_token".to_owned(),
        withheld: SecretKind::IdentityToken,
    });
    let target = "https://cdn.test/x?digest=1";
    let mut moved = answered(address, 307, &[("location", target)], "");
    moved.request.headers = vec![token("t"), RequestHeader::sent("accept", "application/json")];
    let mut served = answered(target, 200, &[("content-type", "text/plain"), ("content-length", "4")], "");
    served.response.as_mut().unwrap().body = Body::whole(vec![0x1f, 0x8b, 0, 0xff].into());
    let mut cut = answered("https://r.test/v2/a/b/tags/list", 200, &[("content-length", "100")], "{\"tags\":[");
    cut.response.as_mut().unwrap().body = Body::partial("{\"tags\":[".into(), 50);
    cut.failure = Some(Failure::new(FailureKind::BodyCutShort, "the body ended early"));
    let mut head = answered(address, 200, &[("content-length", "7023")], "");
    head.request.method = Method::Head;
    let mut failed = unanswered("https://r.test/v2/");
    failed.request.purpose = Purpose::Ping;
    failed.failure = Some(Failure::new(FailureKind::Refused, "connection refused"));
    let mut shared = answered("https://r.test/v2/", 200, &[], "");
    shared.connection.shared = true;
    let mut handshake = unanswered("https://r.test/");
    handshake.request.method = Method::Tls;
    for (number, mut exchange) in (1..).zip([refused, login, moved, served, cut, head, failed, shared, handshake]) {
        exchange.started = Duration::from_millis(2 * number);
        record.journal.enter(exchange);
    }
    record
}

fn entries(record: &Record) -> Vec<Value> {
    let har = to_har(std::slice::from_ref(record), &Build::current());
    har["log"]["entries"].as_array().unwrap().clone()
}

/// Section by section, what the specification does not call optional.
#[test]
fn every_required_field_is_there_with_its_type() {
    let har = to_har(&[record()], &Build::current());
    let log = &har["log"];
    assert_eq!(log["version"], "1.2");
    assert!(log["creator"]["name"].is_string() && log["creator"]["version"].is_string());
    let entries = log["entries"].as_array().unwrap();
    // Neither one that was not sent nor one that is not HTTP.
    assert_eq!(entries.len(), 7);
    type Check = fn(&Value) -> bool;
    let all = |value: &Value, fields: &[(&str, Check)]| {
        for (field, is_right) in fields {
            assert!(is_right(&value[*field]), "{field}: {value}");
        }
    };
    let pairs = |list: &Value| {
        list.as_array().unwrap().iter().all(|pair| pair["name"].is_string() && pair["value"].is_string())
    };
    for entry in entries {
        all(
            entry,
            &[
                ("startedDateTime", Value::is_string),
                ("time", Value::is_number),
                ("request", Value::is_object),
                ("response", Value::is_object),
                ("cache", Value::is_object),
                ("timings", Value::is_object),
            ],
        );
        let (request, response) = (&entry["request"], &entry["response"]);
        all(
            request,
            &[
                ("method", Value::is_string),
                ("url", Value::is_string),
                ("httpVersion", Value::is_string),
                ("cookies", Value::is_array),
                ("headers", Value::is_array),
                ("queryString", Value::is_array),
                ("headersSize", Value::is_i64),
                ("bodySize", Value::is_i64),
            ],
        );
        all(
            response,
            &[
                ("status", Value::is_u64),
                ("statusText", Value::is_string),
                ("httpVersion", Value::is_string),
                ("cookies", Value::is_array),
                ("headers", Value::is_array),
                ("content", Value::is_object),
                ("redirectURL", Value::is_string),
                ("headersSize", Value::is_i64),
                ("bodySize", Value::is_i64),
            ],
        );
        assert!(pairs(&request["headers"]) && pairs(&request["queryString"]) && pairs(&response["headers"]));
        all(&response["content"], &[("size", Value::is_u64), ("mimeType", Value::is_string)]);
        let timings = &entry["timings"];
        // "send, wait and receive are not optional and must have non-negative values."
        for step in ["send", "wait", "receive"] {
            assert!(timings[step].as_f64().unwrap() >= 0.0, "{timings}");
        }
        // "time is the sum of all timings", without −1, and ssl is a part of connect.
        let steps = ["blocked", "dns", "connect", "send", "wait", "receive"];
        let sum: f64 = steps.iter().map(|step| timings[*step].as_f64().unwrap()).filter(|time| *time >= 0.0).sum();
        assert!((sum - entry["time"].as_f64().unwrap()).abs() < 1e-9, "{entry}");
    }
}

/// "Sorted by started time is the preferred way."
#[test]
fn entries_of_several_runs_are_in_the_order_of_time() {
    let earlier = Record { now: Some(1_796_088_813), ..record() };
    let har = to_har(&[record(), earlier], &Build::current());
    let entries = har["log"]["entries"].as_array().unwrap();
    let times: Vec<_> = entries.iter().map(|entry| entry["startedDateTime"].as_str().unwrap()).collect();
    assert!(times.is_sorted() && entries.len() == 14, "{times:?}");
    assert_eq!((&entries[0]["_ociscope"]["run"], &entries[7]["_ociscope"]["run"]), (&1.into(), &0.into()));
}

#[test]
fn exchange_is_written_with_what_was_measured() {
    let entries = entries(&record());
    let refused = &entries[0];
    // 1796088814 is 2026-12-01T01:33:34Z.
    assert_eq!(refused["startedDateTime"], "2026-12-01T01:33:34.002Z");
    assert_eq!(refused["serverIPAddress"], "2001:db8::1");
    let timings = &refused["timings"];
    assert_eq!((&timings["dns"], &timings["connect"], &timings["ssl"]), (&1.5.into(), &12.25.into(), &10.0.into()));
    assert_eq!(
        (&timings["wait"], &timings["receive"], &timings["blocked"]),
        (&15.0.into(), &2.65.into(), &(-1).into())
    );
    assert_eq!(refused["time"], 31.4);
    assert_eq!(
        entries[1]["request"]["postData"]["text"],
        "grant_type=refresh_token&service=r.test&refresh_token=‹removed›"
    );
    assert_eq!(entries[1]["timings"]["dns"], -1);
    assert_eq!(entries[2]["response"]["redirectURL"], "https://cdn.test/x?digest=1");
    let authorization = entries[2]["request"]["headers"][0]["value"].as_str().unwrap();
    assert!(authorization.starts_with("Bearer ‹removed, 1 character, label "), "{authorization}");
    assert_eq!(entries[3]["request"]["queryString"][0], serde_json::json!({ "name": "digest", "value": "1" }));
    assert_eq!(entries[3]["response"]["content"]["encoding"], "base64");
    assert_eq!(entries[3]["response"]["content"]["text"], "H4sA/w==");
    assert_eq!(entries[5]["response"]["content"]["size"], 0);
    assert_eq!(
        (&entries[6]["response"]["status"], &entries[6]["response"]["_error"]),
        (&0.into(), &"connection refused".into())
    );
    let undated = Record { now: None, ..record() };
    assert_eq!(self::entries(&undated)[0]["startedDateTime"], "1970-01-01T00:00:00.002Z");
}

/// What an importer gets: without the purposes, which follow from the addresses, and without the parts of a connection that
/// the format lacks.
#[test]
fn file_that_is_imported_has_the_same_exchanges() {
    for now in [Some(1_796_088_814), None] {
        let record = Record { now, ..record() };
        let har = to_har(std::slice::from_ref(&record), &Build::current()).to_string();
        let read = imported(har.as_bytes()).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].now, now);
        let facts = |exchange: &Exchange| {
            let response = exchange.response.as_ref().map(|response| {
                let body = &response.body;
                let headers = response.headers.clone();
                (response.status, response.http_version.clone(), headers, body.bytes.clone(), body.size, body.truncated)
            });
            let failure = exchange.failure.as_ref().map(|failure| (failure.kind.clone(), failure.message.clone()));
            let request = &exchange.request;
            let headers = request.headers.iter().map(|header| {
                let scheme = request.withheld().next().and_then(|withheld| withheld.scheme);
                (header.name.clone(), header.value.sent_text().map(str::to_owned), scheme)
            });
            let headers: Vec<_> = headers.collect();
            (request.method, request.url.clone(), headers, request.form.clone(), response, failure, exchange.timing.dns)
        };
        let sent = |record: &Record| -> Vec<_> {
            let sent =
                record.journal.iter().filter(|(_, one)| one.request.method != Method::Tls && !one.connection.shared);
            sent.map(|(_, exchange)| facts(exchange)).collect()
        };
        let (written, again) = (sent(&record), sent(&read[0]));
        for (one, other) in written.iter().zip(&again) {
            assert_eq!(one, other);
        }
        assert_eq!(written.len(), again.len());
        assert_eq!(read[0].authenticated_before.as_ref().unwrap().granted, Some(GrantForm::Bearer));
    }
}
