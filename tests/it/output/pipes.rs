//! What a program or a file gets: lines as they are, and the bytes of documents.

use serde_json::Value;

use crate::support::ociscope::{Ociscope, Run, in_a_shell};
use crate::support::screen::Screen;

const IMAGE: &str = "gcr.io/deepvariant-docker/deepvariant:0.5.0";
const MISSING: &str = "registry.example/prefixed/greeting:1.2.3";

/// A run in a pipe, about which nothing is said.
fn piped(arguments: &str) -> Run {
    in_a_shell(&format!("ociscope --platform linux/amd64 {arguments}")).run()
}

#[test]
fn document_is_its_bytes_in_a_pipe() {
    for (command, options) in [
        ("manifest", "--lab"),
        ("config", "--lab"),
        ("manifest", "--lab=index-missing-child"),
        ("manifest", "--lab=docker-hub-2025-healthy"),
        ("config", "--lab=schema1-signed"),
    ] {
        let scenario =
            options.split_once('=').map(|(_, name)| ociscope::internals::scenario(name).expect("a scenario"));
        let image = scenario.map_or(IMAGE, |scenario| scenario.reference.as_str());
        let line = format!("{options} {command} {image}");
        let (raw, plain) = (piped(&format!("{line} --raw")), piped(&line));
        assert_eq!((plain.status, &plain.stdout), (raw.status, &raw.stdout), "{line}");
        assert!(plain.stdout.starts_with('{') && plain.stderr.is_empty(), "{line}: {plain:?}");
        serde_json::from_str::<Value>(&plain.stdout).unwrap_or_else(|error| panic!("{line}: {error}"));
        let decorated = piped(&format!("{line} --format terminal"));
        assert!(decorated.stdout.contains(image) && decorated.stdout.contains("  │ "), "{decorated:?}");
        let colour = piped(&format!("{line} --color always"));
        assert!(colour.stdout.contains("\u{1b}[") && colour.stdout.contains("│ "), "{colour:?}");
        let json: Value = serde_json::from_str(&piped(&format!("{line} --json")).stdout).expect("an object");
        assert_eq!(json["schema"], format!("ociscope.{command}/1"), "{line}");
        let markdown = piped(&format!("{line} --format markdown"));
        assert!(!markdown.stdout.starts_with('{'), "{markdown:?}");
    }
}

/// What is not a document of the registry stays what it is.
#[test]
fn other_results_are_not_bytes() {
    for (line, words) in [
        ("--lab layers", "tar, gzip"),
        ("--lab platforms", "linux/amd64"),
        ("--lab get gcr.io/v2/deepvariant-docker/deepvariant/manifests/0.5.0 --accept docker-v2", "HTTP/"),
        ("--lab auth", "gcr.io"),
        ("explain MANIFEST_UNKNOWN", "MANIFEST_UNKNOWN"),
    ] {
        let image = if line.contains("get ") || line.contains("explain") { "" } else { IMAGE };
        let run = piped(&format!("{line} {image}"));
        assert!(run.status == 0 && run.stdout.contains(words) && !run.stdout.starts_with('{'), "{line}: {run:?}");
    }
}

/// Who reads bytes does not read why they did not come.
#[test]
fn standard_output_stays_empty_where_the_document_does_not_come() {
    for (line, status, words) in [
        ("--lab manifest registry.example/prefixed/greeting:1.2.3", 10, "MANIFEST_UNKNOWN"),
        ("--lab config registry.example/prefixed/greeting:1.2.3", 10, "MANIFEST_UNKNOWN"),
        ("--lab manifest gcr.io/deepvariant-docker/deepvariant:0.5.0 --accept docker-v1", 11, "MANIFEST_UNKNOWN"),
        ("manifest --plain-http 127.0.0.1:1/a/b:1", 15, "127.0.0.1:1"),
        ("config --plain-http 127.0.0.1:1/a/b:1", 15, "127.0.0.1:1"),
        ("manifest --raw --plain-http 127.0.0.1:1/a/b:1", 15, "127.0.0.1:1"),
        ("--lab manifest --raw registry.example/prefixed/greeting:1.2.3", 10, "MANIFEST_UNKNOWN"),
    ] {
        let run = piped(line);
        assert_eq!((run.status, run.stdout.as_str()), (status, ""), "{line}: {run:?}");
        assert!(run.stderr.contains(words), "{line}: {run:?}");
    }
    // Who asks for a form gets it.
    for form in ["--json", "--format terminal", "--format markdown"] {
        let run = piped(&format!("--lab manifest {form} {MISSING}"));
        assert!(run.status == 10 && run.stdout.contains("1.2.3"), "{form}: {run:?}");
    }
}

/// Bytes cannot have pseudonyms. Unless bytes were asked for by hand, the document is shown with them.
#[test]
fn public_document_is_shown_and_not_its_bytes() {
    let run = piped(&format!("--lab --public manifest {IMAGE}"));
    assert!(run.status == 0 && run.stdout.contains(IMAGE), "{run:?}");
    let run = piped(&format!("--lab --public config {IMAGE}"));
    assert!(run.status == 0 && run.stdout.contains("Entrypoint"), "{run:?}");
    let by_hand = piped(&format!("--lab --public manifest --raw {IMAGE}"));
    assert_eq!((by_hand.status, by_hand.stdout.as_str()), (2, ""), "{by_hand:?}");
}

#[test]
fn text_in_a_pipe_is_neither_wrapped_nor_decorated() {
    for line in [
        format!("--lab probe {IMAGE}"),
        format!("--lab diagnose {MISSING}"),
        "--lab get gcr.io/v2/deepvariant-docker/deepvariant/manifests/0.5.0".to_owned(),
        "explain tag-not-found".to_owned(),
        "rules".to_owned(),
    ] {
        let run = piped(&line);
        assert!(!run.stdout.contains('│') && !run.stdout.contains('\u{1b}'), "{line}: {}", run.stdout);
        let decorated = piped(&format!("{line} --format terminal")).stdout;
        assert!(run.stdout.lines().count() < decorated.lines().count(), "{line}");
        // The variable of a shell's width says nothing about a pipe.
        let narrow = in_a_shell(&format!("ociscope --platform linux/amd64 {line}")).env("COLUMNS", "50").run();
        assert_eq!(narrow.stdout.lines().count(), run.stdout.lines().count(), "{line}");
    }
    let message = r#""message": "Manifest with tag '0.5.0' has media type 'application/vnd.docker.distribution.manifest.v2+json', but client accepts"#;
    let whole = piped("--lab get gcr.io/v2/deepvariant-docker/deepvariant/manifests/0.5.0 --accept docker-v1").stdout;
    assert!(whole.lines().any(|line| line.trim_start().starts_with(message)), "{whole}");
}

/// The same holds in a script of the shell and for `> FILE`.
#[test]
fn scripts_and_files_of_the_shell_follow_the_same_rule() {
    let raw = piped(&format!("--lab manifest --raw {IMAGE}")).stdout;
    let script = |lines: &str| -> Ociscope {
        in_a_shell("ociscope --lab --platform linux/amd64; for file in *; do cat $file; done").input(lines)
    };
    assert_eq!(script(&format!("manifest {IMAGE}\n")).run().stdout, raw);
    assert_eq!(script(&format!("manifest {IMAGE} > bytes\n")).run().stdout, raw);
    assert_eq!(script(&format!("manifest {IMAGE} --raw > bytes\n")).run().stdout, raw);
    let json = script(&format!("manifest {IMAGE} > object.json\n")).run().stdout;
    assert!(json.contains("ociscope.manifest/1") && json.lines().count() == 1, "{json}");
    let shown = script(&format!("manifest {IMAGE} --format terminal > shown\n")).run().stdout;
    assert!(shown.contains("  │ "), "{shown}");
    let shown = script(&format!("set format terminal\nmanifest {IMAGE}\n")).run().stdout;
    assert!(shown.contains("  │ "), "{shown}");
    let failed = script(&format!("manifest {MISSING} > bytes\n")).run();
    assert_eq!(failed.stdout, "", "{failed:?}");
    let public = script(&format!("set public on\nmanifest {IMAGE}\n")).run();
    assert!(public.stdout.contains(IMAGE), "{public:?}");
}

#[test]
fn json_is_indented_for_people_alone() {
    for command in ["probe", "manifest", "layers"] {
        let line = piped(&format!("--lab {command} --json {IMAGE}")).stdout;
        assert_eq!(line.lines().count(), 1, "{line}");
        let arguments = ["--lab", "--platform", "linux/amd64", command, "--json", IMAGE, "--no-pager"];
        let mut screen = Screen::open(&arguments).columns(400).rows(2000).start();
        screen.wait_for_exit();
        let text = screen.text();
        assert!(text.contains("\n  \"schema\": \"ociscope."), "{text}");
        serde_json::from_str::<Value>(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    }
    let of_our_own = piped("rules --json").stdout;
    assert_eq!(of_our_own.lines().count(), 1);
}
