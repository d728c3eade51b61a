//! `docs/report.schema.json` says what the contract says, and what the program prints is what it describes.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::support::content::{Field, docker_image, media_type, oci_index};
use crate::support::ociscope::{Run, probe};
use crate::support::recording;
use crate::support::registry::{Access, Options, PASSWORD, Registry, USER};
use crate::support::token_server::{TokenOptions, TokenServer};

const REPOSITORY: &str = "demo/app";

/// Every field that the contract names. `[]` stands for each element of a list.
const FIELDS: [&str; 74] = [
    "schema",
    "tool",
    "tool.name",
    "tool.version",
    "simulation",
    "tree",
    "reference",
    "reference.input",
    "reference.registry",
    "reference.repository",
    "reference.tag",
    "reference.digest",
    "verdict",
    "exit_code",
    "findings",
    "findings[].rule",
    "findings[].severity",
    "findings[].certainty",
    "findings[].title",
    "findings[].cause",
    "findings[].fix",
    "findings[].fix[].text",
    "findings[].fix[].command",
    "findings[].evidence",
    "findings[].evidence[].exchange",
    "findings[].evidence[].quote",
    "probes",
    "probes[].id",
    "probes[].accept",
    "probes[].method",
    "probes[].exchange",
    "probes[].status",
    "probes[].served_type",
    "probes[].digest",
    "probes[].size",
    "probes[].error",
    "probes[].error.code",
    "probes[].error.message",
    "probes[].answer",
    "answers",
    "answers[].id",
    "answers[].probes",
    "answers[].status",
    "answers[].headers",
    "exchanges",
    "exchanges[].id",
    "exchanges[].purpose",
    "exchanges[].request",
    "exchanges[].request.method",
    "exchanges[].request.url",
    "exchanges[].request.headers",
    "exchanges[].response",
    "exchanges[].response.status",
    "exchanges[].response.http_version",
    "exchanges[].response.headers",
    "exchanges[].response.body",
    "exchanges[].response.body.size",
    "exchanges[].response.body.text",
    "exchanges[].response.body.truncated",
    "exchanges[].response.body.sha256",
    "exchanges[].failure",
    "exchanges[].failure.kind",
    "exchanges[].failure.message",
    "exchanges[].started_ms",
    "exchanges[].duration_ms",
    "exchanges[].timing",
    "exchanges[].timing.dns_ms",
    "exchanges[].timing.connect_ms",
    "exchanges[].timing.tls_ms",
    "exchanges[].timing.first_byte_ms",
    "notes",
    "redactions",
    "redactions[].what",
    "redactions[].count",
];

/// Fields that are there only where they matter.
const OPTIONAL: [&str; 2] = ["exchanges[].presented", "redactions[].distinct"];

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/report.schema.json");
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
});

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| jsonschema::draft202012::new(&SCHEMA).expect("a schema"));

/// What the schema says of a field, and whether the field has to be there.
fn described(field: &str) -> Option<(&'static Value, bool)> {
    let (mut at, mut required): (&Value, bool) = (&SCHEMA, true);
    for part in field.split('.') {
        let name = part.trim_end_matches("[]");
        required = at["required"].as_array()?.iter().any(|other| other == name);
        at = at["properties"].get(name)?;
        if part.ends_with("[]") {
            at = at.get("items")?;
        }
    }
    Some((at, required))
}

/// The first object of a report that has this field, and the field's own name.
fn owner_in<'a, 'f>(value: &'a mut Value, field: &'f str) -> Option<(&'a mut Value, &'f str)> {
    let Some((part, rest)) = field.split_once('.') else {
        return value.get(field).is_some().then_some((value, field));
    };
    match part.strip_suffix("[]") {
        Some(list) => value.get_mut(list)?.as_array_mut()?.iter_mut().find_map(|element| owner_in(element, rest)),
        None => owner_in(value.get_mut(part)?, rest),
    }
}

/// The report with another value in the first place of this field.
fn with(mut report: Value, field: &str, other: Value) -> Value {
    let (owner, name) = owner_in(&mut report, field).unwrap_or_else(|| panic!("the report has no {field}"));
    owner[name] = other;
    report
}

#[track_caller]
fn assert_described(report: &Value) {
    let errors: Vec<_> =
        VALIDATOR.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path)).collect();
    assert!(errors.is_empty(), "{}\n{report:#}", errors.join("\n"));
}

/// Checks that a run met what it was meant to meet, seen by a current client, and that its report is as described.
/// Which findings and exit status that makes is for other tests to say.
#[track_caller]
fn assert_report(run: &Run, status: impl Into<Value>) -> Value {
    let report = run.json();
    assert_described(&report);
    let probe = report["probes"].as_array().expect("a list").iter().find(|probe| probe["id"] == "all");
    assert_eq!(probe.expect("the probe of a current client")["status"], status.into(), "{report:#}");
    report
}

/// An image behind a token server on another origin.
fn probe_with_token() -> Run {
    let tokens =
        TokenServer::start(TokenOptions { anonymous: Some(&[REPOSITORY]), account: (USER, PASSWORD), field: "token" });
    let mut registry = Registry::start(Options { access: Access::Token(tokens.access()), ..Options::default() });
    registry.authorization = Some(tokens.authorization(REPOSITORY, &["pull", "push"]));
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    probe(&registry.reference(REPOSITORY, "stable"), &["--plain-http"])
}

/// A tag that is not there.
fn probe_of_unknown_tag() -> Run {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    probe(&registry.reference(REPOSITORY, "nope"), &["--plain-http"])
}

/// A registry that wants a password, and is given none.
fn probe_without_password() -> Run {
    let registry = Registry::start(Options { access: Access::Password, ..Options::default() });
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    probe(&registry.reference(REPOSITORY, "stable"), &["--plain-http"])
}

/// A port where nothing listens, so that every request fails.
fn probe_of_closed_port() -> Run {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("its address");
    drop(listener);
    probe(&format!("{address}/{REPOSITORY}:stable"), &["--plain-http"])
}

#[test]
fn the_schema_is_one() {
    jsonschema::draft202012::meta::validate(&SCHEMA).expect("a schema of JSON Schema 2020-12");
}

#[test]
fn every_field_of_the_contract_is_described_and_required() {
    for field in FIELDS {
        let Some((_, required)) = described(field) else { panic!("{field} is not described") };
        assert!(required, "{field} is not required");
    }
}

#[test]
fn no_field_is_described_that_the_contract_does_not_name() {
    fn collect(schema: &Value, path: &str, found: &mut Vec<String>) {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            collect(field, &path, found);
            collect(&field["items"], &format!("{path}[]"), found);
            found.push(path);
        }
    }
    let mut found = Vec::new();
    collect(&SCHEMA, "", &mut found);
    for field in found {
        assert!(FIELDS.contains(&field.as_str()) || OPTIONAL.contains(&field.as_str()), "{field}");
    }
}

/// The contract closes these lists: a script may match on them without a default.
#[test]
fn closed_lists_are_closed() {
    let list = |field: &str| described(field).expect("a description").0["enum"].clone();
    assert_eq!(list("verdict"), json!(["ok", "warning", "error", "unknown"]));
    assert_eq!(list("findings[].severity"), json!(["error", "warning", "info"]));
    assert_eq!(list("findings[].certainty"), json!(["certain", "likely"]));
    let codes = [0, 1, 2].into_iter().chain(10..=19).chain([130]);
    assert_eq!(list("exit_code"), json!(codes.collect::<Vec<_>>()));
    let probes = list("probes[].id");
    let names = recording::probes().map(|(id, _)| id).chain(["asked"]);
    assert_eq!(probes, json!(names.collect::<Vec<_>>()));
    assert_eq!(described("answers[].probes").expect("a description").0["items"]["enum"], probes);
}

#[test]
fn a_report_on_an_index_is_as_described() {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "stable", &oci_index(&["amd64", "arm64"], Field::Present));
    assert_report(&probe(&registry.reference(REPOSITORY, "stable"), &["--plain-http"]), 200);
}

#[test]
fn a_report_on_a_docker_image_is_as_described() {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    assert_report(&probe(&registry.reference(REPOSITORY, "stable"), &["--plain-http"]), 200);
}

#[test]
fn a_report_for_a_client_of_one_s_own_is_as_described() {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    let asking = ["--plain-http", "--accept", media_type::OCI_MANIFEST];
    let report = assert_report(&probe(&registry.reference(REPOSITORY, "stable"), &asking), 200);
    assert!(report["probes"].as_array().expect("a list").iter().any(|probe| probe["id"] == "asked"), "{report:#}");
}

#[test]
fn a_report_on_an_unknown_tag_is_as_described() {
    assert_report(&probe_of_unknown_tag(), 404);
}

#[test]
fn a_report_without_the_password_that_is_wanted_is_as_described() {
    assert_report(&probe_without_password(), 401);
}

#[test]
fn a_report_on_a_closed_port_is_as_described() {
    let report = assert_report(&probe_of_closed_port(), Value::Null);
    let answered = report["probes"].as_array().expect("a list").iter().any(|probe| !probe["status"].is_null());
    assert!(!answered, "{report:#}");
}

#[test]
fn a_report_with_a_token_is_as_described() {
    let report = assert_report(&probe_with_token(), 200);
    assert!(report["exchanges"].as_array().expect("a list").iter().any(|exchange| exchange["purpose"] == "token"));
}

/// A schema that refuses nothing would pass all of the above.
#[test]
fn a_report_with_a_field_missing_or_of_another_type_is_refused() {
    let runs = [probe_of_unknown_tag(), probe_without_password(), probe_of_closed_port(), probe_with_token()];
    let reports = runs.map(|run| run.json());
    for field in FIELDS {
        let report = reports.iter().find(|report| owner_in(&mut (*report).clone(), field).is_some());
        let report = report.unwrap_or_else(|| panic!("no report has {field}"));

        let mut without = report.clone();
        let (owner, name) = owner_in(&mut without, field).expect("it was found before");
        owner.as_object_mut().expect("an object").shift_remove(name).expect("it was found before");
        assert!(!VALIDATOR.is_valid(&without), "{field} may be missing");

        // A list of lists of lists is nowhere in a report.
        let of_another_type = with(report.clone(), field, json!([[[]]]));
        assert!(!VALIDATOR.is_valid(&of_another_type), "{field} may be anything");
    }
}

#[test]
fn a_report_with_an_unknown_word_in_a_closed_list_is_refused_and_one_with_more_fields_is_not() {
    let report = probe_without_password().json();
    for field in ["schema", "verdict", "findings[].severity", "findings[].certainty", "probes[].id"] {
        assert!(!VALIDATOR.is_valid(&with(report.clone(), field, json!("perhaps"))), "{field}");
    }
    assert!(!VALIDATOR.is_valid(&with(report.clone(), "exit_code", json!(3))));

    let mut more = report;
    more["since"] = json!("a later version");
    more["probes"][0]["since"] = json!("a later version");
    assert_described(&more);
}
