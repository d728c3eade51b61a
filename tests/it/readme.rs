//! What the README shows is what the program prints: every block that begins with a command is run.

use crate::support::document::assert_up_to_date;
use crate::support::ociscope::ociscope;
use crate::support::transcript::without_times;

/// The words of a command; what stands between two quotation marks is one.
fn words_of(command: &str) -> Vec<&str> {
    let parts = command.split('"').enumerate();
    let words = parts.flat_map(|(at, part)| if at % 2 == 1 { vec![part] } else { part.split_whitespace().collect() });
    words.collect()
}

/// The README with the output of its commands as it is now. Where only times differ, what stands there is kept.
fn renewed(readme: &str) -> (String, usize) {
    const BLOCK: &str = "```text\n$ ociscope ";
    let mut text = String::new();
    let mut rest = readme;
    let mut commands = 0;
    while let Some(at) = rest.find(BLOCK) {
        let (before, block) = rest.split_at(at + BLOCK.len());
        let (command, printed) = block.split_once('\n').expect("a line for the command");
        let (printed, after) = printed.split_once("```\n").expect("an end of the block");
        let (words, lines) = match command.split_once(" | head -") {
            Some((words, lines)) => (words, lines.parse().expect("a number of lines")),
            None => (command, usize::MAX),
        };
        // What is shown of a pipe is what a pipe gets.
        let format = if lines == usize::MAX { "terminal" } else { "" };
        let run = ociscope(&words_of(words)).env("COLUMNS", "80").env("OCISCOPE_FORMAT", format).run();
        let stdout: String = run.stdout.split_inclusive('\n').take(lines).collect();
        commands += 1;
        let same = without_times(&stdout) == without_times(printed.trim_end_matches('\n'));
        let shown = if same { printed } else { &stdout };
        text.push_str(&format!("{before}{command}\n{shown}```\n"));
        rest = after;
    }
    text.push_str(rest);
    (text, commands)
}

/// The README as it should be.
pub fn text() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).expect("the README");
    let (renewed, commands) = renewed(&readme);
    assert!(commands > 0, "there is no command in the README");
    renewed
}

#[test]
fn its_commands_print_what_it_shows() {
    assert_up_to_date("README.md", &text());
}
