//! Command lines without a command, and references in files.

use crate::support::ociscope::{Run, in_a_shell, ociscope};

const HEALTHY: &str = "ghcr.io/example/greeting:1.0";
const MISSING: &str = "registry.example/prefixed/greeting:1.2.3";

fn in_the_lab(arguments: &[&str]) -> Run {
    ociscope(&[&["--lab", "--platform", "linux/amd64"], arguments].concat()).run()
}

/// The inputs of the reports of a run, each with its exit status.
fn reports(run: &Run) -> Vec<(String, u64)> {
    let report = |line: &str| {
        let report: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{run:?}"));
        let input = report["reference"]["input"].as_str().expect("an input").to_owned();
        (input, report["exit_code"].as_u64().expect("a status"))
    };
    run.stdout.lines().map(report).collect()
}

#[test]
fn reference_alone_is_diagnosed() {
    for (line, status) in [
        (&[HEALTHY][..], 0),
        (&[MISSING], 10),
        (&["--json", MISSING], 10),
        (&[MISSING, "--accept", "docker-v2"], 10),
        (&["gcr.io/deepvariant-docker/deepvariant:0.5.0"], 0),
    ] {
        let run = in_the_lab(&[line, &["--json"]].concat());
        // `--json` twice is refused, as with any command.
        let run = if line.contains(&"--json") { in_the_lab(line) } else { run };
        let requests = |run: &Run| run.json()["exchanges"].as_array().map(Vec::len);
        let diagnosed = in_the_lab(&["diagnose", "--json", line.iter().find(|word| word.contains('/')).expect("one")]);
        assert_eq!(run.status, status, "{line:?}: {run:?}");
        assert!(line.contains(&"--accept") || requests(&run) == requests(&diagnosed), "{line:?}: {run:?}");
    }
}

#[test]
fn argument_with_white_space_is_explained() {
    for text in [
        "manifest for acme/api:latest not found: manifest unknown",
        "x509: certificate signed by unknown authority",
        "toomanyrequests: You have reached your pull rate limit",
        "unauthorized: authentication required\n",
        "error pulling image configuration: download failed after attempts=6: dial tcp: lookup r.test: no such host",
    ] {
        let (alone, explained) = (ociscope(&[text]).run(), ociscope(&["explain", text]).run());
        assert_eq!((alone.status, &alone.stdout), (0, &explained.stdout), "{text}: {alone:?}");
    }
}

#[test]
fn words_of_other_tools_are_answered_with_ours() {
    for (line, words) in [
        (&["docker", "pull", "acme/api:1"][..], "`ociscope diagnose REF`"),
        (&["sregistry", "pull", "acme/api"], "`ociscope diagnose REF`"),
        (&["singularity", "pull", "docker://acme/api"], "`ociscope diagnose REF`"),
        (&["inspect", "acme/api"], "`ociscope manifest REF`"),
        (&["crane", "digest", "acme/api"], "`ociscope manifest REF` shows the digest"),
        (&["ls", "acme/api"], "`ociscope tags REF`"),
        (&["login", "ghcr.io"], "`ociscope COMMAND -u NAME REF`"),
        (&["push", "acme/api"], "read-only"),
        (&["images.txt"], "`ociscope diagnose -f FILE`"),
        (&["NAME_UNKNOWN"], "`ociscope explain NAME_UNKNOWN`"),
        (&["query", "$.x"], "a command of the shell"),
    ] {
        let run = ociscope(line).home_file("images.txt", "a/b\n").run();
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{line:?}: {run:?}");
        assert!(run.stderr.contains(words), "{line:?}: {run:?}");
    }
    // What is close to a command is still for the parser to say.
    let run = ociscope(&["diagnos", "acme/api"]).run();
    assert!(run.status == 2 && run.stderr.contains("'diagnose'"), "{run:?}");
}

#[test]
fn references_are_read_from_a_file_or_standard_input() {
    let list = format!("# our images\n{HEALTHY}\n\n  {MISSING}   # the old one\n");
    let expected = [(HEALTHY.to_owned(), 0), (MISSING.to_owned(), 10)];
    for command in ["diagnose", "probe"] {
        let base = ["--lab", "--platform", "linux/amd64", "--json", command];
        let file = ociscope(&[&base[..], &["-f", "images.txt"]].concat()).home_file("images.txt", &list).run();
        let input = ociscope(&[&base[..], &["--file=-"]].concat()).input(&list).run();
        for run in [file, input] {
            let mut found = reports(&run);
            found.sort();
            assert_eq!((run.status, &found[..]), (10, &expected[..]), "{command}: {run:?}");
        }
        // Along with references of the command line.
        let both = ociscope(&[&base[..], &["-f", "one.txt", HEALTHY]].concat()).home_file("one.txt", MISSING).run();
        assert_eq!(reports(&both).len(), 2, "{command}: {both:?}");
    }
}

#[test]
fn list_that_cannot_be_read_is_wrong_usage() {
    for (content, words) in [
        ("", "images.txt contains no references; write one a line"),
        ("#\n\n", "images.txt contains no references; write one a line"),
        (&"a/b\n".repeat(10_001), "images.txt has more than 10000 references"),
        (&"#".repeat((1 << 20) + 1), "images.txt is longer than 1 MiB"),
    ] {
        let run = ociscope(&["diagnose", "-f", "images.txt"]).home_file("images.txt", content).run();
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{words}");
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
    let run = ociscope(&["probe", "-f", "nothing.txt"]).run();
    assert!(run.status == 2 && run.stderr.contains("nothing.txt could not be read"), "{run:?}");
    let run = ociscope(&["diagnose", "-u", "alice", "--password-stdin", "-f", "-"]).input("CANARY\n").run();
    assert!(run.status == 2 && run.stderr.contains("both read standard input"), "{run:?}");
    // In a script of the shell, standard input has the commands.
    let run = ociscope(&["--lab"]).input("diagnose -f -\n").run();
    assert!(run.status == 2 && run.stderr.contains("write -f FILE"), "{run:?}");
    let run = ociscope(&["--lab", "--json"]).input("diagnose -f images.txt\n").home_file("images.txt", HEALTHY).run();
    assert_eq!((run.status, reports(&run)), (0, vec![(HEALTHY.to_owned(), 0)]), "{run:?}");
}

/// A given password is for the registry of the first reference, also where that is in a list.
#[test]
fn login_is_for_the_first_reference_of_a_list() {
    let line = format!(
        "printf '{HEALTHY}\\n' > images.txt; echo CANARY | ociscope --lab -u alice --password-stdin --json diagnose -f images.txt"
    );
    let run = in_a_shell(&line).run();
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
    assert_eq!(report["reference"]["registry"], "ghcr.io", "{run:?}");
    assert!(!run.stderr.contains("not used for ghcr.io"), "{run:?}");
}

#[test]
fn platform_without_a_system_is_linux() {
    for (short, full) in [("arm64", "linux/arm64"), ("arm64/v8", "linux/arm64/v8"), ("amd64", "linux/amd64")] {
        let wanted = |platform: &str| {
            let run = ociscope(&["--lab", "--json", "--platform", platform, "platforms", HEALTHY]).run();
            run.json()["wanted"].as_str().expect("a platform").to_owned()
        };
        assert_eq!(wanted(short), wanted(full));
        assert_eq!(wanted(short), full);
    }
    let run = ociscope(&["--platform", "windows", "probe", "a/b"]).run();
    assert!(run.status == 2 && run.stderr.contains("a platform is OS/ARCH"), "{run:?}");
}
