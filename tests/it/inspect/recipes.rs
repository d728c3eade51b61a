//! `config --as` and `layers --as`: an image in the forms of other tools.

use serde_json::json;

use super::parts::{run, shown, text};
use crate::support::hostile::{Server, answer, unauthorized};
use crate::support::ociscope::{Run, ociscope};
use crate::support::{digest_of, screen::Screen};

const FORMS: [&str; 4] = ["apptainer", "dockerfile", "env", "run"];

/// What the research engineer looked for: how to run an image that is on a registry only.
#[test]
fn definition_of_the_image_of_the_guide_pins_it_and_has_its_settings() {
    let run = run("gcr-deepvariant", &["config", "--as", "apptainer"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
    let manifest = shown("gcr-deepvariant", "manifest", 0);
    let from =
        format!("Bootstrap: docker\nFrom: gcr.io/deepvariant-docker/deepvariant@{}\n", text(&manifest["digest"]));
    assert!(run.stdout.starts_with(&from), "{run:?}");
    for expected in [
        "# Lab scenario gcr-deepvariant: a simulated registry, not the real one.\n",
        "\n%environment\n    export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n    export DV_GPU_BUILD=0\n",
        "\n%runscript\n",
        "        set -- /bin/bash\n",
    ] {
        assert!(run.stdout.contains(expected), "{expected} is not in {run:?}");
    }
}

#[test]
fn image_of_an_index_is_pinned_to_the_manifest_of_its_platform() {
    let platforms = shown("distribution-3-healthy", "platforms", 0);
    let listed = platforms["platforms"].as_array().expect("a list");
    let own = listed.iter().find(|entry| entry["platform"] == "linux/amd64").expect("an entry");
    let run = run("distribution-3-healthy", &["config", "--as", "dockerfile"]);
    let from = format!("\nFROM registry-3.example/demo/app@{}\n", text(&own["digest"]));
    assert!(run.stdout.contains(&from), "{run:?}");
}

#[test]
fn schema1_image_is_pinned_to_the_digest_that_its_registry_names() {
    let manifest = shown("schema1-signed", "manifest", 0);
    let run = run("schema1-signed", &["config", "--as", "run"]);
    assert_eq!(run.status, 0, "{run:?}");
    let name = format!("@{} ", text(&manifest["digest"]));
    assert!(run.stdout.replace('\n', " ").contains(&name), "{run:?}");
}

/// google/deepvariant, deepvariant/docker/Dockerfile, on top of Ubuntu 16.04.
#[test]
fn history_is_shown_as_build_steps_with_their_layers() {
    let layers = shown("gcr-deepvariant", "layers", 0);
    let steps = layers["history"].as_array().expect("a history");
    let empty = steps.iter().filter(|step| step["empty_layer"] == true).count();
    assert_eq!((steps.len(), empty), (14, 3));
    assert_eq!(steps[7]["instruction"], "ENV DV_GPU_BUILD=0");
    assert_eq!((&steps[7]["digest"], &steps[8]["digest"]), (&json!(null), &layers["layers"][5]["digest"]));
    let shown = run("gcr-deepvariant", &["layers", "--as", "commands"]);
    let fifth = &layers["layers"][5];
    for expected in [
        "Reconstructed from the history in the config".to_owned(),
        "# 8 · no layer\n  │ ENV DV_GPU_BUILD=0\n".to_owned(),
        format!(
            "# 9 · {} · {} bytes · build arguments: DV_GPU_BUILD=0\n  │ ADD multi:README.txt",
            text(&fifth["digest"]),
            fifth["size"]
        ),
    ] {
        assert!(shown.stdout.contains(&expected), "{expected} is not in {}", shown.stdout);
    }
    let without = run("missing-config", &["layers", "--as", "commands"]);
    assert!(without.stdout.contains("Build steps are unknown"), "{without:?}");
    assert_eq!(self::shown("missing-config", "layers", 0)["history"], json!(null));
}

/// A registry with an image whose config has this environment, for those with a password.
fn registry(env: &[String]) -> (Server, String) {
    let config = json!({ "os": "linux", "architecture": "amd64", "config": { "Env": env } }).to_string();
    let digest = digest_of(config.as_bytes());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": [],
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": config.len() },
    });
    let manifest = manifest.to_string();
    let server = Server::answering(move |sent| match sent.path.as_str() {
        _ if sent.all("Authorization").is_empty() => unauthorized("Basic realm=\"r\""),
        path if path.contains("/blobs/") => answer("200 OK", &[("Content-Type", "application/octet-stream")], &config),
        _ => answer("200 OK", &[("Content-Type", "application/vnd.oci.image.manifest.v1+json")], &manifest),
    });
    let reference = format!("http://{}/team/app:1", server.address);
    (server, reference)
}

#[track_caller]
fn with_password(reference: &str, form: &str, more: &[&str]) -> Run {
    let command = ["config", "--as", form, "--username", "me", "--password-stdin", reference];
    ociscope(&[&command, more].concat()).input(PASSWORD).run()
}

/// In each of the forms a part of it is quoted on its own, so that it is in none as it is.
const PASSWORD: &str = "CANARY'{{a}}\"$b";

#[test]
fn config_with_a_secret_of_the_run_is_not_written() {
    let (_server, reference) = registry(&[format!("TOKEN={PASSWORD}"), "OTHER=1".to_owned()]);
    for form in FORMS {
        let run = with_password(&reference, form, &[]);
        assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{run:?}");
        assert!(run.stderr.contains("nothing was written") && !run.stderr.contains("CANARY"), "{run:?}");
    }
    let (_server, reference) = registry(&["TOKEN=ghp_0123456789012345678901234567890123456789".to_owned()]);
    for form in FORMS {
        let run = with_password(&reference, form, &[]);
        // The publisher's own value is a value like any other.
        assert!(run.status == 0 && run.stdout.contains("ghp_0123"), "{run:?}");
    }
}

#[test]
fn form_is_not_anonymized_and_is_not_two_forms() {
    for form in FORMS {
        let run = run("gcr-deepvariant", &["config", "--as", form, "--public"]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
        assert!(run.stderr.contains("leave out one of them"), "{run:?}");
    }
    let both = run("gcr-deepvariant", &["config", "--as", "env", "--raw"]);
    assert_eq!((both.status, both.stdout.as_str()), (2, ""), "{both:?}");
}

#[test]
fn standard_output_stays_empty_without_a_config() {
    let run = ociscope(&["--lab", "config", "gcr.io/deepvariant-docker/deepvariant:9", "--as", "env"]).run();
    assert_eq!((run.status, run.stdout.as_str()), (10, ""), "{run:?}");
    assert!(run.stderr.contains("tag-not-found"), "{run:?}");
    // As with --raw, a program that asks for JSON gets an object instead.
    let run = ociscope(&["--lab", "config", "gcr.io/deepvariant-docker/deepvariant:9", "--as", "env", "--json"]).run();
    assert_eq!((run.status, &run.json()["schema"]), (10, &json!("ociscope.config/1")));
}

#[test]
fn values_are_escaped_on_a_terminal() {
    let (_server, reference) = registry(&["A=\u{1b}]0;title\u{7}\u{202e}".to_owned()]);
    let home = tempfile::TempDir::new().expect("a folder");
    std::fs::write(home.path().join("password"), PASSWORD).expect("a file");
    let line = format!(
        "\"$0\" config --as env --username me --password-stdin {reference} < {}; echo ended",
        home.path().join("password").display()
    );
    let screen = Screen::open_program("/bin/sh", &["-c", &line, env!("CARGO_BIN_EXE_ociscope")]).start();
    screen.wait_for("ended");
    assert!(screen.text().contains("A=\\x1b]0;title\\x07\\u{202e}"), "{}", screen.text());
}
