//! What a user prefers, by variables and `config.toml`, where a command line says nothing.

use std::os::unix::fs::PermissionsExt;

use crate::support::ociscope::{Ociscope, in_a_shell};

const IMAGE: &str = "gcr.io/deepvariant-docker/deepvariant:0.5.0";

/// A run with this configuration.
fn with(configuration: &str, line: &str) -> Ociscope {
    let run = in_a_shell(line).home_file(".config/ociscope/config.toml", configuration);
    let path = run.home().join(".config/ociscope/config.toml");
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).expect("a mode");
    run
}

#[test]
fn option_is_before_variable_is_before_configuration() {
    let is_json = |text: &str| text.starts_with('{');
    let is_markdown = |text: &str| text.starts_with('#') || text.contains("**") || text.contains("`tag-not-found`");
    let kept = "format = \"markdown\"\n";
    let line = "ociscope explain tag-not-found";
    assert!(is_markdown(&with(kept, line).run().stdout), "{:?}", with(kept, line).run());
    assert!(is_json(&with(kept, line).env("OCISCOPE_FORMAT", "json").run().stdout));
    let option = format!("{line} --format terminal");
    let plain = with(kept, &option).env("OCISCOPE_FORMAT", "json").run().stdout;
    assert!(!is_json(&plain) && !is_markdown(&plain), "{plain}");
    // In the shell too, where a line and `set` come first.
    let script = |lines: &str| with(kept, "ociscope --lab").input(lines).run().stdout;
    assert!(is_markdown(&script("explain tag-not-found\n")));
    assert!(is_json(&script("explain tag-not-found --json\n")));
    assert!(is_json(&script("set format json\nexplain tag-not-found\n")));
}

#[test]
fn display_settings_reach_a_run() {
    let judged_for = |run: Ociscope, platform: &str| {
        let run = run.run();
        assert!(run.stdout.contains(platform), "{platform}: {run:?}");
    };
    let line = format!("ociscope --lab diagnose --format markdown {IMAGE}");
    let kept = "platform = \"linux/s390x\"\n";
    judged_for(with(kept, &line), "linux/s390x");
    judged_for(with(kept, &line).env("OCISCOPE_PLATFORM", "linux/arm64"), "linux/arm64");
    let option = format!("{line} --platform linux/386");
    judged_for(with(kept, &option).env("OCISCOPE_PLATFORM", "linux/arm64"), "linux/386");
    let coloured = with("color = \"always\"\n", "ociscope rules").run().stdout;
    assert!(coloured.contains("\u{1b}["), "{coloured}");
    let echoed = with("echo = true\n", "ociscope").input("explain 404\n").run().stdout;
    assert!(echoed.starts_with("❯ explain 404\n"), "{echoed}");
    let public = with("public = true\n", "ociscope --lab manifest --raw gcr.io/a/b:c").run();
    assert!(public.status == 2 && public.stderr.contains("--public"), "{public:?}");
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let hanging = format!("ociscope probe --plain-http {}/a/b:1", silent.local_addr().expect("an address"));
    for run in [with("timeout = 0.5\n", &hanging), with("", &hanging).env("OCISCOPE_TIMEOUT", "0.5")] {
        let began = std::time::Instant::now();
        assert_eq!(run.run().status, 15);
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    }
}

#[test]
fn files_that_variables_name_are_used() {
    let line = "ociscope probe --plain-http 127.0.0.1:1/a/b:1";
    for (name, words) in [("OCISCOPE_AUTH_FILE", "/nowhere/auth.json"), ("OCISCOPE_CACERT", "/nowhere/ca.pem")] {
        let run = in_a_shell(line).env(name, words).run();
        assert!(run.status == 2 && run.stderr.contains(words), "{name}: {run:?}");
    }
    // Who says on the line who asks has said enough.
    let run = in_a_shell(&format!("{line} --anonymous")).env("OCISCOPE_AUTH_FILE", "/nowhere/auth.json").run();
    assert_eq!(run.status, 15, "{run:?}");
    let run = in_a_shell("ociscope --lab probe gcr.io/deepvariant-docker/deepvariant:0.5.0");
    assert_eq!(run.env("OCISCOPE_CACERT", "/nowhere/ca.pem").run().status, 0);
}

#[test]
fn wrong_value_names_its_place() {
    for (name, value) in [
        ("OCISCOPE_FORMAT", "yaml"),
        ("OCISCOPE_COLOR", "sometimes"),
        ("OCISCOPE_PLATFORM", "linux amd64"),
        ("OCISCOPE_TIMEOUT", "1h"),
        ("OCISCOPE_TIMEOUT", "0"),
    ] {
        let run = in_a_shell("ociscope rules").env(name, value).run();
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{name}: {run:?}");
        assert!(run.stderr.contains(name) && run.stderr.contains(value), "{name}: {run:?}");
    }
    for line in
        ["format = \"yaml\"", "color = \"sometimes\"", "timeout = \"1h\"", "pager = 3.5.1", "public = \"maybe\""]
    {
        let run = with(line, "ociscope rules").run();
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{line}: {run:?}");
        assert!(run.stderr.contains("config.toml"), "{line}: {run:?}");
    }
}

#[test]
fn what_weakens_a_check_or_carries_a_secret_has_no_place_there() {
    for line in [
        "insecure = true",
        "plain-http = true",
        "allow_cleartext_login = true",
        "trust-realm = [\"CANARY.test\"]",
        "header = \"X-Api-Key: CANARY\"",
        "username = \"CANARY\"",
        "password = \"CANARY\"",
        "cacert = \"/etc/CANARY.pem\"",
    ] {
        let name = line.split(' ').next().expect("a name").replace('_', "-");
        let run = with(line, "ociscope rules").run();
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{line}: {run:?}");
        assert!(run.stderr.contains(&format!("{name} cannot be set")), "{line}: {run:?}");
        assert!(run.stderr.contains("config.toml") && !run.stderr.contains("CANARY"), "{line}: {run:?}");
    }
    for variable in ["OCISCOPE_INSECURE", "OCISCOPE_PLAIN_HTTP", "OCISCOPE_HEADER", "OCISCOPE_USERNAME"] {
        let run = in_a_shell("ociscope probe --json --plain-http 127.0.0.1:1/a/b:1").env(variable, "true").run();
        assert!(run.status == 15 && run.stderr.is_empty(), "{variable} means nothing: {run:?}");
    }
}
