//! The commands of the shell as JSON, each an object on a line.

use crate::support::document::assert_described;
use crate::support::ociscope::ociscope;

#[test]
fn every_object_is_as_described() {
    let script = "use gcr.io/deepvariant-docker/deepvariant:0.5.0\nconfig > config.json\nset accept json\nset\nuse\nsession\n\
                  headers 1 2\nquery $.config\ncurl 1\nhelp\nhelp probe\ntutorial\nshow 2\n";
    let run = ociscope(&["--lab", "--json", "--platform", "linux/amd64"]).input(script).run();
    assert_eq!(run.status, 0, "{}", run.stderr);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 10, "{}", run.stdout);
    let (shown, others) = lines.split_last().expect("ten lines");
    others.iter().for_each(|line| assert_described("docs/shell.schema.json", line));
    assert_described("docs/exchange.schema.json", shown);
    let schemas: Vec<_> = others
        .iter()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).expect("JSON")["schema"].as_str().map(str::to_owned)
        })
        .collect();
    let expected = ["settings", "use", "session", "headers", "query", "curl", "help", "help", "tutorial"];
    assert_eq!(schemas, expected.map(|name| Some(format!("ociscope.{name}/1"))));
}
