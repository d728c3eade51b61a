//! The benchmark's table of limits: how it is read and compared, and that the page of figures has its rows.

#[expect(dead_code, reason = "the benchmark writes entries, too")]
#[path = "../benches/limits.rs"]
mod limits;

use std::path::Path;

use limits::{Counts, Limits};

/// A row that exceeds nothing, and has no pulls.
const PROBE: Counts = Counts {
    rounds: Some(2),
    requests: Some(13),
    pulls: None,
    connections: Some(1),
    sent: Some(1500),
    received: Some(4000),
};

fn table() -> Limits {
    let text = "[probe]\nrounds = 2\nrequests = 13\nconnections = 1\nsent = 1500\nreceived = 4000\n\n[\"list, first page\"]\nrequests = 2\n";
    Limits::parse(text).expect("a table")
}

#[test]
fn count_at_or_below_its_limit_is_accepted() {
    let fewer = Counts { rounds: Some(1), requests: Some(0), received: Some(3999), ..PROBE };
    for counts in [PROBE, fewer] {
        assert_eq!(table().exceeded("probe", &counts), [""; 0]);
    }
}

#[test]
fn count_above_its_limit_is_named_with_both_numbers() {
    for (counts, complaint) in [
        (Counts { rounds: Some(3), ..PROBE }, "probe: 3 rounds, limit 2"),
        (Counts { requests: Some(14), ..PROBE }, "probe: 14 requests, limit 13"),
        (Counts { connections: Some(12), ..PROBE }, "probe: 12 connections, limit 1"),
        (Counts { sent: Some(1501), ..PROBE }, "probe: 1501 sent, limit 1500"),
        (Counts { received: Some(u64::MAX), ..PROBE }, "probe: 18446744073709551615 received, limit 4000"),
    ] {
        assert_eq!(table().exceeded("probe", &counts), [complaint]);
    }
    let both = Counts { rounds: Some(9), sent: Some(9000), ..PROBE };
    assert_eq!(table().exceeded("probe", &both), ["probe: 9 rounds, limit 2", "probe: 9000 sent, limit 1500"]);
}

/// A count that nothing limits could grow unnoticed, and so could one that is no longer measured.
#[test]
fn count_without_limit_and_limit_without_count_are_named() {
    let pulled = Counts { pulls: Some(1), ..PROBE };
    assert_eq!(table().exceeded("probe", &pulled), ["probe: 1 pulls, no limit in the table"]);
    let silent = Counts { rounds: None, ..PROBE };
    assert_eq!(table().exceeded("probe", &silent), ["probe: rounds not measured, limit 2"]);
    assert_eq!(table().exceeded("prob", &PROBE), ["prob: the table has no such row"]);
}

#[test]
fn row_that_was_not_measured_is_named() {
    assert_eq!(table().unmeasured(&["probe", "list, first page", "another"]), [""; 0]);
    assert_eq!(table().unmeasured(&["probe"]), ["list, first page: in the table, but not measured"]);
}

#[test]
fn table_with_anything_but_whole_counts_is_refused() {
    for text in ["[a]\nround = 1", "[a]\nrounds = 1.5", "[a]\nsent = -1", "[a]\nsent = \"9\"", "a = 1", "[a]\n[a]"] {
        assert!(Limits::parse(text).is_err(), "{text:?}");
    }
    for text in ["", "[a]", "[\"a, b\"]\nsent = 0", "[a]\nsent = 1_000_000", "# nothing"] {
        assert!(Limits::parse(text).is_ok(), "{text:?}");
    }
}

#[test]
fn entry_reads_as_the_counts_it_was_made_of() {
    for name in ["probe", "probe, TLS", "with \"quotes\"", "a.b"] {
        let entry = PROBE.entry(name);
        let limits = Limits::parse(&entry).expect("an entry");
        assert_eq!(limits.exceeded(name, &PROBE), [""; 0], "{entry}");
        let more = Counts { received: Some(4001), ..PROBE };
        assert_eq!(limits.exceeded(name, &more).len(), 1, "{entry}");
    }
}

/// The page is written by the benchmark, which no test runs; its rows follow the table.
#[test]
fn page_of_figures_has_all_rows_of_the_table() {
    let read = |path: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file");
    let limits = Limits::parse(&read("tests/benches/limits.toml")).expect("a table");
    let page = read("docs/performance.md");
    let counts = page.split("\n## Counts\n").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a section");
    let rows = counts.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next()).map(str::trim);
    let mut rows: Vec<_> = rows.filter(|name| *name != "row" && !name.starts_with("--")).collect();
    rows.sort_unstable();
    assert!(rows.len() > 20, "{rows:?}");
    assert_eq!(rows, limits.names().collect::<Vec<_>>());
}
