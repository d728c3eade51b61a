//! `compare` on pairs that are staged on two real registries: copied, converted, recompressed and pushed anew. What each
//! pair differs in was written down by whoever staged it.

use std::io::ErrorKind;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::REPOSITORY;
use crate::support::content::{Document, Field, docker_image, docker_list, media_type, oci_image, oci_index};
use crate::support::document::assert_described;
use crate::support::layer::Layer;
use crate::support::ociscope::{Run, ociscope};
use crate::support::registry::{Access, Options, PASSWORD, Registry, USER};
use crate::support::{digest_of, search_path};

/// The bytes of a stored gzip member around its content: the header with the block's, and the checksums.
const GZIP: (usize, usize) = (15, 8);

/// A pair of registries, in which every pair of images has a tag of its own.
struct Stage {
    a: Registry,
    b: Registry,
}

/// A staged pair, and what is to be said of it.
struct Pair {
    /// The tag on both sides.
    tag: &'static str,
    stage: fn(&Stage, &str),
    status: i32,
    /// The kinds of the differences that clients notice, without those of the answers to other Accept headers.
    reasons: &'static [&'static str],
    /// Words that the differences have.
    words: &'static [&'static str],
    /// Consequences: who, and what they get.
    consequences: &'static [(&'static str, &'static str)],
}

const PAIRS: &[Pair] = &[
    Pair {
        tag: "same-image",
        stage: |stage, tag| stage.on_both(tag, &docker_image("amd64")),
        status: 0,
        reasons: &[],
        words: &[],
        consequences: &[],
    },
    Pair {
        tag: "same-index-copied",
        stage: |stage, tag| stage.copied(tag, &oci_index(&["amd64", "arm64"], Field::Present), &["--all"]),
        status: 0,
        reasons: &[],
        words: &[],
        consequences: &[],
    },
    Pair {
        tag: "white-space",
        stage: |stage, tag| {
            let image = docker_image("amd64");
            let compact = value(&image).to_string();
            stage.each(tag, &image, &written(&image, compact.into_bytes()));
        },
        status: 4,
        reasons: &["same-json"],
        words: &["other bytes: white space."],
        consequences: &[("pulls-by-digest", "fails"), ("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "trailing-newline",
        stage: |stage, tag| {
            let image = oci_image("amd64", Field::Present);
            stage.each(tag, &image, &written(&image, [&image.bytes[..], b"\n"].concat()));
        },
        status: 4,
        reasons: &["same-json"],
        words: &["white space at the end"],
        consequences: &[("pulls-by-digest", "fails"), ("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "order-of-fields",
        stage: |stage, tag| {
            let image = oci_image("amd64", Field::Present);
            let fields = value(&image).as_object().expect("an object").clone();
            let turned: serde_json::Map<_, _> = fields.into_iter().rev().collect();
            stage.each(tag, &image, &written(&image, serde_json::to_vec_pretty(&turned).expect("JSON")));
        },
        status: 4,
        reasons: &["same-json"],
        words: &["the order of fields."],
        consequences: &[("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "index-written-anew",
        stage: |stage, tag| {
            let index = oci_index(&["amd64", "arm64"], Field::Present);
            let compact = value(&index).to_string();
            stage.each(tag, &index, &written(&index, compact.into_bytes()));
        },
        status: 4,
        reasons: &["same-json"],
        words: &["The index is the same JSON"],
        consequences: &[("pulls-by-digest", "fails"), ("pulls-by-tag", "same")],
    },
    Pair {
        tag: "docker-to-oci",
        stage: |stage, tag| stage.copied(tag, &docker_image("amd64"), &["--format", "oci"]),
        status: 4,
        // skopeo writes the config anew (containers/image, internal/image/docker_schema2.go).
        reasons: &["converted", "same-json"],
        words: &["a Docker v2 manifest, B as an OCI manifest", "The config is the same JSON in other bytes"],
        consequences: &[("pulls-by-digest", "fails"), ("pulls-by-tag", "same-content"), ("accept-variants", "fails")],
    },
    Pair {
        tag: "oci-to-docker",
        stage: |stage, tag| stage.copied(tag, &oci_image("amd64", Field::Present), &["--format", "v2s2"]),
        status: 4,
        // skopeo keeps the config (containers/image, internal/image/oci.go).
        reasons: &["converted"],
        words: &["an OCI manifest, B as a Docker v2 manifest"],
        consequences: &[("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "docker-to-schema1",
        stage: |stage, tag| stage.copied(tag, &docker_image("amd64"), &["--format", "v2s1"]),
        status: 4,
        reasons: &["converted"],
        words: &["B as a Docker schema 1 manifest"],
        consequences: &[("pulls-by-digest", "fails")],
    },
    Pair {
        tag: "list-to-index",
        stage: |stage, tag| {
            let list = docker_list(&["amd64", "arm64"]);
            let index = edited(&list, media_type::OCI_INDEX, |list| list["mediaType"] = json!(media_type::OCI_INDEX));
            stage.each(tag, &list, &index);
        },
        status: 4,
        reasons: &["converted"],
        words: &["A serves the index as a Docker manifest list, B as an OCI index"],
        consequences: &[("pulls-by-tag", "same")],
    },
    Pair {
        tag: "gzip-to-zstd",
        stage: |stage, tag| {
            // A layer that the registry does not have yet, compressed in another way: skopeo would mount that.
            let Layer { bytes, diff_id } = Layer::with_greeting("Hello, zstd.\n");
            let image = with_layer(&oci_image("amd64", Field::Present), bytes, media_type::OCI_LAYER);
            let image = with_config(&image, |config| config["rootfs"]["diff_ids"][0] = json!(diff_id));
            stage.copied(tag, &image, &["--dest-compress-format", "zstd"]);
        },
        status: 4,
        reasons: &["recompressed"],
        words: &["the only layer was recompressed (gzip on A, zstd on B)"],
        consequences: &[("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "gzip-again",
        stage: |stage, tag| {
            let image = oci_image("amd64", Field::Present);
            let mut layer = image.blobs[1].clone();
            // The system on which the member was made (RFC 1952, section 2.3.1).
            layer[9] = 3;
            stage.each(tag, &image, &with_layer(&image, layer, media_type::OCI_LAYER));
        },
        status: 4,
        reasons: &["recompressed"],
        words: &["both gzip"],
        consequences: &[("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "uncompressed",
        stage: |stage, tag| {
            let image = oci_image("amd64", Field::Present);
            let member = &image.blobs[1];
            let archive = member[GZIP.0..member.len() - GZIP.1].to_vec();
            stage.each(tag, &image, &with_layer(&image, archive, "application/vnd.oci.image.layer.v1.tar"));
        },
        status: 4,
        reasons: &["recompressed"],
        words: &["gzip on A, uncompressed on B"],
        consequences: &[("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "platform-left-out",
        stage: |stage, tag| {
            let index = oci_index(&["amd64", "arm64"], Field::Present);
            stage.each(tag, &index, &oci_index(&["amd64"], Field::Present));
        },
        status: 4,
        reasons: &["platforms"],
        words: &["B lacks linux/arm64."],
        consequences: &[("pulls-by-tag", "same"), ("platforms", "fails")],
    },
    Pair {
        tag: "one-platform-copied",
        stage: |stage, tag| {
            let index = oci_index(&["amd64", "arm64"], Field::Present);
            stage.copied(tag, &index, &["--override-os", "linux", "--override-arch", "amd64"]);
        },
        status: 4,
        reasons: &["image-of-index"],
        words: &["B serves the linux/amd64 image of A's index instead of the index, so it lacks linux/arm64."],
        consequences: &[("pulls-by-digest", "fails"), ("pulls-by-tag", "same"), ("platforms", "fails")],
    },
    Pair {
        tag: "image-deleted",
        stage: |stage, tag| {
            // An image of its own, because deletion is for all tags.
            let index = oci_index(&["amd64", "s390x"], Field::Present);
            stage.on_both(tag, &index);
            stage.b.delete_manifest(REPOSITORY, &oci_image("s390x", Field::Present).digest).expect(202);
        },
        status: 4,
        reasons: &["missing"],
        words: &["B does not serve the linux/s390x image (missing)."],
        consequences: &[("platforms", "fails")],
    },
    Pair {
        tag: "layer-deleted",
        stage: |stage, tag| {
            let image = docker_image("ppc64le");
            let own = format!("{REPOSITORY}-layers");
            stage.a.push(&own, tag, &image);
            stage.b.push(&own, tag, &image);
            stage.b.delete_blob(&own, &digest_of(&image.blobs[1])).expect(202);
        },
        status: 4,
        reasons: &["missing"],
        words: &["B does not serve layer"],
        consequences: &[("pulls-by-tag", "fails")],
    },
    Pair {
        tag: "settings",
        stage: |stage, tag| {
            let image = docker_image("amd64");
            let other = with_config(&image, |config| config["config"]["Env"] = json!(["PATH=/bin"]));
            stage.each(tag, &image, &other);
        },
        status: 4,
        reasons: &["config"],
        words: &["The configs differ in config.Env."],
        consequences: &[("pulls-by-digest", "fails"), ("pulls-by-tag", "other")],
    },
    Pair {
        tag: "date-of-the-build",
        stage: |stage, tag| {
            let image = docker_image("amd64");
            let other = with_config(&image, |config| config["created"] = json!("2025-01-02T03:04:05Z"));
            stage.each(tag, &image, &other);
        },
        status: 4,
        reasons: &["config"],
        words: &["The configs differ in created."],
        consequences: &[("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "another-image",
        stage: |stage, tag| {
            // The greeting of another architecture, in an image for this one.
            let image = docker_image("amd64");
            let other = docker_image("arm64");
            let other = with_config(&other, |config| config["architecture"] = json!("amd64"));
            stage.each(tag, &image, &other);
        },
        status: 4,
        reasons: &["config", "layers"],
        words: &["Other layers: A has 1, B 1, and none is on both sides."],
        consequences: &[("pulls-by-tag", "other")],
    },
    Pair {
        tag: "annotations",
        stage: |stage, tag| {
            let image = oci_image("amd64", Field::Present);
            let other = edited(&image, image.media_type, |image| image["annotations"] = json!({ "a": "b" }));
            stage.each(tag, &image, &other);
        },
        status: 4,
        reasons: &["fields"],
        words: &["Other fields of the manifest differ: annotations."],
        consequences: &[("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "attestation-left-out",
        stage: |stage, tag| {
            let plain = oci_index(&["amd64"], Field::Present);
            stage.each(tag, &with_attestation(&plain), &plain);
        },
        status: 4,
        reasons: &["entries"],
        words: &["A lists 1 attestation, B none."],
        consequences: &[("pulls-by-tag", "same")],
    },
    Pair {
        tag: "index-and-another-image",
        stage: |stage, tag| {
            let image =
                with_config(&oci_image("amd64", Field::Present), |config| config["config"]["Cmd"] = json!(["x"]));
            stage.each(tag, &oci_index(&["amd64", "arm64"], Field::Present), &image);
        },
        status: 4,
        reasons: &["index-and-image", "config"],
        words: &["A serves an index, B an OCI manifest that is not in it, so it lacks linux/arm64."],
        consequences: &[("pulls-by-tag", "other"), ("platforms", "fails")],
    },
];

impl Stage {
    fn new() -> Self {
        let options = || Options { delete: true, schema1: true, ..Options::default() };
        Self { a: Registry::start(options()), b: Registry::start(options()) }
    }

    fn on_both(&self, tag: &str, document: &Document) {
        self.each(tag, document, document);
    }

    fn each(&self, tag: &str, a: &Document, b: &Document) {
        let repository = repository(tag);
        self.a.push(&repository, tag, a);
        self.b.push(&repository, tag, b);
    }

    /// Pushes to the first registry and has skopeo copy from there to the second.
    fn copied(&self, tag: &str, document: &Document, options: &[&str]) {
        let repository = repository(tag);
        self.a.push(&repository, tag, document);
        let [from, to] = [&self.a, &self.b].map(|registry| registry.reference(&repository, tag));
        skopeo_copy(&from, &to, options);
    }
}

/// Pairs that delete content use the common repository, and all others one of their own: what a registry has in another
/// repository it does not serve.
fn repository(tag: &str) -> String {
    if tag.ends_with("deleted") { REPOSITORY.to_owned() } else { format!("pairs/{tag}") }
}

fn skopeo_copy(from: &str, to: &str, options: &[&str]) {
    let home = TempDir::new().expect("a home folder");
    let fixed = ["--insecure-policy", "copy", "--src-tls-verify=false", "--dest-tls-verify=false"];
    let output = Command::new("skopeo")
        .args([&fixed[..], options].concat())
        .args([format!("docker://{from}"), format!("docker://{to}")])
        .env_clear()
        .envs(search_path())
        .env("HOME", home.path())
        .output()
        .unwrap_or_else(|error| match error.kind() {
            ErrorKind::NotFound => {
                panic!("this test copies with skopeo: install it, or run `tests/run`, which does it")
            }
            _ => panic!("skopeo cannot be started: {error}"),
        });
    assert!(output.status.success(), "{from} {options:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn value(document: &Document) -> Value {
    serde_json::from_slice(&document.bytes).expect("JSON")
}

/// The document in these bytes.
fn written(document: &Document, bytes: Vec<u8>) -> Document {
    Document { digest: digest_of(&bytes), bytes, ..document.clone() }
}

fn edited(document: &Document, media_type: &'static str, change: impl FnOnce(&mut Value)) -> Document {
    let mut content = value(document);
    change(&mut content);
    Document { media_type, ..written(document, serde_json::to_vec_pretty(&content).expect("JSON")) }
}

/// The image with another first layer.
fn with_layer(image: &Document, layer: Vec<u8>, kind: &str) -> Document {
    let described = json!({ "mediaType": kind, "size": layer.len(), "digest": digest_of(&layer) });
    let edited = edited(image, image.media_type, |image| image["layers"][0] = described);
    Document { blobs: vec![image.blobs[0].clone(), layer], ..edited }
}

/// The image with another config.
fn with_config(image: &Document, change: impl FnOnce(&mut Value)) -> Document {
    let mut config: Value = serde_json::from_slice(&image.blobs[0]).expect("JSON");
    change(&mut config);
    let config = serde_json::to_vec(&config).expect("JSON");
    let edited = edited(image, image.media_type, |image| {
        image["config"]["size"] = json!(config.len());
        image["config"]["digest"] = json!(digest_of(&config));
    });
    Document { blobs: vec![config, image.blobs[1].clone()], ..edited }
}

/// The index with an entry that looks like a BuildKit attestation of its first image.
fn with_attestation(index: &Document) -> Document {
    let statement = edited(&oci_image("amd64", Field::Present), media_type::OCI_MANIFEST, |image| {
        image["annotations"] = json!({ "is": "an attestation" });
    });
    let own = edited(index, index.media_type, |index| {
        let image = index["manifests"][0]["digest"].clone();
        let entry = json!({
            "mediaType": media_type::OCI_MANIFEST,
            "size": statement.bytes.len(),
            "digest": statement.digest,
            "platform": { "architecture": "unknown", "os": "unknown" },
            "annotations": {
                "vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": image,
            },
        });
        index["manifests"].as_array_mut().expect("a list").push(entry);
    });
    Document { children: [&index.children[..], &[statement.clone()]].concat(), ..own }
}

fn compare(a: &str, b: &str, more: &[&str]) -> Run {
    let fixed = ["compare", "--json", "--plain-http", "--platform", "linux/amd64"];
    ociscope(&[&fixed, more, &[a, b]].concat()).run()
}

fn texts<'a>(object: &'a Value, list: &str, name: &str) -> Vec<&'a str> {
    let entries = object[list].as_array().expect("a list").iter();
    entries.map(|entry| entry[name].as_str().expect("a text")).collect()
}

/// What is said of a pair that is not what was staged, in words.
fn faults(stage: &Stage, pair: &Pair) -> Vec<String> {
    let repository = if pair.tag == "layer-deleted" { format!("{REPOSITORY}-layers") } else { repository(pair.tag) };
    let [a, b] = [&stage.a, &stage.b].map(|registry| registry.reference(&repository, pair.tag));
    let run = compare(&a, &b, &[]);
    assert_described("docs/comparison.schema.json", &run.stdout);
    let found = run.json();
    let differences = found["differences"].as_array().expect("a list").iter();
    let noticed = differences.filter(|difference| difference["noticed"] == true);
    let mut reasons: Vec<_> = noticed.map(|difference| difference["kind"].as_str().expect("a kind")).collect();
    reasons.retain(|kind| *kind != "accept-variants");
    let sentences = texts(&found, "differences", "text").join("\n");
    let consequences: Vec<_> =
        texts(&found, "consequences", "who").into_iter().zip(texts(&found, "consequences", "effect")).collect();
    let mut faults = Vec::new();
    if run.status != pair.status || found["exit_code"] != pair.status {
        faults.push(format!("status {} and not {}", run.status, pair.status));
    }
    if reasons != pair.reasons {
        faults.push(format!("reasons {reasons:?} and not {:?}", pair.reasons));
    }
    faults.extend(pair.words.iter().filter(|words| !sentences.contains(**words)).map(|words| format!("not: {words}")));
    let missing = pair.consequences.iter().filter(|one| !consequences.contains(one));
    faults.extend(missing.map(|one| format!("consequences {consequences:?} without {one:?}")));
    faults.iter().map(|fault| format!("{}: {fault}\n{sentences}", pair.tag)).collect()
}

#[test]
fn reason_is_right_for_every_staged_pair() {
    assert!(PAIRS.len() >= 20);
    let stage = Stage::new();
    PAIRS.iter().for_each(|pair| (pair.stage)(&stage, pair.tag));
    let faults: Vec<_> = PAIRS.iter().flat_map(|pair| faults(&stage, pair)).collect();
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

/// A cache adds nothing that clients notice.
#[test]
fn cache_in_front_is_the_same_for_every_client() {
    let origin = Registry::start(Options::default());
    origin.push(REPOSITORY, "stable", &oci_index(&["amd64", "arm64"], Field::Present));
    let cache = Registry::start(Options { cache_of: Some(format!("http://{}", origin.address)), ..Options::default() });
    let run = compare(&origin.reference(REPOSITORY, "stable"), &cache.reference(REPOSITORY, "stable"), &[]);
    assert_eq!((run.status, run.json()["outcome"].as_str()), (0, Some("same")), "{run:?}");
}

#[test]
fn header_that_no_client_uses_is_a_difference_that_no_client_notices() {
    let [a, b] = [vec![], vec![("X-Served-From", "here")]]
        .map(|headers| Registry::start(Options { headers, ..Options::default() }));
    [&a, &b].iter().for_each(|registry| registry.push(REPOSITORY, "stable", &docker_image("amd64")));
    let run = compare(&a.reference(REPOSITORY, "stable"), &b.reference(REPOSITORY, "stable"), &[]);
    assert_eq!((run.status, run.json()["outcome"].as_str()), (3, Some("unnoticed")), "{run:?}");
    let found = run.json();
    assert_eq!(texts(&found, "differences", "text"), ["B alone sends x-served-from."]);
}

#[test]
fn side_that_cannot_be_read_decides_the_status() {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    let [good, gone] = ["stable", "nope"].map(|tag| registry.reference(REPOSITORY, tag));
    for (a, b, status) in [(&good, &gone, 10), (&gone, &good, 10), (&gone, &gone, 10)] {
        let run = compare(a, b, &[]);
        assert_eq!((run.status, run.json()["outcome"].as_str()), (status, Some("unread")), "{run:?}");
    }
    drop(registry);
    assert_eq!(compare(&good, &gone, &[]).status, 15);
}

/// Only one side asks for a password; its own login reads it, and anonymous clients cannot.
#[test]
fn side_that_wants_a_password_is_closed_to_anonymous_clients() {
    let open = Registry::start(Options::default());
    let closed = Registry::start(Options { access: Access::Password, ..Options::default() });
    [&open, &closed].iter().for_each(|registry| registry.push(REPOSITORY, "stable", &docker_image("amd64")));
    let [a, b] = [&open, &closed].map(|registry| registry.reference(REPOSITORY, "stable"));
    let login = ["--username", USER, "--password-stdin", "--login-host", &closed.address.to_string()];
    let fixed = ["compare", "--json", "--plain-http", "--platform", "linux/amd64"];
    let run = ociscope(&[&fixed[..], &login, &[&a, &b]].concat()).input(&format!("{PASSWORD}\n")).run();
    assert_eq!(run.status, 4, "{run:?}");
    run.assert_hides(&[PASSWORD]);
    let found = run.json();
    assert_eq!(texts(&found, "differences", "kind"), ["anonymous-access", "authentication"]);
    assert_eq!(texts(&found, "consequences", "text"), ["Clients without credentials cannot pull from B."]);
}

#[test]
fn two_identities_of_one_reference_are_compared() {
    let closed = Registry::start(Options { access: Access::Password, ..Options::default() });
    closed.push(REPOSITORY, "stable", &docker_image("amd64"));
    let reference = closed.reference(REPOSITORY, "stable");
    let fixed = ["compare", "--json", "--plain-http", "--identities"];
    let login = ["--username", USER, "--password-stdin"];
    let run = ociscope(&[&fixed[..], &login, &[&reference]].concat()).input(&format!("{PASSWORD}\n")).run();
    // The anonymous side cannot be read.
    assert_eq!((run.status, run.json()["outcome"].as_str()), (12, Some("unread")), "{run:?}");
    let found = run.json();
    let served: Vec<_> = found["sides"].as_array().expect("two").iter().map(|side| side["served"].is_null()).collect();
    assert_eq!(served, [true, false]);
    run.assert_hides(&[PASSWORD]);
    let open = Registry::start(Options::default());
    open.push(REPOSITORY, "stable", &docker_image("amd64"));
    let reference = open.reference(REPOSITORY, "stable");
    let run = ociscope(&[&fixed[..], &login, &[&reference]].concat()).input(&format!("{PASSWORD}\n")).run();
    assert_eq!((run.status, run.json()["outcome"].as_str()), (0, Some("same")), "{run:?}");
    let none = ociscope(&[&fixed[..], &[&reference]].concat()).run();
    assert_eq!((none.status, none.stdout.as_str()), (2, ""), "{none:?}");
    assert!(none.stderr.contains("there are no credentials for"), "{none:?}");
}
