//! The one way out: what goes to standard output has passed all nets, so nothing else may open or write it.

use super::source::Source;
use super::tokens::{tokens, without_tests};

/// The one place that opens standard output.
const OPENS: &str = "src/cli/place.rs";

/// Who takes it from there, and why.
const TAKES: [(&str, &str); 4] = [
    ("src/cli/delivery.rs", "for results"),
    ("src/cli/held.rs", "for results that were held, and that the pager did not show"),
    ("src/shell/interactive.rs", "for what the shell says itself"),
    ("src/shell/script.rs", "for the echo of a script, and for help"),
];

/// Commands whose results are words of ours alone: nothing of a server is in them.
const OWN_WORDS: [&str; 9] = [
    "src/commands/explain.rs",
    "src/commands/lab/list.rs",
    "src/commands/lab/serve.rs",
    "src/commands/lab/show.rs",
    "src/commands/rules.rs",
    "src/shell/commands/help.rs",
    "src/shell/commands/set.rs",
    "src/shell/commands/tutorial.rs",
    "src/shell/commands/use_.rs",
];

/// The one file that puts a form together of the JSON of others.
const COMPOSES: &str = "src/commands/envelope.rs";

/// Whether a file has to do with results, and leaves it to others to write them. Progress goes to standard error.
fn writes_results(path: &str) -> bool {
    let room = path.starts_with("src/commands/") || path.starts_with("src/shell/");
    room && !["src/commands/output.rs", "src/commands/progress.rs"].contains(&path)
}

/// Where standard output is opened, taken or written by anybody else, and where a result of a server leaves without nets.
pub fn other_ways_out(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        let path = source.path.as_str();
        let (tokens, _) = without_tests(tokens(&source.text));
        let words: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        let mut report = |at: usize, what: &str| found.push(format!("{path}:{}: {what}", tokens[at].line));
        for at in 0..words.len() {
            let next = |by: usize| words.get(at + by).copied().unwrap_or_default();
            let before = at.checked_sub(1).map_or("", |at| words[at]);
            match words[at] {
                // To ask whether it is a terminal writes nothing, and a child has one of its own.
                "stdout" if next(1) == "(" && before != "." && path != OPENS && next(4) != "is_terminal" => {
                    report(at, "opens standard output");
                }
                "standard_output"
                    if next(1) == "(" && path != OPENS && !TAKES.iter().any(|(taker, _)| *taker == path) =>
                {
                    report(at, "takes standard output");
                }
                "print" | "println" if next(1) == "!" => report(at, "prints"),
                "stream" if next(1) == "." && next(2) == "write_all" && writes_results(path) => {
                    report(at, "writes a stream");
                }
                // What is written as JSON is a form, which has a schema.
                "json" if next(1) == "!" && writes_results(path) && path != COMPOSES => {
                    report(at, "makes JSON by hand")
                }
                "output" if next(1) == "." && next(2) == "document" && !OWN_WORDS.contains(&path) => {
                    report(at, "shows a document without nets");
                }
                _ => {}
            }
        }
        // Results are written by one function.
        let writes = words.windows(3).filter(|words| *words == ["stream", ".", "write_all"]).count();
        if path == "src/commands/output.rs" && writes != 1 {
            found.push(format!("{path}:1: {writes} places write results"));
        }
    }
    found
}
