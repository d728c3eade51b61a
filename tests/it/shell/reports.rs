//! A report is the same whichever command of a shell makes it: only its exchanges have other numbers.

use ociscope::internals::scenario;
use serde_json::Value;

use crate::support::ociscope::ociscope;
use crate::support::transcript::without_labels;

const METHODS: [&str; 3] = ["GET", "HEAD", "POST"];

const PROMPT: &str = "❯ ";

/// The registry and the reference of a scenario, and the options of its command.
struct Subject {
    registry: String,
    reference: String,
    options: Vec<String>,
}

fn subject(name: &str) -> Subject {
    let scenario = scenario(name).unwrap_or_else(|error| panic!("{error}"));
    let command = scenario.command_to("probe");
    let (_, command) = command.split_once("ociscope ").expect("the program");
    let (before, after) = command.split_once("probe ").expect("the command");
    let mut words: Vec<_> = after.split_whitespace().map(str::to_owned).collect();
    let reference = words.pop().expect("a reference");
    let mut options: Vec<_> = before.split_whitespace().map(str::to_owned).chain(words).collect();
    if !options.iter().any(|option| option.starts_with("--platform")) {
        options.push("--platform=linux/amd64".to_owned());
    }
    let registry = reference.split_once('/').map(|(registry, _)| registry).filter(|host| host.contains('.'));
    Subject { registry: registry.unwrap_or("docker.io").to_owned(), reference, options }
}

/// What each command of a script prints.
fn printed(options: &[&str], script: &[String]) -> Vec<String> {
    let script: String = script.iter().map(|line| format!("{line}\n")).collect();
    let run = ociscope(options).env("COLUMNS", "120").input(&format!("set echo on\n{script}")).run();
    let mut outputs: Vec<String> = Vec::new();
    for line in run.stdout.split_inclusive('\n') {
        match (line.starts_with(PROMPT), outputs.last_mut()) {
            (true, _) => outputs.push(String::new()),
            (false, Some(output)) => output.push_str(line),
            (false, None) => panic!("{line:?} comes before the first command"),
        }
    }
    outputs
}

/// The words of a text for people that do not differ from run to run, and none of the decoration that follows widths.
fn words(text: &str) -> Vec<String> {
    let mut kept = Vec::new();
    let (mut in_times, mut in_requests, mut is_fenced) = (false, false, false);
    for line in text.lines() {
        if ["Timing", "Requests"].contains(&line) || line.contains("<summary>Requests") {
            in_times = line == "Timing";
            in_requests = !in_times;
        }
        // The bars of an issue are in a fence of their own, before the table.
        is_fenced ^= in_requests && line.starts_with("```");
        // A remark that the command before already made is not repeated.
        let is_remark = line.starts_with("lab scenario ") || line.contains("simulated registries");
        let is_dated = ["date", "last-modified", "issued_at", "ratelimit-remaining", "Not shown:", " UTC · "]
            .iter()
            .any(|name| line.contains(name));
        // Certificates are made anew for each run of the lab.
        let is_fingerprint = line.contains("SHA-256 ");
        if in_times || is_fenced || is_remark || is_dated || is_fingerprint {
            continue;
        }
        let mut tokens: Vec<_> =
            line.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).map(str::to_owned).collect();
        // The last column of a request is how long it took.
        let is_request = in_requests && tokens.iter().any(|word| METHODS.contains(&word.trim_start_matches('`')));
        tokens.truncate(tokens.len() - usize::from(is_request));
        // `12 ms`
        for at in 1..tokens.len() {
            if tokens[at] == "ms" {
                tokens[at - 1].clear();
            }
        }
        kept.extend(tokens);
    }
    kept
}

/// The number in a word: of `#14`, `(#14)`, `14`.
fn number(word: &str) -> Option<u64> {
    word.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok()
}

/// Compares two texts word by word; a number may be higher by the offset, and a time anything.
#[track_caller]
fn assert_same_text(alone: &str, later: &str, offset: u64, what: &str) {
    let (alone, later) = (words(&without_labels(alone)), words(&without_labels(later)));
    assert_eq!(alone.len(), later.len(), "{what}:\n{}\n\n{}", alone.join(" "), later.join(" "));
    for (one, other) in alone.iter().zip(&later) {
        let shifted = number(one).is_some_and(|number_alone| number(other) == Some(number_alone + offset));
        assert!(one == other || shifted, "{what}: {one:?} is {other:?}\n{}", later.join(" "));
    }
}

/// A report without times, dates, labels; its exchanges' numbers lower by the offset.
fn comparable(value: &mut Value, offset: u64) {
    match value {
        Value::Object(fields) => {
            let is_certificate = fields.contains_key("self_signed");
            for (name, field) in fields {
                match field {
                    // Two tokens of one second are one, those of two seconds two.
                    _ if name.ends_with("_ms") || name == "distinct" || name == "made" => *field = Value::Null,
                    _ if is_certificate && (name == "sha256" || name == "size") => *field = Value::Null,
                    Value::Number(number) if name == "exchange" || name == "id" => {
                        *field = Value::from(number.as_u64().expect("a number").checked_sub(offset));
                    }
                    Value::Object(connection) if name == "connection" => connection.clear(),
                    other => comparable(other, offset),
                }
            }
        }
        Value::Array(entries) => {
            if entries.len() == 2 && (entries[0] == "date" || entries[0] == "ratelimit-remaining") {
                entries[1] = Value::Null;
            }
            entries.iter_mut().for_each(|entry| comparable(entry, offset));
        }
        Value::String(text) => {
            if let Some((before, rest)) = text.split_once("\"issued_at\":\"") {
                *text = format!("{before}{}", rest.split_once('"').map_or("", |(_, after)| after));
            }
            *text = without_labels(text);
        }
        _ => {}
    }
}

#[track_caller]
fn assert_same_json(alone: &str, later: &str, offset: u64, what: &str) {
    let read = |text: &str, offset| {
        let mut value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{what}: {error}: {text}"));
        comparable(&mut value, offset);
        value
    };
    let (alone, later) = (read(alone, 0), read(later, offset));
    let fields = alone.as_object().expect("an object");
    for (name, value) in fields {
        assert_eq!(*value, later[name], "{what}: {name}");
    }
}

/// How many exchanges a session had before each of its commands.
fn exchanges_before(options: &[&str], script: &[String]) -> Vec<u64> {
    let counted: Vec<String> = script.iter().flat_map(|line| [line.clone(), "session 1 --json".to_owned()]).collect();
    let outputs = printed(options, &counted);
    let last = |output: &String| {
        let session: Value = serde_json::from_str(output).unwrap_or_else(|error| panic!("{error}: {output}"));
        session["exchanges"].as_array().and_then(|all| all.last()?["id"].as_u64()).unwrap_or(0)
    };
    let after = outputs.iter().skip(1).step_by(2).map(last);
    std::iter::once(0).chain(after).collect()
}

#[track_caller]
fn assert_same_wherever_it_is_made(name: &str) {
    let Subject { registry, reference, options } = subject(name);
    let options: Vec<_> = options.iter().map(String::as_str).collect();
    let line = |command: &str, format: &str| format!("{command} {reference} --format {format}");
    for format in ["terminal", "markdown", "json"] {
        let (probe, diagnose) = (line("probe", format), line("diagnose", format));
        let orders = [
            vec![probe.clone(), diagnose.clone(), probe.clone()],
            vec![diagnose.clone(), probe.clone(), diagnose.clone()],
            vec![format!("get {registry}/v2/"), probe.clone(), diagnose.clone()],
        ];
        let alone = |command: &str| {
            let arguments = [&options[..], &[command, &reference, "--format", format]].concat();
            ociscope(&arguments).env("COLUMNS", "120").run().stdout
        };
        let (probed, diagnosed) = (alone("probe"), alone("diagnose"));
        for order in orders {
            let outputs = printed(&options, &order);
            let before = exchanges_before(&options, &order);
            assert_eq!(outputs.len(), order.len(), "{name}: {outputs:?}");
            for (at, (command, output)) in order.iter().zip(&outputs).enumerate() {
                let expected = match command.split(' ').next() {
                    Some("probe") => &probed,
                    Some("diagnose") => &diagnosed,
                    _ => continue,
                };
                let what = format!("{name}, {command}, as command {}", at + 1);
                match format {
                    "json" => assert_same_json(expected, output, before[at], &what),
                    _ => assert_same_text(expected, output, before[at], &what),
                }
            }
        }
    }
}

macro_rules! same_as_first_second_and_third_command {
    ($($test:ident: $scenario:literal)+) => {$(
        #[test]
        fn $test() {
            assert_same_wherever_it_is_made($scenario);
        }
    )+};
}

same_as_first_second_and_third_command! {
    report_with_two_answers: "gcr-deepvariant"
    report_with_one_answer: "tag-v-prefix"
    report_of_an_index: "index-missing-child"
    report_behind_a_token: "hub-missing-repo"
    report_of_a_healthy_image: "docker-hub-2025-healthy"
    report_of_another_server: "captive-portal"
    report_without_an_answer: "certificate-expired"
}

#[test]
fn table_of_answers_shows_the_answers_of_its_own_probe() {
    let reference = "gcr.io/deepvariant-docker/deepvariant:0.5.0";
    let script = [
        "get gcr.io/v2/".to_owned(),
        format!("probe {reference} > report.md"),
        format!("probe {reference} > report.json"),
        format!("probe {reference} > report.txt"),
    ];
    let folder = tempfile::TempDir::new().expect("a folder");
    let run = ociscope(&["--lab"]).in_folder(folder.path()).input(&script.join("\n")).run();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_else(|_| panic!("{run:?}"));
    let status = |text: &str, row: &str| {
        let line = text.lines().find(|line| line.trim_start_matches(['|', ' ']).starts_with(row)).map(str::to_owned);
        let words: Vec<_> = line.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        let words = words.iter().map(|word| word.trim_matches('*').to_owned());
        words.filter(|word| word.parse::<u16>().is_ok()).collect::<Vec<_>>()
    };
    assert_eq!(status(&read("report.txt"), "status"), ["200", "404"], "{}", read("report.txt"));
    let markdown = read("report.md");
    let lines: Vec<_> = markdown.lines().filter(|line| line.starts_with("HTTP/2 ")).collect();
    assert_eq!(lines, ["HTTP/2 200", "HTTP/2 404"], "{markdown}");
    let json: Value = serde_json::from_str(&read("report.json")).expect("JSON");
    let statuses: Vec<_> = json["answers"].as_array().expect("answers").iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, [200, 404]);
}
