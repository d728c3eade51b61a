//! The file of a recording: for its owner alone, whole or not at all, and never in the place of something else.

use std::fs;
use std::os::unix::fs::symlink;

use super::{Folder, MISSING, SCENARIO, mode};

#[test]
fn file_is_private_and_says_what_made_it() {
    let folder = Folder::new();
    let run = folder.run(&format!("{SCENARIO} diagnose {MISSING} --record night.json"));
    assert_eq!(run.status, 10, "{run:?}");
    assert_eq!(run.stderr, "ociscope: 14 requests recorded in night.json\n");
    assert_eq!(mode(&folder.at("night.json")), 0o600);
    let file = folder.json("night.json");
    assert_eq!(file["schema"], "ociscope.recording/1");
    assert_eq!(file["made"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(file["ended"], "complete");
    assert_eq!(file["runs"][0]["journal"]["exchanges"].as_array().map(Vec::len), Some(14));
    assert_eq!(folder.names(), ["night.json"]);
}

#[test]
fn quiet_run_records_in_silence() {
    let folder = Folder::new();
    let run = folder.run(&format!("-q {SCENARIO} diagnose {MISSING} --record night.json"));
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (10, "", ""));
    assert_eq!(folder.names(), ["night.json"]);
}

/// Nothing is sent before it is known that the result can be kept.
#[test]
fn only_a_recording_is_replaced_without_force() {
    let folder = Folder::new();
    fs::write(folder.at("notes.json"), "{\"mine\": true}").unwrap();
    fs::write(folder.at("empty.json"), "").unwrap();
    symlink(folder.at("notes.json"), folder.at("link.json")).unwrap();
    let record = |name: &str| folder.run(&format!("{SCENARIO} diagnose {MISSING} --record {name}"));
    for (name, words) in [
        ("notes.json", "notes.json exists and is not a recording; choose another name, or replace it with --force"),
        ("link.json", "link.json could not be written: it is a link; name the file itself"),
        ("report.md", "report.md: a recording ends in .json, or in .har for HAR 1.2"),
        ("report", "report: a recording ends in .json"),
    ] {
        let run = record(name);
        assert_eq!(run.stdout, "", "{name}: nothing was asked");
        assert!(run.stderr.starts_with(&format!("ociscope: {words}")), "{name}: {}", run.stderr);
        assert_eq!(run.status, if name == "link.json" { 1 } else { 2 }, "{name}");
    }
    assert_eq!(folder.read("notes.json"), "{\"mine\": true}");
    assert_eq!(record("empty.json").status, 10);
    assert_eq!(record("empty.json").status, 10, "a recording may be replaced by one");
    assert_eq!(record("notes.json --force").status, 10);
    assert_eq!(folder.json("notes.json")["schema"], "ociscope.recording/1");
    assert_eq!(folder.run(&format!("diagnose {MISSING} --force")).status, 2, "--force is about --record");
}

#[test]
fn options_that_contradict_a_recording_are_wrong_usage() {
    let folder = Folder::new();
    folder.run(&format!("{SCENARIO} diagnose {MISSING} --record night.json"));
    for (line, words) in [
        ("diagnose --from night.json -u alice", "a recording answers, and nothing is sent; leave out --username"),
        ("diagnose --from night.json --insecure", "leave out --insecure"),
        ("diagnose --from night.json --lab", "cannot be used with"),
        ("explain 404 --from night.json", "this command sends no request, so leave out --from and --record"),
        ("rules --record other.json", "this command sends no request"),
        ("diagnose --from nothing.json", "nothing.json could not be read: "),
        ("diagnose --from night.json r.test/a/b:c", "the recording does not contain a run about r.test/a/b:c"),
        ("layers --from night.json", ""),
        ("config --from -", "standard input cannot be used: it is not a recording"),
        ("diagnose", "required"),
    ] {
        let run = folder.run(line);
        assert!(run.stderr.contains(words), "{line}: {run:?}");
        assert_eq!(run.status, if words.is_empty() { 10 } else { 2 }, "{line}: {run:?}");
    }
    assert_eq!(folder.names(), ["night.json"]);
}

#[test]
fn file_that_is_no_valid_recording_has_a_sentence_that_says_why() {
    let folder = Folder::new();
    folder.run(&format!("{SCENARIO} diagnose {MISSING} --record night.json"));
    let good = folder.read("night.json");
    for (file, words) in [
        (
            good.replace("recording/1", "recording/2"),
            "its format is ociscope.recording/2, and this version of ociscope",
        ),
        (
            good.replace("recording/1", "recording/x"),
            "it does not have the form of a recording: its version is not a number",
        ),
        (good.replace("\"linux\"", "\"\\u001b[2J\""), "it does not have the form of a recording: `made` does not name"),
        (good.replace("\"runs\":[", "\"runs\":[],\"others\":["), "it contains no requests"),
        (good.replace("\"complete\"", "\"perhaps\""), "it is not a valid recording: "),
        (good[..good.len() / 2].to_owned(), "it is not a recording, and it has no requests"),
        (String::new(), "it is not a recording, and it has no requests"),
        ("{}".to_owned(), "it is not a recording, and it has no requests"),
        ("[1]".to_owned(), "it is not a recording, and it has no requests"),
        ("{\"schema\":\"ociscope.rules/1\"}".to_owned(), "it is not a recording, and it has no requests"),
    ] {
        fs::write(folder.at("other.json"), &file).unwrap();
        let run = folder.run("diagnose --from other.json");
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{words}");
        assert!(run.stderr.starts_with(&format!("ociscope: other.json cannot be used: {words}")), "{words}: {run:?}");
    }
}

/// Names of this network do not leave it.
#[test]
fn public_recording_has_pseudonyms_that_can_be_judged() {
    let folder = Folder::new();
    let live = folder.run(&format!("--public {SCENARIO} diagnose {MISSING} --record public.json"));
    assert_eq!(live.status, 10, "{live:?}");
    let file = folder.read("public.json");
    for name in ["registry-3.example", "demo/tagged"] {
        assert!(!file.contains(name), "{name}");
    }
    assert_eq!(folder.json("public.json")["public"], true);
    let run = folder.run("diagnose --from public.json");
    assert_eq!(run.status, 10, "{run:?}");
    assert!(
        run.stdout.contains("✗ host-1.invalid/repository-1:3.0 cannot be pulled: tag 3.0 does not exist"),
        "{run:?}"
    );
}
