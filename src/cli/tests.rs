//! Recordings of all scenarios of the lab, judged again. Each run has the options and the login of the scenario's own command, so
//! this needs the grammar of the program.

mod recordings;
mod screens;

use std::sync::Mutex;

use clap::Parser;
use tokio::sync::watch;

use super::arguments::Arguments;
use crate::commands::{Format, Output, asks_a_registry};
use crate::diagnosis::{ExitStatus, Severity};
use crate::evidence::{Depth, Query, Record, Redactor};
use crate::lab::{Scenario, scenario, scenarios};
use crate::oci::Reference;
use crate::report::{Report, Style};
use crate::session::{Assignment, Examined, Session, Settings, replayed};
use crate::text::{Secret, is_safe};

/// The settings of a scenario's own command.
fn settings_of(scenario: &Scenario) -> Settings {
    let lab = format!("--lab={}", scenario.name);
    let words = ["ociscope", &lab, "--platform", "linux/amd64"].into_iter();
    let options: Vec<&str> = scenario.options.iter().map(String::as_str).collect();
    let has_own = options.contains(&"--platform");
    let words = words.filter(|word| !has_own || !["--platform", "linux/amd64"].contains(word));
    let words = words.chain(["probe"]).chain(options.iter().copied()).chain([scenario.reference.as_str()]);
    let arguments = Arguments::try_parse_from(words).unwrap_or_else(|error| panic!("{}: {error}", scenario.name));
    arguments.global.settings(scenario.password().map(Secret::new), &[]).unwrap()
}

/// Works on the reference of a scenario.
fn assigned<T>(scenario: &Scenario, depth: Depth, one_of_many: bool, work: impl FnOnce(Assignment<'_>) -> T) -> T {
    let accept: Vec<String> = Vec::new();
    let (reference, mended) = match Reference::parse(&scenario.reference) {
        Ok(reference) => (reference, None),
        Err(refusal) => (refusal.suggestion.as_ref().unwrap().parse().unwrap(), Some(refusal)),
    };
    work(Assignment { reference: &reference, accept: &accept, depth, mended, one_of_many })
}

/// The run of a scenario.
fn examined_as(scenario: &Scenario, depth: Depth, one_of_many: bool) -> Examined {
    let (_running, stop) = watch::channel(None);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let session = Session::new(settings_of(scenario), stop, asks_a_registry);
    assigned(scenario, depth, one_of_many, |assignment| {
        runtime.block_on(session.examine(assignment, &|_, _| {})).unwrap()
    })
}

fn examined(scenario: &Scenario, depth: Depth) -> Examined {
    examined_as(scenario, depth, false)
}

/// The first difference of two texts, with some context.
fn first_difference(one: &str, other: &str) -> String {
    let at = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    let around = |text: &str| {
        let from = text.floor_char_boundary(at.saturating_sub(100).min(text.len()));
        text[from..text.floor_char_boundary((at + 100).min(text.len()))].to_owned()
    };
    format!("{}\n  {}", around(one), around(other))
}

/// A report in a form, with all of its evidence.
fn written_in(report: &Report, redactor: &mut Redactor, format: Format) -> String {
    let mut written = Vec::new();
    let mut output = Output::new(&mut written, format, Style::new(false), 100).verbosely(true);
    output.report(report, redactor).and_then(|()| output.finish()).unwrap();
    drop(output);
    String::from_utf8(written).unwrap()
}

/// A report in a form, as it is shown on a terminal of so many columns.
fn written_within(report: &Report, redactor: &mut Redactor, format: Format, columns: usize) -> String {
    let mut written = Vec::new();
    Output::new(&mut written, format, Style::new(false), columns).report(report, redactor).unwrap();
    String::from_utf8(written).unwrap()
}

/// The differences after a recording was written and read; empty if there are none.
fn differences(scenario: &Scenario, depth: Depth) -> Vec<String> {
    let Examined { record, report, mut redactor } = examined(scenario, depth);
    let recording = serde_json::to_string(&record).unwrap();
    let mut found = Vec::new();
    if let Err(leak) = redactor.last_scan(&recording) {
        found.push(format!("{leak}"));
    }
    let read = match Record::read(recording.as_bytes()) {
        Ok(read) => read,
        Err(error) => return vec![error.to_string()],
    };
    if serde_json::to_string(&read).unwrap() != recording {
        found.push("the recording of what was read is another one".to_owned());
    }
    // Redaction has nothing left to do.
    if serde_json::to_string(&Redactor::default().sealed(&read)).unwrap() != recording {
        found.push("what was sealed is sealed to something else".to_owned());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let Examined { record, report: again, redactor: mut other } =
        runtime.block_on(replayed(&read, asks_a_registry)).unwrap();
    let replayed = serde_json::to_string(&record).unwrap();
    if replayed != recording {
        found.push(format!("asked again, it answers otherwise: {}", first_difference(&recording, &replayed)));
    }
    for format in [Format::Json, Format::Markdown, Format::Html, Format::Terminal] {
        let (live, replayed) = (written_in(&report, &mut redactor, format), written_in(&again, &mut other, format));
        let line = live.lines().zip(replayed.lines()).find(|(live, replayed)| live != replayed);
        let words = || line.map_or("one is longer".to_owned(), |(live, replayed)| format!("{live}\n  {replayed}"));
        found.extend((live != replayed).then(words));
    }
    let short = |report: &Report, redactor: &mut Redactor| written_within(report, redactor, Format::Terminal, 80);
    if short(&report, &mut redactor) != short(&again, &mut other) {
        found.push("its short answer is another one".to_owned());
    }
    found
}

/// Runs a check with the stack of a main thread: unoptimized code needs several times as much.
fn with_room(check: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(8 << 20).spawn_scoped(scope, check).unwrap();
        if let Err(panic) = thread.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

fn rules_of(recording: &str) -> Vec<&'static str> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let read = Record::read(recording.as_bytes()).unwrap();
    let report = runtime.block_on(replayed(&read, asks_a_registry)).unwrap().report;
    report.findings.iter().map(|finding| finding.rule).collect()
}

/// Current rules judge a recording, whose findings may differ from those of the run.
#[test]
fn recording_is_judged_again() {
    with_room(|| {
        let record = examined(scenario("distribution-3-tag-missing").unwrap(), Depth::Probe).record;
        let recording = serde_json::to_string(&record).unwrap();
        assert!(rules_of(&recording).contains(&"tag-not-found"));
        let throttled = recording.replace("\"status\":404", "\"status\":429");
        assert_eq!(rules_of(&throttled)[0], "other-registry-throttle");
    });
}

#[test]
fn recording_answers_only_what_was_asked() {
    with_room(|| {
        let mut record = examined(scenario("distribution-3-tag-missing").unwrap(), Depth::Diagnosis).record;
        let without_tags = record.asked.iter().filter(|asked| asked.query != Query::Tags).cloned().collect();
        record.asked = without_tags;
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let again = runtime.block_on(replayed(&record, asks_a_registry)).unwrap().record;
        let tags = again.answered.iter().find(|answered| answered.query == Query::Tags).unwrap();
        assert!(tags.exchanges.is_empty(), "the answer to another query is none to this one");
    });
}

#[test]
fn record_that_contradicts_itself_is_refused() {
    with_room(|| {
        let record = examined(scenario("distribution-3-tag-missing").unwrap(), Depth::Probe).record;
        let written = serde_json::to_value(&record).unwrap();
        let refused = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut changed = written.clone();
            change(&mut changed);
            Record::read(changed.to_string().as_bytes()).map(|_| ()).expect_err("it was read")
        };
        refused(&|record| record["asked"][0]["exchanges"][0] = 4000.into());
        refused(&|record| record["matrix"][0][0][1] = 4000.into());
        refused(&|record| record["authentication"]["token"] = 4000.into());
        refused(&|record| record["journal"]["exchanges"][0]["same_body_as"] = 0.into());
        refused(&|record| record["journal"]["before"] = u64::MAX.into());
        refused(&|record| record["reference"]["repository"] = "../x".into());
        refused(&|record| record["reference"]["input"] = "user:password@host/x".into());
        refused(&|record| record["now"] = i64::MAX.into());
        let fault =
            serde_json::json!({ "input": "a", "at": { "start": 1, "end": 9 }, "rule": "empty", "suggestion": null });
        refused(&|record| record["corrected"] = fault.clone());
        Record::read(written.to_string().as_bytes()).unwrap();
    });
}

/// The remarks of a run are our own words, those of a recording are not.
#[test]
fn words_that_a_recording_gives_as_ours_do_not_act_on_a_terminal() {
    with_room(|| {
        let acts = |text: &str| format!("{text}\u{1b}[2J\u{202e}");
        let mut record = examined(scenario("token-service-unknown").unwrap(), Depth::Probe).record;
        record.simulation = Some(acts("lab").into());
        record.options.login_withheld = Some(acts("withheld"));
        record.options.headers_withheld = vec![acts("withheld")];
        record.authentication.token_remarks = vec![acts("remark")];
        record.stories.iter_mut().for_each(|story| story.token_remarks = vec![acts("remark")]);
        let mut written = serde_json::to_value(&record).unwrap();
        for exchange in written["journal"]["exchanges"].as_array_mut().unwrap() {
            exchange["response"]["http_version"] = acts("HTTP/1.1").into();
            exchange["response"]["headers"].as_array_mut().unwrap().push(serde_json::json!([acts("x-name"), "value"]));
            exchange["request"]["headers"] =
                serde_json::json!([{ "name": acts("x-name"), "value": { "sent": acts("value") } }]);
            exchange["connection"]["proxy"] = serde_json::json!({ "address": acts("proxy"), "because": acts("why") });
        }
        let read = Record::read(written.to_string().as_bytes()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let Examined { report, mut redactor, .. } = runtime.block_on(replayed(&read, asks_a_registry)).unwrap();
        for format in [Format::Json, Format::Markdown, Format::Html, Format::Terminal] {
            let text = written_in(&report, &mut redactor, format);
            let unsafe_line = text.lines().find(|line| !line.chars().all(is_safe));
            assert_eq!(unsafe_line, None);
            assert!(text.contains("x-name"), "it is shown");
        }
    });
}

/// The differences between one of many references and the same reference alone, and its recording.
fn differences_in_a_batch(scenario: &Scenario) -> Vec<String> {
    let alone = examined(scenario, Depth::Diagnosis).report;
    let Examined { record, report, mut redactor } = examined_as(scenario, Depth::Diagnosis, true);
    // Notes are about other clients than the asking one.
    let worst = |report: &Report| {
        report.findings.iter().map(|finding| finding.severity).min().filter(|worst| *worst != Severity::Info)
    };
    let errors = |report: &Report| -> Vec<_> {
        let errors = report.findings.iter().filter(|finding| finding.severity == Severity::Error);
        errors.map(|finding| (finding.rule, finding.certainty)).collect()
    };
    let mut found = Vec::new();
    if (alone.exit, worst(&alone)) != (report.exit, worst(&report)) || errors(&alone) != errors(&report) {
        let rules = |report: &Report| -> Vec<_> {
            report.findings.iter().map(|finding| (finding.rule, finding.severity)).collect()
        };
        found.push(format!("alone {:?}, in a batch {:?}", rules(&alone), rules(&report)));
    }
    let is_whole = report.depth == Depth::Diagnosis;
    if is_whole == (report.exit == ExitStatus::Success) {
        found.push(format!("{:?} with status {}", report.depth, report.exit.code()));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let read = Record::read(serde_json::to_string(&record).unwrap().as_bytes()).unwrap();
    let Examined { report: again, redactor: mut other, .. } =
        runtime.block_on(replayed(&read, asks_a_registry)).unwrap();
    let (live, replayed) =
        (written_in(&report, &mut redactor, Format::Json), written_in(&again, &mut other, Format::Json));
    if live != replayed {
        found.push(format!("asked again, it answers otherwise: {}", first_difference(&live, &replayed)));
    }
    found
}

#[track_caller]
fn check_all(differences: impl Fn(&Scenario) -> Vec<String> + Sync) {
    let waiting = Mutex::new(scenarios());
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            // The stack of a main thread: unoptimized code needs several times as much.
            let thread = std::thread::Builder::new().stack_size(8 << 20);
            let checking = thread.spawn_scoped(scope, || {
                let next = || waiting.lock().unwrap().next();
                while let Some(scenario) = next() {
                    let lines = differences(scenario);
                    found.lock().unwrap().extend(lines.iter().map(|line| format!("{}: {line}", scenario.name)));
                }
            });
            checking.unwrap();
        }
    });
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{} differences\n{}", found.len(), found.join("\n"));
}

#[test]
fn report_of_a_recorded_diagnosis_is_that_of_the_diagnosis() {
    check_all(|scenario| differences(scenario, Depth::Diagnosis));
}

/// A batch leaves out only notes about other clients.
#[test]
fn one_of_many_comes_to_what_it_comes_to_alone() {
    check_all(differences_in_a_batch);
}
