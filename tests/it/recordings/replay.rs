//! Judging a recording again: every command answers from it, and nothing is sent.

use std::io::Write;
use std::process::Command;

use super::{Folder, IMAGE, MISSING, SCENARIO, judged};

#[test]
fn recorded_run_is_judged_as_it_was_live() {
    let folder = Folder::new();
    let live = folder.run(&format!("{SCENARIO} diagnose {MISSING} --record night.json"));
    let again = folder.run("diagnose --from night.json");
    assert_eq!((again.status, judged(&again)), (live.status, judged(&live)));
    let first = again.stdout.lines().next().expect("a line");
    assert!(first.starts_with("unverified recording of ") && first.contains("by ociscope "), "{first}");
    // A name that is given has to be in it.
    assert_eq!(folder.run(&format!("diagnose {MISSING} --from night.json")).stdout, again.stdout);
    // The place of the option does not matter.
    for line in ["--from night.json diagnose", "--from=night.json --color never diagnose"] {
        assert_eq!(folder.run(line).stdout, again.stdout, "{line}");
    }
    let piped = folder.prepare("diagnose --from -").input(&folder.read("night.json")).run();
    assert_eq!(piped.stdout, again.stdout);
}

#[test]
fn commands_about_one_thing_answer_from_a_recorded_diagnosis() {
    let folder = Folder::new();
    folder.run(&format!("--lab diagnose {IMAGE} --record image.json"));
    for command in
        ["manifest", "manifest --raw", "config", "layers", "platforms", "auth", "probe", "manifest --accept docker-v1"]
    {
        let live = folder.run(&format!("--lab {command} {IMAGE}"));
        let again = folder.run(&format!("{command} --from image.json"));
        assert_eq!(again.status, live.status, "{command}: {again:?}");
        if command == "manifest --raw" {
            assert_eq!(again.stdout, live.stdout);
        }
        // `probe` says how long it took, and `auth` asks by HEAD where it may choose.
        if !["manifest --raw", "probe", "auth"].contains(&command) {
            assert_eq!(judged(&again), judged(&live), "{command}");
        }
    }
    let missing = folder.run("tags --from image.json");
    assert_eq!(missing.status, 2);
    assert_eq!(
        missing.stderr,
        "ociscope: the recording does not contain the list of tags, and nothing is sent while a recording answers\n"
    );
}

#[test]
fn several_references_are_recorded_together_and_judged_together() {
    let folder = Folder::new();
    let references = "registry.example/prefixed/greeting:1.2.3 ghcr.io/example/greeting:1.0";
    let live = folder.run(&format!("--lab diagnose {references} --record both.json"));
    let again = folder.run("diagnose --from both.json");
    assert_eq!(again.status, live.status, "{again:?}");
    let without_times =
        |text: &str| text.split(" · ").filter(|part| !part.contains(" ms")).collect::<Vec<_>>().join(" · ");
    let rows = |run| without_times(judged(run).split("\n\n").next().expect("rows"));
    assert_eq!(rows(&again).lines().take(2).collect::<Vec<_>>(), rows(&live).lines().take(2).collect::<Vec<_>>());
    let one = folder.run("config --from both.json");
    assert_eq!(one.status, 2);
    assert!(one.stderr.contains("the recording is about several references; name one of "), "{one:?}");
    assert_eq!(folder.run("config --from both.json ghcr.io/example/greeting:1.0").status, 0);
}

/// With `--record`, a recording is written again, and nothing is asked.
#[test]
fn recording_is_converted_without_a_request() {
    let folder = Folder::new();
    folder.run(&format!("{SCENARIO} diagnose {MISSING} --record night.json"));
    let run = folder.run("diagnose --from night.json --record copy.json");
    assert_eq!(run.status, 10, "{run:?}");
    assert_eq!(folder.json("copy.json")["runs"], folder.json("night.json")["runs"]);
    // A recording is not lost to one that does not answer.
    folder.run("--lab diagnose ghcr.io/example/greeting:1.0 --record other.json");
    let kept = folder.read("copy.json");
    let refused = folder.run(&format!("diagnose {MISSING} --from other.json --record copy.json"));
    assert_eq!((refused.status, folder.read("copy.json")), (2, kept), "{refused:?}");
}

/// In a network namespace of its own, even the loopback device is down.
#[test]
fn recording_is_judged_without_any_network() {
    let apart = |program: &[&str]| Command::new("unshare").args(["--map-root-user", "--net"]).args(program).output();
    if !apart(&["true"]).is_ok_and(|output| output.status.success()) {
        let words = "not run: recording_is_judged_without_any_network (needs user namespaces)";
        writeln!(std::io::stderr(), "{words}").expect("to say so");
        return;
    }
    let folder = Folder::new();
    let live = folder.run(&format!("{SCENARIO} diagnose {MISSING} --record night.json"));
    let file = folder.at("night.json");
    let program = env!("CARGO_BIN_EXE_ociscope");
    let from = file.to_str().expect("UTF-8");
    let run = apart(&[program, "diagnose", "--format", "terminal", "--from", from]).expect("to start it");
    let shown = String::from_utf8(run.stdout).expect("UTF-8");
    assert_eq!(run.status.code(), Some(10), "{shown}");
    assert_eq!(shown.split_once("\n\n").map(|(_, judged)| judged), Some(judged(&live)));
    let live = apart(&[program, "probe", "ghcr.io/example/greeting:1.0"]).expect("to start it");
    assert_eq!(live.status.code(), Some(15), "there is a network");
}

/// A file of the first version of the format is kept as it was written.
#[test]
fn recording_of_an_earlier_version_is_judged_by_the_rules_of_today() {
    let folder = Folder::new();
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recordings/ociscope-1.json");
    let run = folder.run(&format!("diagnose --json --from {kept}"));
    let report = run.json();
    assert_eq!(report["recording"]["made"]["version"], "0.1.0");
    assert_eq!(report["findings"][0]["rule"], "tag-not-found");
}
