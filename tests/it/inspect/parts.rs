//! `manifest`, `config`, `layers`, `platforms` and `blob`, in the lab and against a server that means it ill.

use std::io::{Read, Seek};

use ociscope::internals::scenario;
use serde_json::{Value, json};

use crate::support::content::media_type;
use crate::support::document::assert_described;
use crate::support::hostile::{Server, answer, head};
use crate::support::layer::Layer;
use crate::support::ociscope::{Ociscope, Run, in_a_shell, ociscope};
use crate::support::{digest_of, is_active};

/// A command about the reference of a scenario, for linux/amd64.
fn prepared(name: &str, command: &[&str]) -> Ociscope {
    prepared_for(name, command, scenario(name).expect("a scenario").reference.as_str())
}

fn prepared_for(name: &str, command: &[&str], reference: &str) -> Ociscope {
    let lab = format!("--lab={name}");
    ociscope(&[&[lab.as_str(), "--platform", "linux/amd64"], command, &[reference]].concat())
}

pub(super) fn run(name: &str, command: &[&str]) -> Run {
    prepared(name, command).env("COLUMNS", "160").run()
}

/// The JSON form of a command, as its schema describes it.
#[track_caller]
pub(super) fn shown(name: &str, command: &str, status: i32) -> Value {
    described(command, &run(name, &[command, "--json"]), status)
}

#[track_caller]
fn described(command: &str, run: &Run, status: i32) -> Value {
    assert_eq!((run.status, run.stderr.as_str(), run.stdout.lines().count()), (status, "", 1), "{run:?}");
    assert_described(&format!("docs/{command}.schema.json"), &run.stdout);
    let shown = run.json();
    assert_eq!(shown["schema"], format!("ociscope.{command}/1"));
    let all = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let sent: Vec<_> = all(&shown, "exchanges").iter().map(|exchange| exchange["id"].clone()).collect();
    let proof: Vec<_> = all(&shown, "findings").iter().flat_map(|finding| all(finding, "evidence")).collect();
    assert!(proof.iter().all(|proof| sent.contains(&proof["exchange"])), "{proof:?} is of none of {sent:?}");
    shown
}

/// What a command writes to standard output, byte by byte.
#[track_caller]
fn bytes_of(command: Ociscope, status: i32) -> Vec<u8> {
    let mut file = tempfile::tempfile().expect("a file");
    let run = command.run_with_stdout(file.try_clone().expect("a second handle"));
    assert_eq!((run.status, run.stderr.as_str()), (status, ""));
    let mut bytes = Vec::new();
    file.rewind().expect("a file");
    file.read_to_end(&mut bytes).expect("what was written");
    bytes
}

/// The repository of a scenario at a digest.
fn at(name: &str, digest: &str) -> String {
    let reference = scenario(name).expect("a scenario").reference.clone();
    let (repository, _) = reference.rsplit_once(':').expect("a tag");
    format!("{repository}@{digest}")
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[test]
fn a_manifest_is_shown_as_it_is_and_its_digest_is_checked() {
    let manifest = run("distribution-3-healthy", &["manifest"]);
    assert_eq!((manifest.status, manifest.stderr.as_str()), (0, ""), "{manifest:?}");
    for expected in [
        "lab scenario distribution-3-healthy: simulated, no network traffic",
        "\n  oci index · sha256:",
        "\n  │   \"schemaVersion\": 2,\n",
        "GET https://registry-3.example/v2/demo/app/manifests/1.0  200  732 bytes  digest ✓\n",
    ] {
        assert!(manifest.stdout.contains(expected), "{expected:?} is not in {manifest:?}");
    }
    let shown = shown("distribution-3-healthy", "manifest", 0);
    assert_eq!(shown["media_type"], media_type::OCI_INDEX);
    assert_eq!(shown["manifest"]["manifests"].as_array().map(Vec::len), Some(2));
}

#[test]
fn raw_bytes_are_those_of_the_digest() {
    for name in ["distribution-3-healthy", "index-20-platforms", "gcr-deepvariant", "helm-chart", "hub-2025-oci-index"]
    {
        let shown = shown(name, "manifest", 0);
        let bytes = bytes_of(prepared(name, &["manifest", "--raw"]), 0);
        assert_eq!(digest_of(&bytes), text(&shown["digest"]), "{name}");
        assert_eq!(Some(bytes.len() as u64), shown["size"].as_u64(), "{name}");
        assert_eq!(serde_json::from_slice::<Value>(&bytes).expect("JSON"), shown["manifest"], "{name}");
    }
    let config = shown("gcr-deepvariant", "config", 0);
    let bytes = bytes_of(prepared("gcr-deepvariant", &["config", "--raw"]), 0);
    assert_eq!(digest_of(&bytes), text(&config["digest"]));
    let layers = shown("storage-s3-healthy", "layers", 0);
    let digest = text(&layers["layers"][0]["digest"]);
    let blob = prepared_for("storage-s3-healthy", &["blob", "--raw"], &at("storage-s3-healthy", digest));
    assert_eq!(digest_of(&bytes_of(blob, 0)), digest);
}

/// Whoever wants to look at a damaged document gets it, and is told by mark and status.
#[test]
fn bytes_with_another_digest_are_shown_and_are_no_success() {
    let name = "wrong-manifest-bytes";
    let manifest = run(name, &["manifest"]);
    assert!(manifest.status == 17 && manifest.stdout.contains("digest ✗"), "{manifest:?}");
    let reference = &scenario(name).expect("a scenario").reference;
    assert!(!reference.ends_with(&digest_of(&bytes_of(prepared(name, &["manifest", "--raw"]), 17))));
    // But nothing is believed that it says.
    let config = shown(name, "config", 17);
    assert_eq!(config["findings"][0]["rule"], "content-does-not-match-digest");
}

#[test]
fn an_old_client_is_served_what_it_accepts() {
    let v2 = run("gcr-deepvariant", &["manifest", "--accept", media_type::DOCKER_V2]);
    assert!(v2.status == 0 && v2.stdout.contains("\n  docker v2 · sha256:"), "{v2:?}");
    let v1 = run("gcr-deepvariant", &["manifest", "--json", "--accept", media_type::DOCKER_V1]);
    let v1 = described("manifest", &v1, 11);
    assert_eq!(v1["findings"][0]["rule"], "docker-v2-not-accepted");
}

#[test]
fn the_configuration_says_how_an_image_is_run() {
    let config = run("gcr-deepvariant", &["config"]);
    assert_eq!((config.status, config.stderr.as_str()), (0, ""), "{config:?}");
    for expected in [
        "\n  linux/amd64 · created 2018-02-13 · 14 steps of history\n",
        "\n  │ Entrypoint  –\n",
        "\n  │ Cmd         [\"/bin/bash\"]\n",
        "\n  │ Env\n  │   PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n  │   DV_GPU_BUILD=0\n",
        "  200  2988 bytes  digest ✓\n",
    ] {
        assert!(config.stdout.contains(expected), "{expected:?} is not in {config:?}");
    }
    let config = shown("gcr-deepvariant", "config", 0);
    assert_eq!(config["platform"], "linux/amd64");
    assert_eq!(config["config"]["config"]["Cmd"], json!(["/bin/bash"]));
}

/// Through an index, and through an index in an index.
#[test]
fn the_image_for_the_platform_is_found_in_an_index() {
    for name in ["distribution-3-healthy", "index-20-platforms", "hub-2025-oci-index", "nested-index"] {
        assert_eq!(shown(name, "config", 0)["platform"], "linux/amd64", "{name}");
        assert_eq!(shown(name, "layers", 0)["platform"], "linux/amd64", "{name}");
    }
    let reference = &scenario("distribution-3-healthy").expect("a scenario").reference;
    let arm = ociscope(&["--lab=distribution-3-healthy", "--platform", "linux/arm64", "config", "--json", reference]);
    assert_eq!(described("config", &arm.run(), 0)["platform"], "linux/arm64/v8");
}

#[test]
fn layers_have_the_steps_that_made_them_and_a_sum() {
    let layers = shown("gcr-deepvariant", "layers", 0);
    let all = layers["layers"].as_array().expect("layers");
    let sum: u64 = all.iter().map(|layer| layer["size"].as_u64().expect("a size")).sum();
    assert_eq!((all.len(), layers["total_size"].as_u64()), (11, Some(sum)));
    assert!(text(&all[0]["created_by"]).starts_with("/bin/sh -c #(nop) ADD file:"), "{layers}");
    let manifest = shown("gcr-deepvariant", "manifest", 0);
    let digests =
        |list: &Value| list.as_array().map(|list| list.iter().map(|one| one["digest"].clone()).collect::<Vec<_>>());
    assert_eq!(digests(&layers["layers"]), digests(&manifest["manifest"]["layers"]));
    let drawn = run("gcr-deepvariant", &["layers"]);
    assert!(drawn.stdout.contains(&format!("linux/amd64 · 11 layers · {sum} bytes in total")), "{drawn:?}");
    assert!(drawn.stdout.contains("tar, gzip"), "{drawn:?}");
}

/// The layers stand in the manifest, so they are there without the configuration too.
#[test]
fn without_a_configuration_layers_are_still_listed() {
    let layers = shown("missing-config", "layers", 0);
    assert_eq!((&layers["platform"], &layers["layers"][0]["created_by"]), (&Value::Null, &Value::Null));
    assert!(run("missing-config", &["layers"]).stdout.contains("Build steps are unknown"));
}

#[test]
fn platforms_are_listed_and_attestations_marked() {
    let wide = shown("index-20-platforms", "platforms", 0);
    let platforms = wide["platforms"].as_array().expect("platforms");
    let wanted: Vec<_> = platforms.iter().filter(|one| one["wanted"] == true).map(|one| &one["platform"]).collect();
    assert_eq!((platforms.len(), wanted), (20, vec![&json!("linux/amd64")]));

    let built = shown("index-with-attestations", "platforms", 0);
    let marks: Vec<_> =
        built["platforms"].as_array().expect("platforms").iter().map(|one| &one["attestation"]).collect();
    assert_eq!(marks, [false, false, true, true]);
    assert_eq!(built["platforms"][2]["attests"], built["platforms"][0]["digest"]);
    let drawn = run("index-with-attestations", &["platforms"]);
    assert!(drawn.stdout.contains("an index with 2 images and 2 entries that are not images"), "{drawn:?}");
    assert!(drawn.stdout.contains("attestation of ") && drawn.stdout.contains("← selected"), "{drawn:?}");
}

/// A single image names no platform in its manifest; its configuration does.
#[test]
fn a_single_image_has_the_platform_of_its_configuration() {
    let single = shown("gcr-deepvariant", "platforms", 0);
    assert_eq!((&single["index"], &single["platforms"][0]["platform"]), (&json!(false), &json!("linux/amd64")));
    assert_eq!(single["platforms"][0]["wanted"], true);
    assert_eq!(shown("arm64-image", "platforms", 0)["platforms"][0]["wanted"], false);
    assert!(run("index-other-platforms", &["platforms"]).stdout.contains("No entry is for linux/amd64."));
}

#[test]
fn what_stands_in_the_way_of_an_image_is_told_by_its_rule() {
    for (name, command, rule, status) in [
        ("helm-chart", "config", "helm-chart-as-image", 18),
        ("helm-chart", "layers", "helm-chart-as-image", 18),
        ("helm-chart", "platforms", "helm-chart-as-image", 18),
        ("index-missing-child", "config", "dangling-index-child", 17),
        ("index-missing-child", "layers", "dangling-index-child", 17),
        ("index-other-platforms", "config", "platform-not-in-index", 18),
        ("missing-config", "config", "config-blob-missing", 17),
        ("missing-config", "platforms", "config-blob-missing", 17),
        ("no-latest-tag", "manifest", "tag-not-found", 10),
        ("hub-rate-limited", "layers", "hub-pull-limit", 14),
    ] {
        let refused = shown(name, command, status);
        assert_eq!(refused["findings"][0]["rule"], rule, "{name} {command}");
        let told = run(name, &[command]);
        let likely = if refused["findings"][0]["certainty"] == "likely" { " · likely" } else { "" };
        assert!(told.status == status && told.stdout.contains(&format!("\n  {rule}{likely}: ")), "{told:?}");
    }
    // Its index is there all the same, and what it lists.
    assert_eq!(shown("index-missing-child", "platforms", 0)["platforms"][0]["platform"], "linux/amd64");
}

#[test]
fn markdown_names_the_image_whether_it_came_or_not() {
    for (name, status) in [("gcr-deepvariant", 0), ("schema1-signed", 0), ("ghcr-private-or-missing", 12)] {
        for command in ["config", "layers", "platforms", "manifest"] {
            let told = run(name, &[command, "--format", "markdown"]);
            let repository = at(name, "");
            let repository = repository.trim_end_matches('@');
            assert_eq!(told.status, status, "{told:?}");
            assert!(told.stdout.contains(&format!("### `{repository}:")), "{repository}: {told:?}");
        }
    }
}

#[test]
fn a_blob_is_known_by_its_beginning_and_its_place() {
    let layers = shown("storage-s3-healthy", "layers", 0);
    let layer = &layers["layers"][0];
    let reference = at("storage-s3-healthy", text(&layer["digest"]));
    let blob = prepared_for("storage-s3-healthy", &["blob", "--json"], &reference).run();
    let blob = described("blob", &blob, 0);
    assert_eq!((&blob["kind"], &blob["size"]), (&json!("gzip"), &layer["size"]));
    assert_eq!(blob["host"], "registry-blobs.s3.eu-west-1.amazonaws.example");
    assert_eq!(blob["redirected"], true);
    // The signature in the address of the storage is a secret.
    let blob = prepared_for("storage-s3-healthy", &["blob"], &reference).env("COLUMNS", "400").run();
    assert!(blob.stdout.contains("2071 bytes · first bytes: gzip"), "{blob:?}");
    let signature = blob.stdout.split("Signature=").nth(1).expect("a signed address");
    assert!(!signature.starts_with(|c: char| c.is_ascii_hexdigit()), "{blob:?}");

    let manifest = shown("distribution-3-healthy", "config", 0);
    let reference = at("distribution-3-healthy", text(&manifest["digest"]));
    let blob = prepared_for("distribution-3-healthy", &["blob", "--json"], &reference).run();
    let blob = described("blob", &blob, 0);
    assert_eq!((&blob["kind"], &blob["redirected"]), (&json!("json"), &json!(false)));
}

#[test]
fn a_blob_that_is_not_there_or_has_no_name_is_told() {
    let reference = at("distribution-3-healthy", &digest_of(b"nobody has this"));
    for raw in [&["blob", "--json"][..], &["blob", "--raw", "--json"]] {
        let blob = described("blob", &prepared_for("distribution-3-healthy", raw, &reference).run(), 10);
        assert!(text(&blob["problem"]).contains("has no blob"), "{blob}");
    }
    let nameless = run("distribution-3-healthy", &["blob"]);
    assert_eq!((nameless.status, nameless.stdout.as_str()), (2, ""));
    assert!(nameless.stderr.contains("addressed by its digest"), "{nameless:?}");
}

/// The bound is ours, so it is not called a fault of the registry.
#[test]
fn a_blob_without_end_is_given_up_and_the_bound_is_named() {
    let server = Server::behaving(|mut connection| {
        if connection.request().is_some() {
            connection.send(&head("200 OK", &[("Content-Type", "application/octet-stream")], b""));
            connection.send_without_end(&[7; 1 << 16], 80 << 20);
        }
    });
    let reference = format!("{}/team/app@{}", server.origin("http"), digest_of(b"anything"));
    let run = ociscope(&["blob", "--raw", "--json", &reference]).run();
    let told = described("blob", &run, 1);
    assert!(text(&told["problem"]).contains("64 MiB"), "{told}");
    // Without --raw, the beginning is enough.
    let beginning = described("blob", &ociscope(&["blob", "--json", &reference]).run(), 0);
    assert_eq!((&beginning["kind"], &beginning["size"]), (&json!("other"), &Value::Null));
}

#[test]
fn all_of_them_can_be_piped() {
    for command in ["manifest", "config", "layers", "platforms"] {
        assert_eq!(prepared("index-20-platforms", &[command]).run_without_reader().status, 0, "{command}");
    }
    let reference = &scenario("gcr-deepvariant").expect("a scenario").reference;
    let piped = in_a_shell(&format!("ociscope --lab=gcr-deepvariant manifest --raw {reference} | sha256sum")).run();
    let digest = shown("gcr-deepvariant", "manifest", 0)["digest"].clone();
    assert_eq!(piped.stdout.split(' ').next(), text(&digest).strip_prefix("sha256:"));
}

/// What a terminal would act on, and what would look like our own words.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}\r\n✗ it cannot be pulled\u{200b}```\n# owned";

/// A registry with one image, whose publisher has written this wherever he could.
fn hostile_registry() -> Server {
    let layer = Layer::with_greeting("hello").bytes;
    let config = json!({
        "os": HOSTILE, "architecture": HOSTILE, "created": HOSTILE, "author": HOSTILE,
        "config": { "Env": [HOSTILE], "Cmd": [HOSTILE], "Labels": { HOSTILE: HOSTILE }, "Volumes": { HOSTILE: {} } },
        "history": [{ "created_by": HOSTILE }],
        "rootfs": { "type": "layers", "diff_ids": [HOSTILE] },
    });
    let config = serde_json::to_vec(&config).expect("JSON");
    let manifest = json!({
        "schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
        "config": { "mediaType": media_type::OCI_CONFIG, "digest": digest_of(&config), "size": config.len() },
        "layers": [
            { "mediaType": media_type::OCI_LAYER, "digest": digest_of(&layer), "size": layer.len() },
        ],
        "annotations": { HOSTILE: HOSTILE },
    });
    let manifest = serde_json::to_vec(&manifest).expect("JSON");
    let index = json!({
        "schemaVersion": 2, "mediaType": media_type::OCI_INDEX,
        "manifests": [
            { "mediaType": HOSTILE, "digest": HOSTILE, "size": 1, "platform": { "os": HOSTILE, "architecture": HOSTILE } },
            { "mediaType": media_type::OCI_MANIFEST, "digest": digest_of(&manifest), "size": manifest.len(),
              "platform": { "os": "linux", "architecture": "amd64", "os.version": HOSTILE } },
        ],
    });
    let index = serde_json::to_vec(&index).expect("JSON");
    let (of_manifest, of_config) = (digest_of(&manifest), digest_of(&config));
    Server::answering(move |request| {
        let (kind, body) = match request.path.as_str() {
            target if target.ends_with(&of_manifest) => (media_type::OCI_MANIFEST, &manifest),
            target if target.ends_with(&of_config) => ("application/octet-stream", &config),
            target if target.contains("/manifests/") => (media_type::OCI_INDEX, &index),
            _ => ("application/octet-stream", &layer),
        };
        answer("200 OK", &[("Content-Type", kind)], body)
    })
}

#[test]
fn hostile_words_in_an_image_only_ever_are_words() {
    let server = hostile_registry();
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    for command in ["manifest", "config", "layers", "platforms"] {
        for format in ["terminal", "markdown", "html", "json"] {
            let run = ociscope(&["--platform", "linux/amd64", "--format", format, command, &reference]).run();
            assert_eq!(run.status, 0, "{command} {run:?}");
            for character in run.stdout.chars().chain(run.stderr.chars()) {
                assert!(character == '\n' || !is_active(character), "{character:?} was written: {run:?}");
            }
            for line in run.stdout.lines() {
                assert!(!line.starts_with('✗') && !line.starts_with("# owned"), "{line:?} in {run:?}");
            }
            if format == "json" {
                described(command, &run, 0);
            }
        }
    }
    // The words themselves are kept for programs.
    let config = ociscope(&["--platform", "linux/amd64", "--json", "config", &reference]).run().json();
    assert_eq!(config["config"]["config"]["Env"][0], HOSTILE);
}

/// A tag that cannot be told from a repository that may not be listed is likely missing, and no more.
#[test]
fn likely_finding_is_called_likely() {
    let likely = run("ghcr-missing-tag", &["manifest"]);
    assert!(likely.stdout.contains("tag-not-found · likely: "), "{}", likely.stdout);
    let certain = run("acr-firewall", &["manifest"]);
    assert!(certain.stdout.contains("network-acl: ") && !certain.stdout.contains("likely"), "{}", certain.stdout);
}
