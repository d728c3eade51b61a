//! Lines that are neither a command nor a reference: any of them may be a password, so none is asked for, repeated or kept.

use std::fs;

use tempfile::TempDir;

use crate::support::hostile::{Names, Server, refusal};
use crate::support::ociscope::ociscope;
use crate::support::screen::{Key, Screen};

/// Docker Hub, where words without a registry would be asked for, and all that it is ever asked.
fn hub() -> (Names, Server) {
    let mut names = Names::new();
    let hosts = ["registry-1.docker.io", "auth.docker.io", "index.docker.io"];
    let server = Server::answering_over_tls(&names.authority, &hosts, |_| {
        refusal("404 Not Found", &[], "MANIFEST_UNKNOWN", "unknown")
    });
    hosts.iter().for_each(|host| names.lead(host, &server));
    (names, server)
}

/// Bare words that were reported, and others like them: passwords, tokens, commands of other programs, names of files,
/// lines of a log.
const LINES: [&str; 23] = [
    "history",
    "watch",
    "env",
    "pod.yaml",
    "hunter2",
    "p@ss",
    "secret",
    "correct horse battery staple",
    "correct/horse battery:staple",
    "b9d3a1f0-5c1e-4f0e-9a57-0c6d8a1f2b3c",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "dckr_pat_abcdefghijklmnop",
    "10.0.0.1",
    "kube.config",
    "a.b.c",
    "c0ffee11",
    "4a7b3c1e31bd4a7b3c1e31bd4a7b3c1e31bd4a7b3c1e31bd4a7b3c1e31bd4a7b",
    "@c0ffee",
    "1234",
    ":Pa55word",
    "Pa55/word:x",
    "alice:Hunter2!",
    "E0512 12:34:56.789 pod_workers.go:965] Error syncing pod, skipping: ErrImagePull",
];

#[test]
fn word_that_is_neither_command_nor_reference_is_asked_of_nobody() {
    let (names, hub) = hub();
    for line in LINES {
        let run = ociscope(&names.options()).input(&format!("{line}\n")).run();
        assert_eq!(run.status, 2, "{line}: {run:?}");
        assert_eq!(run.stdout, "", "{line}");
        assert!(run.stderr.starts_with("ociscope: line 1: "), "{line}: {}", run.stderr);
        hub.assert_untouched();
    }
}

#[test]
fn word_that_may_be_a_secret_is_neither_repeated_nor_kept() {
    let (names, hub) = hub();
    let home = TempDir::new().expect("a home");
    let mut screen = Screen::open(&names.options()).home(home.path()).columns(120).start();
    for line in LINES.iter().filter(|line| !["history", "watch", "env"].contains(*line)) {
        let said = screen.command(line);
        for word in line.split(' ').filter(|word| word.len() > 4) {
            assert!(!said.contains(word), "{line}: {said}");
        }
    }
    screen.command("use ghcr.io/example/greeting:1.0");
    screen.press(Key::CtrlD);
    screen.wait_for_exit();
    let kept = fs::read_to_string(home.path().join(".local/state/ociscope/history")).expect("a history");
    assert_eq!(kept, "use ghcr.io/example/greeting:1.0\n");
    hub.assert_untouched();
}

#[test]
fn refusal_names_the_command_that_would() {
    for (line, words) in [
        ("hunter2", "`probe NAME` probes an image of that name"),
        ("MANIFEST_UNKNOWN", "`explain MANIFEST_UNKNOWN` says what it means"),
        ("404", "`explain 404` says what it means"),
        ("tag-not-found", "`explain tag-not-found` says what it means"),
        ("Failed to pull image: not found", "`explain` before it explains"),
        ("pod.yaml", "`explain FILE` explains"),
        ("./pod.yaml", "`explain FILE` explains"),
        ("k8s/pod.yaml", "`explain FILE` explains"),
        ("history", "the arrow keys and Ctrl-R"),
        ("env", "`set` shows the settings of the session"),
        ("docker login registry.example", "`login REGISTRY` asks for the user name and the password"),
        ("Probe a/b:c", "did you mean probe?"),
        ("manfiest :1", "did you mean manifest?"),
        ("ghcr.io/Owner/Name:1", "names are lower case"),
        ("2", "the last list has no entry with that number"),
        ("linux/arm64", "go to one with `use REF` first"),
    ] {
        let run = ociscope(&[]).home_file("pod.yaml", "kind: Pod\n").home_file("k8s/pod.yaml", "").input(line).run();
        assert_eq!(run.status, 2, "{line}: {run:?}");
        let said = run.stderr.replace('\n', " ");
        assert!(said.contains(words), "{line}: {said}");
    }
}

#[test]
fn reference_with_a_slash_a_tag_or_a_digest_is_probed() {
    let digest = format!("sha256:{}", "5e".repeat(32));
    for (line, about) in [
        ("alpine:3", "docker.io/library/alpine:3"),
        ("library/alpine", "docker.io/library/alpine:latest"),
        ("ghcr.io/example/greeting:1.0", "ghcr.io/example/greeting:1.0"),
        ("ghcr.io/example/greeting:1.0 --accept docker-v2", "ghcr.io/example/greeting:1.0"),
        ("localhost:1/x", "localhost:1/x:latest"),
        (&format!("n@{digest}"), &format!("docker.io/library/n@{digest}")),
    ] {
        // The lab has no registry on this machine.
        let options: &[&str] = if line.starts_with("localhost") { &[] } else { &["--lab"] };
        let run = ociscope(options).input(&format!("{line} --json\n")).run();
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{line}: {run:?}"));
        let of = &report["reference"];
        let text = |name: &str| of[name].as_str().unwrap_or_default();
        let selector =
            if of["digest"].is_null() { format!(":{}", text("tag")) } else { format!("@{}", text("digest")) };
        assert_eq!(format!("{}/{}{selector}", text("registry"), text("repository")), *about, "{line}");
    }
}

#[test]
fn beginning_of_a_digest_is_a_reference_once_it_was_seen() {
    let run = ociscope(&["--lab", "--json", "--platform", "linux/amd64"])
        .input("f105473\nplatforms ghcr.io/example/greeting:1.0\nf105473\n2\nlinux/arm64\n:1.0\n@f105473\nsha256:f105473\n")
        .run();
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert!(run.stderr.contains("line 1: this is not a command"), "{}", run.stderr);
    let probed = run.stdout.lines().filter(|line| line.contains("\"ociscope.report/")).count();
    assert_eq!(probed, 6, "{}", run.stdout);
}

#[test]
fn misspelt_command_is_kept_to_be_corrected() {
    let mut screen = Screen::open(&["--lab"]).start();
    screen.command("manfiest ghcr.io/example/greeting:1.0");
    screen.command("correct horse battery staple");
    screen.command("logn alice hunter2");
    screen.press(Key::Up);
    screen.wait_for_input("manfiest ghcr.io/example/greeting:1.0");
}

#[test]
fn lines_of_other_shells_are_answered_with_what_to_type() {
    for (line, words) in [
        ("curl https://ghcr.io/v2/", "`get ADDRESS` sends a request"),
        ("curl -sSL https://ghcr.io/v2/a/b/tags/list", "`get ADDRESS` sends a request"),
        ("curl -H 'Authorization: Bearer CANARY' https://ghcr.io/v2/", "`get ADDRESS` sends a request"),
        ("curl -u alice:CANARY https://ghcr.io/v2/", "`get ADDRESS` sends a request"),
        ("get", "get needs a path: get manifests/TAG, get tags/list or get /v2/"),
        ("head", "head needs a path: head manifests/TAG"),
        ("tags; config", "put the part after ; on its own line"),
        ("skopeo inspect docker://acme/api", "`manifest REF` shows the manifest"),
        ("sudo docker pull acme/api", "`diagnose REF` finds out why"),
        ("ls", "`tags` lists the tags"),
        ("digest acme/api", "`manifest REF` shows the digest"),
    ] {
        let run = ociscope(&["--lab"]).input(line).run();
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{line}: {run:?}");
        let said = run.stderr.replace('\n', " ");
        assert!(said.contains(words) && !said.contains("CANARY"), "{line}: {said}");
    }
    // The number of an exchange, and a command with a semicolon after it, are ours.
    let run = ociscope(&["--lab"]).input("probe ghcr.io/example/greeting:1.0 > r.md;\ncurl 1\ncurl --json;\n").run();
    assert_eq!(run.status, 0, "{run:?}");
    let run = ociscope(&["--lab"]).input("explain --timeout 5 --json manifest unknown\n").run();
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.starts_with('{') && run.stdout.contains("manifest"), "{run:?}");
}

#[test]
fn curl_line_with_a_password_is_not_kept() {
    let home = TempDir::new().expect("a home");
    let mut screen = Screen::open(&["--lab"]).home(home.path()).columns(120).start();
    screen.command("curl -u alice:CANARY https://ghcr.io/v2/");
    screen.command("curl https://alice:CANARY@ghcr.io/v2/");
    screen.command("use ghcr.io/example/greeting:1.0");
    screen.press(Key::CtrlD);
    screen.wait_for_exit();
    let kept = fs::read_to_string(home.path().join(".local/state/ociscope/history")).expect("a history");
    assert_eq!(kept, "use ghcr.io/example/greeting:1.0\n");
}
