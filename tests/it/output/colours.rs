//! When results are coloured, and that colour is the same wherever it goes.

use crate::support::ociscope::in_a_shell;
use crate::support::screen::Screen;

const IMAGE: &str = "gcr.io/deepvariant-docker/deepvariant:0.5.0";

#[test]
fn variables_of_other_programs_are_heeded() {
    for (variables, options, is_coloured) in [
        (&[][..], "", false),
        (&[("CLICOLOR_FORCE", "1")], "", true),
        (&[("CLICOLOR_FORCE", "0")], "", false),
        (&[("FORCE_COLOR", "1")], "", true),
        (&[("FORCE_COLOR", "yes")], "", true),
        (&[("FORCE_COLOR", "")], "", false),
        (&[("NO_COLOR", "1"), ("FORCE_COLOR", "1")], "", false),
        (&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], "", false),
        (&[("NO_COLOR", "1")], "--color always", true),
        (&[("FORCE_COLOR", "1")], "--color never", false),
        (&[("NO_COLOR", "1"), ("OCISCOPE_COLOR", "always")], "", true),
        (&[("OCISCOPE_COLOR", "always")], "--color never", false),
        (&[("FORCE_COLOR", "1"), ("OCISCOPE_COLOR", "never")], "", false),
    ] {
        let run = in_a_shell(&format!("ociscope {options} rules"));
        let run = variables.iter().fold(run, |run, (name, value)| run.env(name, value)).run();
        assert_eq!(run.stdout.contains("\u{1b}["), is_coloured, "{variables:?} {options}");
    }
    // Colour that a machine forces does not decorate what a program reads.
    let document =
        in_a_shell(&format!("ociscope --lab manifest {IMAGE} | jq -r .config.digest")).env("FORCE_COLOR", "1");
    let document = document.run();
    if document.status == 0 {
        assert!(document.stdout.starts_with("sha256:"), "{document:?}");
    }
}

/// What `ociscope --color always … | less -R` shows is what a terminal of 80 columns shows.
#[test]
fn forced_colour_loses_nothing_in_a_pipe() {
    for command in [
        format!("--lab manifest {IMAGE}"),
        format!("--lab config {IMAGE}"),
        format!("--lab platforms {IMAGE}"),
        "explain MANIFEST_UNKNOWN".to_owned(),
        "rules".to_owned(),
    ] {
        let arguments: Vec<_> = command.split(' ').chain(["--no-pager"]).collect();
        let mut screen = Screen::open(&arguments).rows(60).start();
        screen.wait_for_exit();
        let shown = String::from_utf8(screen.raw()).expect("text").replace("\r\n", "\n");
        let piped = in_a_shell(&format!("ociscope --color always {command}")).run();
        // On a busy machine a line of progress was there before it.
        assert!(shown.ends_with(&piped.stdout), "{command}: {shown:?} is not {:?}", piped.stdout);
        assert!(piped.stderr.is_empty(), "{piped:?}");
    }
    for command in
        [format!("--lab probe {IMAGE}"), "--lab diagnose registry.example/prefixed/greeting:1.2.3".to_owned()]
    {
        let arguments: Vec<_> = command.split(' ').chain(["--no-pager"]).collect();
        let mut screen = Screen::open(&arguments).rows(200).start();
        screen.wait_for_exit();
        let shown = String::from_utf8(screen.raw()).expect("text");
        let piped = in_a_shell(&format!("ociscope --color always {command}")).run().stdout;
        let codes = |text: &str| text.matches("\u{1b}[").count() > 20 && text.contains('│');
        assert!(codes(&shown) && codes(&piped), "{command}: {piped}");
    }
    // less forgets a colour at the end of a line.
    let piped = in_a_shell(&format!("ociscope --color always --lab probe {IMAGE}")).env("COLUMNS", "40").run().stdout;
    for line in piped.lines() {
        let last = line.rfind("\u{1b}[").map(|at| &line[at..]);
        assert!(last.is_none_or(|last| last.starts_with("\u{1b}[0m")), "{line:?}");
    }
}
