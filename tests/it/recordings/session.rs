//! Recordings in the shell: `record`, `open` and `close`.

use super::{Folder, IMAGE, MISSING, SCENARIO};
use crate::support::ociscope::Run;

fn script(folder: &Folder, options: &str, lines: &[&str]) -> Run {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    folder.prepare(&format!("{options}{}shell", if options.is_empty() { "" } else { " " })).input(&text).run()
}

#[test]
fn session_is_recorded_and_opened_as_further_commands() {
    let folder = Folder::new();
    let diagnose = format!("diagnose {MISSING}");
    let run = script(&folder, SCENARIO, &[&diagnose, "tags", "record night.json"]);
    assert_eq!(run.status, 10, "{run:?}");
    assert!(run.stderr.contains("15 requests in 2 runs recorded in night.json"), "{run:?}");
    // As second and third command, too.
    let run = script(&folder, "", &["open night.json", "diagnose", "tags", "session", "manifest --accept docker-v1"]);
    assert_eq!(run.status, 10, "{run:?}");
    for words in [
        "unverified recording of ",
        "15 requests in 2 runs; `diagnose` judges the answers again, `close` ends it",
        "✗ registry-3.example/demo/tagged:3.0 cannot be pulled: tag 3.0 does not exist",
        "2.0",
    ] {
        assert!(run.stdout.contains(words), "{words}: {run:?}");
    }
}

#[test]
fn closed_recording_answers_no_longer() {
    let folder = Folder::new();
    script(&folder, "--lab", &[&format!("probe {IMAGE}"), "record image.json"]);
    let run = script(&folder, "", &["open image.json", "close", "close", "open image.json", "config"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("line 3: no recording is open; `open FILE` opens one"), "{run:?}");
    assert!(run.stderr.contains("line 5: the recording does not contain the config sha256:"), "{run:?}");
}

#[test]
fn line_is_recorded_alone_with_an_option() {
    let folder = Folder::new();
    let run = script(&folder, "--lab", &[&format!("probe {IMAGE}"), "config --record config.json", "record all.json"]);
    assert_eq!(run.status, 0, "{run:?}");
    let runs = |name| folder.json(name)["runs"].as_array().map(Vec::len);
    assert_eq!((runs("config.json"), runs("all.json")), (Some(1), Some(2)));
}

#[test]
fn nothing_is_recorded_before_the_first_request() {
    let folder = Folder::new();
    let run = script(&folder, "--lab", &["record night.json", "record night.txt"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("line 1: no requests to record yet"), "{run:?}");
    assert!(run.stderr.contains("line 2: night.txt: a recording ends in .json"), "{run:?}");
    assert!(folder.names().is_empty());
}

/// A command that fetches one thing is a run, too, but not one with the answers to the variants.
#[test]
fn probe_is_judged_again_although_other_commands_followed() {
    let folder = Folder::new();
    script(&folder, "--lab", &[&format!("probe {IMAGE}"), "config", "record image.json"]);
    let again = folder.run("probe --from image.json");
    assert!(again.stdout.contains("12 variants in 13 requests"), "{again:?}");
}
