//! `completions` and `man`: what is generated of the command line.

use crate::support::ociscope::ociscope;

const COMMANDS: [&str; 13] = [
    "probe",
    "diagnose",
    "manifest",
    "config",
    "layers",
    "platforms",
    "blob",
    "explain",
    "tags",
    "referrers",
    "get",
    "head",
    "tls",
];

#[test]
fn every_shell_can_complete_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = ociscope(&["completions", shell]).run();
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        for word in COMMANDS.iter().chain(&["trust-realm", "password-stdin"]) {
            assert!(run.stdout.contains(word), "{word} is not known to {shell}");
        }
    }
    let run = ociscope(&["completions", "cmd"]).run();
    assert!(run.status == 2 && run.stderr.contains("bash"), "{run:?}");
}

/// The shell itself reads what it is given.
#[test]
fn bash_completes_a_command() {
    let script = ociscope(&["completions", "bash"]).run().stdout;
    let line = "COMP_WORDS=(ociscope ref); COMP_CWORD=1; _ociscope ociscope ref ociscope; echo \"${COMPREPLY[@]}\"";
    let mut bash = std::process::Command::new("bash");
    let output = bash.args(["--norc", "-c", &format!("{script}\n{line}")]).output().expect("bash");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "referrers", "{output:?}");
}

#[test]
fn the_manual_page_has_every_command_and_every_option_once() {
    let run = ociscope(&["man"]).run();
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let page = run.stdout.replace("\\-", "-");
    assert!(run.stdout.contains(".TH ociscope 1"), "{}", &run.stdout[..200]);
    for command in COMMANDS {
        let heading = format!("\n.SH OCISCOPE {}\n", command.to_uppercase());
        assert_eq!(page.matches(&heading).count(), 1, "{command}");
    }
    assert!(page.contains("\n.SH OCISCOPE LAB SERVE\n"));
    // Where an option is described, its name is set in bold at the beginning of a line.
    assert_eq!(page.lines().filter(|line| line.starts_with("\\fB--trust-realm\\fR")).count(), 1);
    assert_eq!(page.lines().filter(|line| line.starts_with("\\fB--raw\\fR")).count(), 6);
    assert!(page.contains("\n.SH EXAMPLES AND EXIT STATUS\n"));
}
