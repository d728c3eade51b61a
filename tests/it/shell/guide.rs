//! `docs/guide.md` is one session: its commands are run one after the other, and what it shows is what was printed.

use crate::support::document::assert_up_to_date;
use crate::support::ociscope::ociscope;
use crate::support::transcript::without_times;

const BLOCK: &str = "```text\n❯ ";
const PROMPT: &str = "❯ ";

/// The commands of the guide, in order.
fn commands(guide: &str) -> Vec<&str> {
    let blocks = guide.split("```text\n").skip(1).filter_map(|block| block.split_once("```\n"));
    blocks.flat_map(|(block, _)| block.lines()).filter_map(|line| line.strip_prefix(PROMPT)).collect()
}

/// What each of the commands prints when they are run one after the other.
fn printed(commands: &[&str]) -> Vec<String> {
    let script: String = ["set echo on"].iter().chain(commands).map(|command| format!("{command}\n")).collect();
    let run = ociscope(&["--lab", "--platform", "linux/amd64"]).env("COLUMNS", "80").input(&script).run();
    assert_eq!(run.status, 11, "the worst of them is a manifest that is there in another form:\n{}", run.stderr);
    let mut outputs: Vec<String> = Vec::new();
    for line in run.stdout.split_inclusive('\n') {
        match (line.strip_prefix(PROMPT), outputs.last_mut()) {
            (Some(_), _) => outputs.push(String::new()),
            (None, Some(output)) => output.push_str(line),
            (None, None) => panic!("before the first command stands {line:?}"),
        }
    }
    assert_eq!(outputs.len(), commands.len(), "{}\n{}", run.stdout, run.stderr);
    outputs
}

/// The guide with what its commands print now. Where only times differ, what stands there is kept.
fn renewed(guide: &str) -> String {
    let commands = commands(guide);
    let mut outputs = commands.iter().zip(printed(&commands));
    let mut text = String::new();
    let mut rest = guide;
    while let Some(at) = rest.find(BLOCK) {
        let (before, block) = rest.split_at(at + "```text\n".len());
        let (block, after) = block.split_once("```\n").expect("an end of the block");
        let bound = before.trim_end_matches("```text\n").trim_end().rsplit_once("<!-- the first ");
        let bound = bound.and_then(|(_, words)| words.strip_suffix(" lines -->")?.parse::<usize>().ok());
        let mut shown = String::new();
        for _ in block.lines().filter(|line| line.starts_with(PROMPT)) {
            let (command, output) = outputs.next().expect("an output for each command");
            let lines = output.split_inclusive('\n').count();
            let kept: String = output.split_inclusive('\n').take(bound.unwrap_or(usize::MAX)).collect();
            let more = if bound.is_some_and(|bound| bound < lines) { "  …\n" } else { "" };
            shown.push_str(&format!("{PROMPT}{command}\n{kept}{more}"));
        }
        let same = without_times(&shown) == without_times(block);
        text.push_str(&format!("{before}{}```\n", if same { block } else { &shown }));
        rest = after;
    }
    text.push_str(rest);
    text
}

/// The guide as it should be.
pub fn text() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guide.md");
    let guide = std::fs::read_to_string(path).expect("the guide");
    assert!(commands(&guide).len() > 8, "there are too few commands in the guide");
    renewed(&guide)
}

#[test]
fn its_session_prints_what_it_shows() {
    assert_up_to_date("docs/guide.md", &text());
}
