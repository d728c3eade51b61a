//! Recordings as files: every scenario of the lab is recorded, read, and judged again as another person would.

use std::rc::Rc;

use serde_json::Value;
use tokio::sync::watch;

use super::{assigned, settings_of, with_room, written_in};
use crate::commands::{Format, asks_a_registry};
use crate::evidence::Depth;
use crate::lab::{Scenario, scenario, scenarios};
use crate::recording::{Ended, Recording};
use crate::report::to_json;
use crate::session::{Examined, Recorder, Session, Settings};

/// A run of a scenario with these settings.
fn run(scenario: &Scenario, settings: Settings, recorder: &Rc<Recorder>, depth: Depth) -> Examined {
    let (_running, stop) = watch::channel(None);
    let session = Session::new(settings, stop, asks_a_registry).recording_to(Rc::clone(recorder));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assigned(scenario, depth, false, |assignment| runtime.block_on(session.examine(assignment, &|_, _| {})).unwrap())
}

/// The file of a run of a scenario, and the run.
fn recorded(scenario: &Scenario, depth: Depth) -> (String, Examined) {
    let recorder = Rc::default();
    let live = run(scenario, settings_of(scenario), &recorder, depth);
    let (recording, runs) = recorder.recording(Some(1_796_088_372), None).unwrap();
    (recording.write(&runs).unwrap(), live)
}

/// The run that a file answers.
fn replayed(scenario: &Scenario, file: &str, depth: Depth) -> Examined {
    let recording = Recording::read(file.as_bytes()).unwrap();
    let settings = Settings::new().answered_by(recording, false);
    let recorder = Rc::default();
    let again = run(scenario, settings, &recorder, depth);
    assert!(recorder.is_empty(), "what a recording answered is not recorded again");
    again
}

/// What differs between a run and the run that its file answers.
fn differences(scenario: &Scenario, depth: Depth) -> Vec<String> {
    let (file, Examined { report, mut redactor, .. }) = recorded(scenario, depth);
    let Examined { report: again, redactor: mut other, .. } = replayed(scenario, &file, depth);
    let mut found = Vec::new();
    let fields = |report| match to_json(report) {
        Value::Object(mut fields) => {
            let recording = fields.remove("recording");
            (Value::Object(fields), recording.is_some())
        }
        other => (other, false),
    };
    let ((live, is_recorded), (replayed, is_replayed)) = (fields(&report), fields(&again));
    if live != replayed {
        found.push("its JSON is another one".to_owned());
    }
    if is_recorded || !is_replayed {
        found.push("its JSON does not say where the answers come from".to_owned());
    }
    let live = written_in(&report, &mut redactor, Format::Terminal);
    let replayed = written_in(&again, &mut other, Format::Terminal);
    // Where the answers come from is in the paragraph before the first empty line.
    let rest = |text: &str| text.split_once("\n\n").map(|(_, rest)| rest.to_owned());
    if rest(&live) != rest(&replayed) {
        found.push(format!("its answer is another one:\n{live}\n{replayed}"));
    }
    if !replayed.starts_with("unverified recording of ") {
        found.push(format!("it does not begin with where the answers come from: {replayed}"));
    }
    found
}

#[test]
fn recorded_scenario_is_judged_as_it_was_live() {
    with_room(|| {
        for scenario in scenarios() {
            assert_eq!(differences(scenario, Depth::Diagnosis), [""; 0], "{}", scenario.name);
        }
    });
}

/// A name is replaced everywhere, and what is judged stays the same.
#[test]
fn public_recording_names_no_private_host_and_has_the_same_findings() {
    with_room(|| {
        let scenario = scenario("distribution-3-tag-missing").unwrap();
        let recorder = Rc::default();
        let live = run(scenario, settings_of(scenario), &recorder, Depth::Diagnosis);
        let (recording, runs) = recorder.recording(None, Some(Default::default())).unwrap();
        let file = recording.write(&runs).unwrap();
        for name in ["registry-3.example", "demo/tagged"] {
            assert!(!file.contains(name), "{name}");
        }
        let read = Recording::read(file.as_bytes()).unwrap();
        let reference = read.references()[0].clone();
        let session = Session::new(Settings::new().answered_by(read, false), watch::channel(None).1, asks_a_registry);
        let assignment = crate::session::Assignment {
            reference: &reference,
            accept: &[],
            depth: Depth::Diagnosis,
            mended: None,
            one_of_many: false,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let again = runtime.block_on(session.examine(assignment, &|_, _| {})).unwrap();
        let rules =
            |examined: &Examined| examined.report.findings.iter().map(|finding| finding.rule).collect::<Vec<_>>();
        assert_eq!(rules(&again), rules(&live));
    });
}

/// A diagnosis of a probe has no answers to what a probe does not send, and says so.
#[test]
fn diagnosis_of_a_recorded_probe_says_what_it_lacks() {
    with_room(|| {
        let scenario = scenario("distribution-3-tag-missing").unwrap();
        let (file, _) = recorded(scenario, Depth::Probe);
        let report = replayed(scenario, &file, Depth::Diagnosis).report;
        assert_eq!(report.findings[0].rule, "tag-not-found");
        assert!(report.notes.iter().any(|note| note.text.starts_with("The recording does not contain ")));
    });
}

#[test]
fn interrupted_run_is_marked_in_the_file() {
    with_room(|| {
        let scenario = scenario("distribution-3-tag-missing").unwrap();
        let (file, _) = recorded(scenario, Depth::Probe);
        assert_eq!(Recording::read(file.as_bytes()).unwrap().ended, Ended::Complete);
        let file = file.replace("\"interrupted\":false", "\"interrupted\":true");
        let recording = Recording::read(file.as_bytes()).unwrap();
        assert!(recording.runs[0].provenance.as_ref().unwrap().is_incomplete);
    });
}
