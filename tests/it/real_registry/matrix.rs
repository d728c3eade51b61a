//! `probe` sees for all content what was recorded, and knows whether it is an image that can be pulled.

use serde_json::{Value, json};

use super::REPOSITORY;
use crate::support::content::{self, Document};
use crate::support::ociscope::probe;
use crate::support::recording::{self, Recorded};
use crate::support::registry::{Options, Registry};
use crate::support::report::Report;

/// Probes this content by tag and by digest and compares each cell with the recording.
#[track_caller]
fn probe_sees_what_was_recorded(name: &str, exit_status: i32) {
    let registry = Registry::start(Options::default());
    let stored = content::recorded(name);
    registry.push(REPOSITORY, "stable", &stored);

    for by_digest in [false, true] {
        let asked = if by_digest { &stored.digest } else { "stable" };
        let reference = registry.reference(REPOSITORY, asked);
        let run = probe(&reference, &["--plain-http"]);
        assert_eq!(run.status, exit_status, "{run:?}");

        let report = run.report();
        let row = recording::row(name, by_digest);
        assert_cells(&report, &stored, |variant| row.answer(variant).clone());
        assert_eq!(answers_by_probe(&report), sorted(row.probes_by_answer()), "probes that were answered alike");
        assert_eq!(
            report.0["reference"],
            json!({
                "input": reference,
                "registry": registry.address.to_string(),
                "repository": REPOSITORY,
                "tag": if by_digest { Value::Null } else { json!("stable") },
                "digest": if by_digest { json!(stored.digest) } else { Value::Null },
            })
        );
    }
}

/// Checks that there are the twelve probes in their order, and each has seen what is expected.
#[track_caller]
pub(super) fn assert_cells(
    report: &Report,
    stored: &Document,
    expected: impl Fn(&'static recording::Variant) -> Recorded,
) {
    let ids: Vec<&Value> = report.list("probes").iter().map(|probe| &probe["id"]).collect();
    assert_eq!(ids, recording::probes().map(|(id, _)| id).collect::<Vec<_>>());

    for (id, variant) in recording::probes() {
        let probe = report.probe(id);
        let accept =
            probe["accept"].as_array().expect("a list of lines").iter().map(|line| line.as_str().expect("a line"));
        assert_eq!(accepted_types(accept.collect()), accepted_types(variant.lines.to_vec()), "{id}");
        match expected(variant) {
            Recorded::Served { media_type, stored_digest, .. } => {
                assert_eq!(probe["status"], 200, "{id}: {probe}");
                assert_eq!(probe["served_type"], media_type, "{id}: {probe}");
                assert_eq!(probe["digest"] == stored.digest, stored_digest, "{id}: {probe}");
                assert!(probe["digest"].is_string(), "{id}: {probe}");
                assert_eq!(probe["error"], Value::Null, "{id}: {probe}");
                if stored_digest {
                    assert_eq!(probe["size"], stored.bytes.len(), "{id}: {probe}");
                }
            }
            Recorded::Refused { status, code, message } => {
                assert_eq!(probe["status"], status, "{id}: {probe}");
                assert_eq!(probe["error"], json!({ "code": code, "message": message }), "{id}: {probe}");
                assert_eq!(probe["digest"], Value::Null, "{id}: {probe}");
            }
        }
    }
}

/// The media types of each `Accept` line. Their order within a line is for the program to choose.
pub(super) fn accepted_types(lines: Vec<&str>) -> Vec<Vec<&str>> {
    lines.into_iter().map(|line| sorted(line.split(',').map(str::trim).collect())).collect()
}

/// The probes of each distinct answer, as the report groups them.
fn answers_by_probe(report: &Report) -> Vec<Vec<&str>> {
    let answers = report.list("answers").iter();
    let groups = answers.map(|answer| {
        let probes = answer["probes"].as_array().expect("a list");
        let probes: Vec<&str> = probes.iter().map(|probe| probe.as_str().expect("an id")).collect();
        for probe in &probes {
            assert_eq!(report.probe(probe)["answer"], answer["id"], "both lists say the same");
            assert_eq!(report.probe(probe)["status"], answer["status"], "both lists say the same");
        }
        probes
    });
    sorted(groups.collect())
}

fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort();
    list
}

#[test]
fn a_docker_image_is_converted_for_whoever_does_not_ask_for_it_by_tag() {
    probe_sees_what_was_recorded("schema2", 0);
}

#[test]
fn a_docker_list_is_replaced_by_one_of_its_images_for_whoever_does_not_ask_for_lists() {
    probe_sees_what_was_recorded("list", 0);
}

#[test]
fn a_docker_list_without_the_platform_cannot_be_pulled_for_it() {
    probe_sees_what_was_recorded("list-arm-only", 18);
}

#[test]
fn an_oci_image_is_hidden_from_whoever_does_not_ask_for_it() {
    probe_sees_what_was_recorded("oci", 0);
}

#[test]
fn an_oci_image_without_the_type_field_is_treated_like_any_other() {
    probe_sees_what_was_recorded("oci-nomt", 0);
}

#[test]
fn an_oci_index_is_hidden_from_whoever_does_not_ask_for_it() {
    probe_sees_what_was_recorded("index", 0);
}

#[test]
fn an_oci_index_without_the_type_field_is_served_to_everybody() {
    probe_sees_what_was_recorded("index-nomt", 0);
}

#[test]
fn an_artifact_is_no_image() {
    probe_sees_what_was_recorded("artifact", 18);
}

#[test]
fn a_client_that_knows_docker_types_only_cannot_pull_an_oci_image() {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "stable", &content::recorded("oci"));
    let asking = ["--accept", content::media_type::DOCKER_V2, "--accept", content::media_type::DOCKER_LIST];
    let run = probe(&registry.reference(REPOSITORY, "stable"), &[&["--plain-http"], &asking[..]].concat());
    assert_eq!(run.status, 11, "{run:?}");
    run.report();
}

#[test]
fn a_client_that_knows_oci_types_only_is_sent_a_docker_v1_manifest_and_cannot_use_it() {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "stable", &content::recorded("schema2"));
    let asking = ["--accept", content::media_type::OCI_MANIFEST, "--accept", content::media_type::OCI_INDEX];
    let run = probe(&registry.reference(REPOSITORY, "stable"), &[&["--plain-http"], &asking[..]].concat());
    assert_eq!(run.status, 11, "{run:?}");
    run.report();
}
