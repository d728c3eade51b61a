//! The answer of a diagnosis on a terminal of 80 columns and 24 lines, for every scenario of the lab.

use super::{check_all, examined, written_within};
use crate::commands::Format;
use crate::diagnosis::Severity;
use crate::evidence::Depth;
use crate::lab::Scenario;
use crate::session::Examined;

const COLUMNS: usize = 80;
const LINES: usize = 24;

/// What does not fit the screen, and what is broken on it.
fn faults(scenario: &Scenario) -> Vec<String> {
    let Examined { report, mut redactor, .. } = examined(scenario, Depth::Diagnosis);
    let text = written_within(&report, &mut redactor, Format::Terminal, COLUMNS);
    let commands: Vec<_> = report.findings.iter().flat_map(|finding| &finding.fix).collect();
    let is_command = |line: &str| {
        commands.iter().filter_map(|fix| fix.command.as_deref()).any(|command| command == line.trim_start())
    };
    let mut faults = Vec::new();
    for line in text.lines() {
        if line.chars().count() > COLUMNS && !is_command(line) {
            faults.push(format!("wider than {COLUMNS} columns: {line}"));
        }
        // The words of a server are wrapped wherever they have to be.
        let digits = line.split("sha256:").skip(1).filter(|_| !line.contains('│'));
        let broken = digits.map(|rest| rest.chars().take_while(char::is_ascii_hexdigit).count());
        if broken.clone().any(|length| length != 12 && length != 64) {
            faults.push(format!("a digest is broken: {line}"));
        }
    }
    let serious = report.findings.iter().filter(|finding| finding.severity != Severity::Info).count();
    let lines = text.lines().count();
    if serious < 2 && lines > LINES {
        faults.push(format!("{lines} lines"));
    }
    faults
}

#[test]
fn answer_fits_the_first_screen() {
    check_all(faults);
}

/// The remark that an answer comes from the lab is part of it, also where a smaller amount of the answer was chosen.
#[test]
fn answer_that_was_made_smaller_keeps_its_remark() {
    super::with_room(|| {
        let Examined { report, mut redactor, .. } =
            examined(crate::lab::scenario("blob-host-intercepted").unwrap(), Depth::Diagnosis);
        let last = std::rc::Rc::default();
        let mut written = |last: &std::rc::Rc<std::cell::RefCell<String>>| {
            let mut text = Vec::new();
            let style = crate::report::Style::new(false);
            let output = crate::commands::Output::new(&mut text, Format::Terminal, style, COLUMNS);
            output.not_repeating(std::rc::Rc::clone(last)).report(&report, &mut redactor).unwrap();
            String::from_utf8(text).unwrap()
        };
        let (first, second) = (written(&last), written(&last));
        assert!(first.starts_with("lab scenario blob-host-intercepted: "), "{first}");
        assert!(second.starts_with('✗'), "{second}");
    });
}
