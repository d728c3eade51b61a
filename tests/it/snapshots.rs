//! Whole reports of a dozen scenarios, as they were read and accepted: as text and as Markdown, and three of them as JSON,
//! whose fields are those of its schema.
//!
//! They are in `tests/snapshots/`. `cargo xtask generate` writes them anew, and you read the difference. What differs from run to run, times and dates, is not in them.

use std::collections::BTreeSet;

use ociscope::internals::scenario;
use serde_json::Value;

use crate::support::document::assert_up_to_date;
use crate::support::ociscope::in_a_shell;
use crate::support::transcript::{without_its_making, without_labels};

/// Runs the diagnosis of a scenario with these options and this width.
fn printed(name: &str, options: &str, columns: &str) -> String {
    let scenario = scenario(name).unwrap_or_else(|error| panic!("{error}"));
    let command = scenario.command_to("diagnose");
    let platform = if command.contains("--platform") { "" } else { " --platform linux/amd64" };
    let line = format!("{command}{platform}{options}");
    let run = || in_a_shell(&line).env("COLUMNS", columns).env("OCISCOPE_FORMAT", "terminal").run().stdout;
    // On a busy machine a request takes a second, whose four digits leave less room for its address.
    let is_slow = |text: &str| {
        let requests = text.lines().skip_while(|line| *line != "Requests");
        requests.filter_map(|line| line.split_whitespace().last()?.parse::<u32>().ok()).any(|time| time > 999)
    };
    (0..5).map(|_| run()).find(|text| !is_slow(text)).unwrap_or_else(run)
}

/// A report for people without times: `12 ms`, dates, bars of time, and the last column of the list of requests.
fn without_times(text: &str) -> String {
    let mut lines = Vec::new();
    let (mut section, mut is_fenced) = ("", false);
    for line in text.lines() {
        if ["Timing", "Requests"].contains(&line) || line.contains("<summary>Requests") {
            section = if line == "Timing" { "times" } else { "requests" };
        } else if section == "requests" && line.starts_with("```") {
            // The bars of an issue are in a fence of their own.
            is_fenced = !is_fenced;
            continue;
        } else if is_fenced {
            continue;
        } else if line.is_empty() && !text.contains("<details>") || line.contains("</details>") {
            let was_times = std::mem::take(&mut section) == "times";
            if was_times {
                continue;
            }
        }
        let words: Vec<_> = line.split_whitespace().collect();
        lines.push(match section {
            // Which requests were under way together differs too, and with it whether there is anything to draw.
            "times" => continue,
            "requests" if words.len() > 3 && words.last().is_some_and(|last| last.parse::<u32>().is_ok()) => {
                format!("  {}", words[..words.len() - 1].join(" "))
            }
            // The columns are as wide as the longest time.
            "requests" if words.last() == Some(&"ms") => format!("  {}", words.join(" ")),
            "requests" if words.len() > 3 && words.last() == Some(&"|") => {
                format!("{} |", words[..words.len() - 2].join(" "))
            }
            // Two tokens of one second are one, those of two seconds two.
            _ if line.contains("Not shown:") => {
                let line = line.replace("tokens", "token");
                line.split(' ').filter(|word| word.parse::<u32>().is_err()).collect::<Vec<_>>().join(" ")
            }
            _ => dateless(line),
        });
    }
    // Where a section was left out, empty lines meet.
    lines.dedup_by(|one, other| one.is_empty() && other.is_empty());
    without_labels(&without_its_making(&lines.join("\n"))) + "\n"
}

/// A line without `12 ms` and without the value behind `date`.
fn dateless(line: &str) -> String {
    let is_date = ["  date  ", "  last-modified  "].iter().any(|name| line.contains(name));
    if is_date {
        return "  date …".to_owned();
    }
    // In an issue, an answer is a block of header lines.
    let volatile = ["date", "last-modified", "ratelimit-remaining"];
    if let Some((name, _)) = line.split_once(": ").filter(|(name, _)| volatile.contains(name)) {
        return format!("{name}: …");
    }
    // A certificate is made anew for each run.
    if let Some((before, _)) = line.split_once("SHA-256 ") {
        return format!("{before}SHA-256 …");
    }
    let words: Vec<_> = line.split(' ').collect();
    let timed = |at: usize| words.get(at + 1) == Some(&"ms") && words[at].parse::<u64>().is_ok();
    words.iter().enumerate().map(|(at, word)| if timed(at) { "…" } else { word }).collect::<Vec<_>>().join(" ")
}

/// A report as JSON without times and dates, one field a line.
fn without_times_in_json(text: &str) -> String {
    fn clean(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                let is_certificate = fields.contains_key("self_signed");
                for (name, field) in fields {
                    let is_volatile = is_certificate && (name == "sha256" || name == "size");
                    if name.ends_with("_ms") || name == "distinct" || name == "made" || is_volatile {
                        *field = Value::Null;
                    } else {
                        clean(field);
                    }
                }
            }
            Value::String(text) => {
                if let Some((before, rest)) = text.split_once("\"issued_at\":\"") {
                    let after = rest.split_once('"').map_or("", |(_, after)| after);
                    *text = format!("{before}\"issued_at\":\"…\"{after}");
                }
            }
            Value::Array(entries) => {
                // What is left depends on which of the requests that went together was counted first.
                if entries.len() == 2 && (entries[0] == "date" || entries[0] == "ratelimit-remaining") {
                    entries[1] = Value::from("…");
                }
                entries.iter_mut().for_each(clean);
            }
            _ => {}
        }
    }
    let mut report: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    clean(&mut report);
    without_labels(&serde_json::to_string_pretty(&report).expect("a value can be written")) + "\n"
}

/// The scenarios whose JSON is kept as well: a healthy index, an error with the credential that it comes from, and blobs
/// that are redirected to a host which does not serve them.
const WITH_JSON: [&str; 3] = ["docker-hub-2025-healthy", "ghcr-stale-token", "blob-host-filtered"];

/// The forms of a scenario's diagnosis that are kept, with their files.
fn forms(name: &str) -> Vec<(String, String)> {
    let mut forms = Vec::new();
    for columns in ["80", "120"] {
        for (options, ending) in [("", ""), (" --verbose", ".verbose")] {
            let shown = printed(name, options, columns);
            let fits = |line: &str| line.chars().count() <= columns.parse().unwrap() || line.contains("ociscope ");
            assert!(shown.lines().all(fits), "{name}: wider than {columns} columns:\n{shown}");
            forms.push((format!("tests/snapshots/{name}.{columns}{ending}.txt"), without_times(&shown)));
        }
    }
    let markdown = without_times(&printed(name, " --format markdown", "80"));
    forms.push((format!("tests/snapshots/{name}.md"), markdown));
    if WITH_JSON.contains(&name) {
        let json = without_times_in_json(&printed(name, " --json", "80"));
        forms.push((format!("tests/snapshots/{name}.json"), json));
    }
    forms
}

/// Compares all forms of a scenario's diagnosis with what was accepted.
#[track_caller]
fn assert_accepted(name: &str) {
    forms(name).iter().for_each(|(path, text)| assert_up_to_date(path, text));
}

/// The names of the files that there are.
fn files() -> BTreeSet<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots");
    let entries = std::fs::read_dir(folder).expect("the snapshots").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// The names of the files that these scenarios have; those with JSON have to be among them.
fn expected(scenarios: &[&str]) -> BTreeSet<String> {
    let texts = scenarios.iter().flat_map(|name| {
        ["80.txt", "80.verbose.txt", "120.txt", "120.verbose.txt", "md"].map(|end| format!("{name}.{end}"))
    });
    texts.chain(WITH_JSON.map(|name| format!("{name}.json"))).collect()
}

macro_rules! accepted {
    ($($test:ident: $scenario:literal)+) => {
        $(
            #[test]
            fn $test() {
                assert_accepted($scenario);
            }
        )+

        #[test]
        fn files_are_those_of_the_scenarios_here() {
            assert_eq!(files(), expected(&[$($scenario),+]));
        }

        /// Every form of every scenario here, with its file.
        pub fn all() -> Vec<(String, String)> {
            [$($scenario),+].into_iter().flat_map(forms).collect()
        }
    };
}

accepted! {
    an_image_that_only_its_own_type_is_shown_to: "gcr-deepvariant"
    an_index_whose_image_is_gone: "index-missing-child"
    a_login_that_keeps_a_public_image_away: "hub-bad-password"
    a_config_digest_on_distribution_2: "distribution-2-config-digest"
    a_version_without_its_v: "tag-v-prefix"
    what_the_registry_does_not_tell: "hub-missing-repo"
    storage_that_a_firewall_blocks: "blob-host-filtered"
    a_token_that_keeps_a_public_image_away: "ghcr-stale-token"
    a_certificate_that_has_expired: "certificate-expired"
    a_sign_in_page: "captive-portal"
    a_chart_that_is_no_image: "helm-chart"
    a_project_that_does_not_exist: "harbor-missing-project"
    a_healthy_image_of_docker_hub: "docker-hub-2025-healthy"
}
