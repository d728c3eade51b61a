//! `-q`: the exit status is the answer; and `--brief`: one line each.

use crate::support::ociscope::{Run, in_a_shell};

const IMAGE: &str = "gcr.io/deepvariant-docker/deepvariant:0.5.0";
const MISSING: &str = "registry.example/prefixed/greeting:1.2.3";

fn piped(arguments: &str) -> Run {
    in_a_shell(&format!("ociscope --platform linux/amd64 {arguments}")).run()
}

#[test]
fn quiet_run_prints_nothing_and_ends_with_its_status() {
    for (arguments, status) in [
        (format!("-q --lab probe {IMAGE}"), 0),
        (format!("--lab diagnose {MISSING} --quiet"), 10),
        (format!("--lab manifest {MISSING} -q --json"), 10),
        (format!("--lab tags {IMAGE} -q"), 0),
        (format!("--lab probe {IMAGE} -q --accept docker-v1"), 11),
        ("diagnose -q --plain-http 127.0.0.1:1/a/b:1 127.0.0.1:1/a/b:2".to_owned(), 15),
        ("probe -q --insecure 127.0.0.1:1/a/b:1".to_owned(), 15),
        ("rules -q".to_owned(), 0),
        (format!("--lab probe {IMAGE} -q -o /nowhere/report"), 1),
    ] {
        let run = piped(&arguments);
        assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (status, "", ""), "{arguments}: {run:?}");
    }
    let script = in_a_shell("ociscope --lab").input(&format!("probe {IMAGE} -q\nprobe {MISSING} -q\n")).run();
    assert_eq!((script.status, script.stdout.as_str(), script.stderr.as_str()), (10, "", ""), "{script:?}");
    let script = in_a_shell("ociscope -q --lab").input(&format!("probe {IMAGE}\nprobe {MISSING}\nset\n")).run();
    assert_eq!((script.status, script.stdout.as_str(), script.stderr.as_str()), (10, "", ""), "{script:?}");
}

#[test]
fn wrong_usage_is_said_all_the_same() {
    for (arguments, words) in [
        ("-q probe shub://owner/name", "shub"),
        ("-q probe ghcr.io/Owner/", "ghcr.io"),
        ("-q --frmat json rules", "--frmat"),
        ("-q --lab --public manifest --raw gcr.io/a/b:c", "--public"),
        ("-q explain a-word-that-means-nothing", "a-word-that-means-nothing"),
        ("-q diagnose --lab=no-such-scenario gcr.io/a/b:c", "no-such-scenario"),
    ] {
        let run = piped(arguments);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{arguments}: {run:?}");
        assert!(run.stderr.contains(words), "{arguments}: {run:?}");
    }
    let variable = in_a_shell("ociscope -q rules").env("OCISCOPE_FORMAT", "xml").run();
    assert!(variable.status == 2 && variable.stderr.contains("OCISCOPE_FORMAT"), "{variable:?}");
}

#[test]
fn brief_report_is_its_verdict() {
    for (arguments, status, begins, words) in [
        (format!("--lab diagnose {MISSING} --brief"), 10, format!("✗ {MISSING} cannot be pulled: "), "v1.2.3"),
        (format!("--lab diagnose {IMAGE} --brief"), 0, format!("✓ {IMAGE} "), "pulled"),
        (format!("--lab probe {IMAGE} --brief"), 0, format!("✓ {IMAGE} is served to current clients"), "not checked"),
        (format!("--lab probe {MISSING} --brief"), 10, format!("✗ {MISSING} cannot be pulled: "), ""),
        (
            format!("--lab probe {IMAGE} --brief --accept docker-v1"),
            11,
            format!("✗ {IMAGE} cannot be pulled: "),
            "Docker v2 manifest",
        ),
    ] {
        for more in ["", " --format terminal"] {
            let run = piped(&format!("{arguments}{more}"));
            assert_eq!((run.status, run.stdout.lines().count()), (status, 1), "{arguments}: {run:?}");
            assert!(run.stdout.starts_with(&begins) && run.stdout.contains(words), "{arguments}: {run:?}");
        }
        let json = piped(&format!("{arguments} --json")).json();
        assert!(json["exchanges"].as_array().is_some_and(|all| !all.is_empty()), "JSON has all of it: {json}");
    }
}

#[test]
fn brief_reports_of_several_are_a_line_each() {
    let run = piped(&format!("--lab diagnose --brief {IMAGE} {MISSING} {IMAGE}"));
    let marks: Vec<_> = run.stdout.lines().filter_map(|line| line.chars().next()).collect();
    assert_eq!((run.status, marks), (10, vec!['✓', '✗', '✓']), "{run:?}");
    let markdown = piped(&format!("--lab diagnose --brief --format markdown {IMAGE} {MISSING}"));
    assert!(!markdown.stdout.contains("<details>") && markdown.stdout.contains(MISSING), "{markdown:?}");
    let public = piped(&format!("--lab diagnose --brief --public {MISSING}"));
    assert_eq!(public.stdout.lines().count(), 1, "{public:?}");
}
