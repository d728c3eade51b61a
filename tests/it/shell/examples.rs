//! The examples of `help COMMAND`, each of them typed.

use crate::support::ociscope::ociscope;

/// The commands that the overview names, by the grammar itself.
fn commands() -> Vec<String> {
    let run = ociscope(&["--json"]).input("help\n").run();
    let commands = run.json()["commands"].as_array().expect("a list").clone();
    commands.iter().map(|name| name.as_str().expect("a name").to_owned()).collect()
}

fn examples(command: &str) -> Vec<String> {
    let run = ociscope(&["--json"]).input(&format!("help {command}\n")).run();
    let examples = run.json()["examples"].as_array().expect("a list").clone();
    examples.iter().map(|line| line.as_str().expect("a line").to_owned()).collect()
}

#[test]
fn every_example_works_where_the_shell_has_just_probed_an_image() {
    let commands = commands();
    assert!(commands.len() > 20, "{commands:?}");
    for command in commands {
        for line in examples(&command) {
            // A password is asked for where somebody types: tests/it/shell/login.rs.
            if command == "login" {
                continue;
            }
            let opened = if command == "close" { "open night.json\n" } else { "" };
            let script = format!("probe > before.md\nrecord night.json\n{opened}{line}\n");
            let run = ociscope(&["--lab", "--platform", "linux/amd64", "shell", PLACE]).input(&script).run();
            // A refusal by a registry is a result, and some of the examples show one. Anything else is a broken example.
            assert!(matches!(run.status, 0 | 3 | 4 | 10..=19), "{line}: {}\n{}", run.status, run.stderr);
            let wrong: Vec<_> = run.stderr.lines().filter(|words| words.contains("line ")).collect();
            assert!(wrong.is_empty(), "{line}: {wrong:?}");
        }
    }
}

const PLACE: &str = "gcr.io/deepvariant-docker/deepvariant:0.5.0";

#[test]
fn help_of_a_command_shows_them() {
    let run = ociscope(&[]).input("help query\n").run();
    assert_eq!(run.status, 0, "{}", run.stderr);
    for line in examples("query") {
        assert!(run.stdout.contains(&line), "{line} is not in\n{}", run.stdout);
    }
    let run = ociscope(&[]).input("help nothing\n").run();
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("there is no command nothing"), "{}", run.stderr);
}
