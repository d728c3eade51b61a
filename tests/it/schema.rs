//! The schemas of what is printed as JSON: they are made from the types, kept in `docs`, and say what the contract says.

mod kept;
mod reports;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use self::reports::*;
use crate::support::content::{Field, docker_image, media_type, oci_index};
use crate::support::ociscope::{Run, ociscope, probe};
use crate::support::recording;
use crate::support::registry::{Options, Registry};

pub use kept::texts;

const REPOSITORY: &str = "demo/app";

/// The schema of reports.
static SCHEMA: LazyLock<Value> = LazyLock::new(|| printed("report"));

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| jsonschema::draft202012::new(&SCHEMA).expect("a schema"));

/// The names of all schemas.
fn names() -> Vec<String> {
    let listed = ociscope(&["schema", "--json"]).run().json();
    let named = |one: &Value| one["name"].as_str().expect("a name").to_owned();
    listed["schemas"].as_array().expect("a list").iter().map(named).collect()
}

/// The schema of a name, as the program prints it.
fn printed(name: &str) -> Value {
    ociscope(&["schema", name]).run().json()
}

/// A part of a schema, where it is kept elsewhere in the same document: there.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let one = |schema: &'a Value| {
        let place = schema["$ref"].as_str()?.strip_prefix('#')?;
        root.pointer(place)
    };
    let any = || schema["anyOf"].as_array()?.iter().find_map(one);
    one(schema).or_else(any).unwrap_or(schema)
}

/// Every field that a schema describes, and whether it has to be there; `[]` is each element of a list. What is nested in
/// itself is described once.
fn fields(root: &Value) -> Vec<(String, bool)> {
    fn collect<'a>(
        root: &'a Value,
        schema: &'a Value,
        path: &str,
        above: &[&'a Value],
        found: &mut Vec<(String, bool)>,
    ) {
        let schema = resolved(root, schema);
        if above.iter().any(|other| std::ptr::eq(*other, schema)) {
            return;
        }
        let above = [above, &[schema]].concat();
        let required = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            found.push((path.clone(), required(name)));
            collect(root, field, &path, &above, found);
        }
        if let Some(items) = schema.get("items").filter(|items| items.is_object()) {
            collect(root, items, &format!("{path}[]"), &above, found);
        }
    }
    let mut found = Vec::new();
    collect(root, root, "", &[], &mut found);
    found
}

/// What the schema of reports says of a field.
fn described(field: &str) -> Option<&'static Value> {
    let root: &'static Value = &SCHEMA;
    field.split('.').try_fold(root, |at, part| {
        let at = resolved(root, resolved(root, at)["properties"].get(part.trim_end_matches("[]"))?);
        if part.ends_with("[]") { at.get("items").map(|items| resolved(root, items)) } else { Some(at) }
    })
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

/// Whatever is written as JSON can be looked up: every form that a type of the source has is published.
#[test]
fn every_form_of_the_source_is_published() {
    fn forms(folder: &std::path::Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                forms(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("text");
                let names = text.split("const NAME: &'static str = \"").skip(1);
                found.extend(names.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
            }
        }
    }
    let mut found = BTreeSet::new();
    forms(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
    let shell = printed("shell");
    let own = shell["oneOf"].as_array().expect("a list").iter().map(|one| &one["properties"]["schema"]["const"]);
    let own = own.map(|name| name.as_str().expect("a name").trim_start_matches("ociscope.").replace("/1", ""));
    let published: BTreeSet<_> = own.chain(names()).filter(|name| name != "shell").collect();
    assert_eq!(found, published);
}

/// A reader learns from the schema alone what a field is. What a constant is goes without saying.
#[test]
fn every_field_is_described_in_words() {
    fn without_words(schema: &Value, path: &str, found: &mut Vec<String>) {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let says = field["description"].as_str().is_some_and(|words| !words.is_empty());
            if !says {
                found.push(format!("{path}.{name}"));
            }
        }
        let inside = match schema {
            Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect::<Vec<_>>(),
            Value::Array(values) => values.iter().map(|value| (String::new(), value)).collect(),
            _ => Vec::new(),
        };
        inside.iter().for_each(|(name, value)| without_words(value, &format!("{path}.{name}"), found));
    }
    let mut found = Vec::new();
    names().iter().for_each(|name| without_words(&printed(name), name, &mut found));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn schemas_are_listed_with_what_prints_them() {
    let run = ociscope(&["schema"]).env("COLUMNS", "200").run();
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    for (name, printed_by) in [
        ("report", "`ociscope diagnose --json`"),
        ("tags", "`ociscope tags REF --json`"),
        ("exchange", "`ociscope head --json`"),
        ("lab-serve", "`ociscope lab serve NAME --json`"),
        ("shell", "only the shell"),
    ] {
        let line = run.stdout.lines().find(|line| line.split_whitespace().next() == Some(name));
        assert!(line.is_some_and(|line| line.contains(printed_by)), "{name}: {}", run.stdout);
    }
    let listed = ociscope(&["schema", "--json"]).run();
    crate::support::document::assert_described("docs/schemas.schema.json", &listed.stdout);
}

/// The name that a value has in its field `schema` names its schema, too.
#[test]
fn schema_is_found_by_the_name_that_values_have() {
    for (value, name) in [
        ("ociscope.report/1", "report"),
        ("ociscope.lab.serve/1", "lab-serve"),
        ("ociscope.platforms/1", "platforms"),
        ("ociscope.tls/1", "tls"),
        ("ociscope.explanation/1", "explanation"),
    ] {
        assert_eq!(printed(value)["properties"]["schema"]["const"], value);
        assert_eq!(printed(value), printed(name));
    }
}

#[test]
fn unknown_schema_is_wrong_usage_and_the_nearest_is_proposed() {
    for (typed, nearest) in [
        ("reprot", "report"),
        ("platform", "platforms"),
        ("explanations", "explanation"),
        ("lab-server", "lab-serve"),
        ("layer", "layers"),
    ] {
        let run = ociscope(&["schema", typed]).run();
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{typed}");
        assert!(run.stderr.contains(&format!("'{nearest}'")), "{typed}: {}", run.stderr);
        let line = format!("schema {typed}\n");
        let run = ociscope(&[]).input(&line).run();
        assert!(run.status == 2 && run.stderr.contains(&format!("'{nearest}'")), "{typed}: {run:?}");
    }
    let run = ociscope(&["schema", "nothing-like-it"]).run();
    assert!(run.status == 2 && !run.stderr.contains("similar"), "{run:?}");
}

/// In the shell, through a pipe and into a file it is the same text.
#[test]
fn schema_is_the_same_by_every_door() {
    let alone = ociscope(&["schema", "tags"]).run();
    let script = ociscope(&[]).input("schema tags\n").run();
    assert_eq!((script.status, script.stdout), (0, alone.stdout.clone()));
    let run = ociscope(&["schema", "tags", "--json"]).run();
    assert_eq!(run.stdout, alone.stdout, "a schema is JSON whatever is asked for");
    let run = ociscope(&["schema", "tags"]).run_without_reader();
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
}

/// The contract closes these lists: a script may match on them without a default.
#[test]
fn closed_lists_are_closed() {
    let list = |field: &str| described(field).expect("a description")["enum"].clone();
    assert_eq!(list("verdict"), json!(["ok", "warning", "error", "unknown"]));
    assert_eq!(list("findings[].severity"), json!(["error", "warning", "info"]));
    assert_eq!(list("findings[].certainty"), json!(["certain", "likely"]));
    let codes = [0, 1, 2].into_iter().chain(10..=20).chain([130]);
    assert_eq!(list("exit_code"), json!(codes.collect::<Vec<_>>()));
    let probes = list("probes[].id");
    let names = recording::probes().map(|(id, _)| id).chain(["asked"]);
    assert_eq!(probes, json!(names.collect::<Vec<_>>()));
    assert_eq!(described("answers[].probes").expect("a description")["items"]["enum"], probes);
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

#[test]
fn a_report_on_one_of_several_is_as_described() {
    let reports = several();
    reports.iter().for_each(assert_described);
    assert_eq!((&reports[1]["depth"], &reports[1]["index"]), (&json!("batch"), &json!(1)));
    let shared = |report: &Value| {
        let exchanges = report["exchanges"].as_array().expect("a list");
        exchanges.iter().filter(|exchange| exchange["shared"] == true).count()
    };
    assert_eq!((shared(&reports[0]), shared(&reports[1]) > 2), (0, true));
}

#[test]
fn report_that_a_recording_answers_is_as_described() {
    let report = recorded();
    assert_described(&report);
    assert_eq!(report["recording"]["made"]["version"], env!("CARGO_PKG_VERSION"));
}

/// A schema that refuses nothing would pass all of the above.
#[test]
fn a_report_with_a_field_missing_or_of_another_type_is_refused() {
    let runs = [probe_of_unknown_tag(), probe_without_password(), probe_of_closed_port(), probe_with_token()];
    let mut reports = runs.map(|run| run.json()).to_vec();
    reports.push(diagnosed("certificate-expired", "registry.example/expired/app:1.0"));
    reports.push(diagnosed("ghcr-healthy", "ghcr.io/example/greeting:1.0"));
    reports.extend(several());
    reports.push(recorded());
    reports.iter().for_each(assert_described);
    for (field, required) in fields(&SCHEMA) {
        let report = reports.iter().find(|report| owner_in(&mut (*report).clone(), &field).is_some());
        let report = report.unwrap_or_else(|| panic!("no report has {field}"));

        let mut without = report.clone();
        let (owner, name) = owner_in(&mut without, &field).expect("it was found before");
        owner.as_object_mut().expect("an object").shift_remove(name).expect("it was found before");
        assert_eq!(VALIDATOR.is_valid(&without), !required, "whether {field} may be missing");

        // A list of lists of lists is nowhere in a report.
        let of_another_type = with(report.clone(), &field, json!([[[]]]));
        assert!(!VALIDATOR.is_valid(&of_another_type), "{field} may be anything");
    }
}

/// What was ever required is required: the names are the contract's.
#[test]
fn only_what_the_contract_lets_be_missing_may_be_missing() {
    let fields = fields(&SCHEMA);
    let may_be_missing: Vec<_> =
        fields.iter().filter(|(_, required)| !required).map(|(field, _)| field.as_str()).collect();
    assert_eq!(may_be_missing, ["recording", "depth", "index", "exchanges[].shared", "exchanges[].presented"]);
    assert!(fields.iter().any(|(field, _)| field == "exchanges[].timing.first_byte_ms"), "{fields:?}");
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
