//! `compare`: what people and programs see of it, in the lab, and how it is asked.

use serde_json::Value;

use crate::support::document::assert_described;
use crate::support::ociscope::{Run, here, in_a_shell, ociscope};

const ORIGINAL: &str = "registry.example/mirrored/greeting:1.0";
const MIRROR: &str = "mirror.example/mirrored/greeting:1.0";

/// A comparison in a scenario of the lab.
fn compare(scenario: &str, more: &[&str]) -> Run {
    here(&[&[&format!("--lab={scenario}"), "compare", "--platform", "linux/amd64"], more].concat())
}

/// Text without the breaks of its lines.
fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn kinds(found: &Value) -> Vec<&str> {
    let noticed = found["differences"].as_array().expect("a list").iter().filter(|one| one["noticed"] == true);
    noticed.map(|one| one["kind"].as_str().expect("a kind")).collect()
}

#[test]
fn each_kind_of_mirror_is_told_from_its_original() {
    for (scenario, name, reasons, by_tag) in [
        ("mirror-reserialised", "greeting", &["same-json"][..], "same-content"),
        ("mirror-lacks-platform", "platforms", &["platforms"], "same"),
        ("mirror-recompressed", "zstd", &["recompressed"], "same-content"),
    ] {
        let of = |host: &str| format!("{host}.example/mirrored/{name}:1.0");
        let run = compare(scenario, &["--json", &of("registry"), &of("mirror")]);
        assert_described("docs/comparison.schema.json", &run.stdout);
        let found = run.json();
        assert_eq!((run.status, kinds(&found)), (4, reasons.to_vec()), "{scenario}: {}", run.stdout);
        let pulls = found["consequences"].as_array().expect("a list").iter().find(|one| one["who"] == "pulls-by-tag");
        assert_eq!(pulls.expect("pulls by tag")["effect"], by_tag, "{scenario}");
        assert_eq!(found["consequences"][0]["who"], "pulls-by-digest", "{scenario}");
        assert_eq!(found["consequences"][0]["effect"], "fails", "{scenario}");
    }
}

#[test]
fn answer_begins_with_whether_clients_notice() {
    let run = compare("mirror-reserialised", &[ORIGINAL, MIRROR]);
    let lines: Vec<_> = run.stdout.lines().filter(|line| !line.is_empty()).collect();
    assert!(lines[0].contains("simulated") && lines[1] == "✗ A and B differ; some clients notice", "{}", run.stdout);
    assert!(lines[2].contains("A ") && lines[2].contains(ORIGINAL), "{}", run.stdout);
    let text = flowing(&run.stdout);
    for words in [
        "manifest 62686156f7d7 ",
        "same-json The manifest is the same JSON in other bytes: white space.",
        "✗ Pulls by A's digest 62686156f7d7 fail on B: it answers 404.",
        "✓ Pulls by tag for linux/amd64 get the same files and settings under other digests.",
        "exit status 4",
    ] {
        assert!(text.contains(words), "{words} is not in {}", run.stdout);
    }
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    let same = compare("mirror-reserialised", &[MIRROR, MIRROR]);
    assert!(same.status == 0 && same.stdout.contains("✓ A and B are the same for every client"), "{same:?}");
    assert!(!same.stdout.contains("Differences") && !same.stdout.contains("Who is affected"), "{same:?}");
}

#[test]
fn side_that_cannot_be_read_is_named_with_its_finding() {
    let gone = "mirror.example/mirrored/greeting:9";
    let run = compare("mirror-reserialised", &[ORIGINAL, gone]);
    assert_eq!(run.status, 10, "{run:?}");
    let text = flowing(&run.stdout);
    assert!(text.contains("✗ not compared: B was not served") && text.contains("B tag-not-found"), "{}", run.stdout);
    assert!(run.stdout.contains(&format!("diagnose --platform linux/amd64 {gone}")) || text.contains(gone), "{run:?}");
}

#[test]
fn evidence_of_both_sides_is_in_markdown_and_behind_verbose() {
    let markdown = compare(
        "mirror-lacks-platform",
        &["--format", "markdown", "registry.example/mirrored/platforms:1.0", "mirror.example/mirrored/platforms:1.0"],
    );
    let text = &markdown.stdout;
    assert!(text.contains("### ✗ A and B differ; some clients notice"), "{text}");
    let again = "ociscope --lab=mirror-lacks-platform compare --platform linux/amd64 \
                 registry.example/mirrored/platforms:1.0 mirror.example/mirrored/platforms:1.0";
    assert!(text.contains(again) || text.contains(&again.replace(" --platform linux/amd64", "")), "{text}");
    assert!(text.contains("<summary>A: all evidence</summary>") && text.contains("<summary>B: all evidence</summary>"));
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    let short = compare("mirror-reserialised", &[ORIGINAL, MIRROR]).stdout;
    let long = compare("mirror-reserialised", &["--verbose", ORIGINAL, MIRROR]).stdout;
    assert!(long.lines().count() > short.lines().count() + 50 && short.lines().count() < 30, "{short}");
}

#[test]
fn sides_have_different_pseudonyms() {
    for format in ["terminal", "markdown", "json"] {
        let run = compare("mirror-reserialised", &["--public", "--format", format, ORIGINAL, MIRROR]);
        for name in ["registry.example", "mirror.example", "mirrored/greeting"] {
            assert!(!run.stdout.contains(name), "{name} is in {}", run.stdout);
        }
        assert!(run.stdout.contains("HOST1/REPOSITORY1") && run.stdout.contains("HOST2/REPOSITORY1"), "{}", run.stdout);
        assert_eq!(run.status, 4);
    }
}

#[test]
fn two_sides_are_needed() {
    for (arguments, words) in [
        (&["compare", "a.example/b:1"][..], "compare needs two references, or one with --identities"),
        (&["compare", "--identities", "a.example/b:1", "a.example/b:2"], "leave out the other"),
        (&["compare", "a.example/b:1", "a.example/b:2", "a.example/b:3"], "unexpected value"),
        (&["compare"], "required arguments"),
    ] {
        let run = ociscope(arguments).run();
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(flowing(&run.stderr).contains(words), "{arguments:?}: {}", run.stderr);
    }
    let run = ociscope(&["compare", "user:CANARYpw@a.example/b:1", "a.example/b:2"]).run();
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    run.assert_hides(&["CANARYpw"]);
}

/// Exchanges are numbered run by run, and kept under these numbers.
#[test]
fn image_in_the_prompt_is_compared_in_the_shell() {
    let script = format!("compare {MIRROR}\ncompare {ORIGINAL} {MIRROR}\nsession\n");
    let run = ociscope(&["--lab=mirror-reserialised", "--json", "shell", ORIGINAL]).input(&script).run();
    assert_eq!(run.status, 4, "{}", run.stderr);
    let objects: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    let compared: Vec<_> = objects.iter().filter(|one| one["schema"] == "ociscope.comparison/1").collect();
    assert_eq!(compared.len(), 2, "{}", run.stdout);
    let mut last = 0;
    for found in compared {
        assert_eq!(found["sides"][0]["report"]["reference"]["registry"], "registry.example");
        assert_eq!(found["sides"][1]["report"]["reference"]["registry"], "mirror.example");
        let sides = found["sides"].as_array().expect("two sides").iter();
        let numbers = sides.flat_map(|side| side["report"]["exchanges"].as_array().expect("a list"));
        for number in numbers.map(|one| one["id"].as_u64().expect("a number")) {
            assert!(number > last, "{number} after {last}");
            last = number;
        }
    }
    let session = objects.iter().find(|one| one["schema"] == "ociscope.session/1").expect("the session");
    let kept = session["exchanges"].as_array().expect("a list");
    assert_eq!(kept.last().expect("the last")["id"], last);
    let nowhere = ociscope(&[]).input(&format!("compare {MIRROR}\n")).run();
    assert!(nowhere.status == 2 && nowhere.stderr.contains("compare needs an image"), "{nowhere:?}");
}

/// The status alone answers a script.
#[test]
fn status_is_the_answer_to_a_script() {
    let line = format!("ociscope --lab=mirror-reserialised compare -q {ORIGINAL} {MIRROR}; echo status $?");
    let run = in_a_shell(&line).run();
    assert_eq!(run.stdout, "status 4\n", "{run:?}");
}
