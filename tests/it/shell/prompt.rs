//! Somebody types: the prompt in its states, Ctrl-C and Ctrl-D, pasted blocks, narrow screens and poor terminals.

use std::time::Instant;

use tempfile::TempDir;

use crate::support::hostile::{Server, answer, refusal};
use crate::support::screen::{Key, Screen, ScreenBuilder};

const IMAGE: &str = "gcr.io/deepvariant-docker/deepvariant:0.5.0";

fn shell() -> ScreenBuilder {
    Screen::open(&["--lab", "--platform", "linux/amd64"]).rows(24)
}

/// The last line of the screen with something on it.
fn last_line(screen: &Screen) -> String {
    let text = screen.text();
    text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim_end().to_owned()
}

#[test]
fn the_prompt_says_where_one_is_as_whom_and_how_the_last_request_went() {
    let mut screen = shell().start();
    screen.wait_for_prompt();
    assert_eq!(screen.line(0), "ociscope 0.1.0   help lists commands, tutorial is a guided tour");
    assert_eq!(last_line(&screen), "ociscope lab ❯");
    screen.command(&format!("use {IMAGE}"));
    assert_eq!(last_line(&screen), format!("{IMAGE} lab anon ❯"));
    screen.command("manifest --accept docker-v1");
    assert_eq!(last_line(&screen), format!("{IMAGE} lab anon 404 ❯"));
    screen.command("config");
    assert_eq!(last_line(&screen), format!("{IMAGE} lab anon 200 ❯"));
    screen.command("use nowhere.invalid/a:1");
    assert_eq!(last_line(&screen), "nowhere.invalid/a:1 lab anon ❯");
}

/// Whether a credential is stored is only known when it was looked for.
#[test]
fn the_prompt_says_that_a_stored_credential_was_used() {
    let server = Server::answering(|_| refusal("404 Not Found", &[], "MANIFEST_UNKNOWN", "no"));
    let home = TempDir::new().expect("a home");
    std::fs::create_dir(home.path().join(".docker")).expect("a folder");
    let file = format!(r#"{{"auths": {{"{}": {{"auth": "YWRhOkNBTkFSWXB3"}}}}}}"#, server.address);
    std::fs::write(home.path().join(".docker/config.json"), file).expect("a file");
    let mut screen = Screen::open(&["--plain-http"]).home(home.path()).start();
    let place = format!("{}/a/b:1", server.address);
    screen.command(&format!("use {place}"));
    assert_eq!(last_line(&screen), format!("{place} ❯"));
    screen.command("manifest");
    assert_eq!(last_line(&screen), format!("{place} stored 404 ❯"));
    screen.command("set anonymous on");
    assert_eq!(last_line(&screen), format!("{place} anon 404 ❯"));
    screen.command("set anonymous off");
    screen.command("manifest --anonymous");
    assert_eq!(last_line(&screen), format!("{place} anon 404 ❯"));
}

/// A hint that has no colour of its own could not be told from what was typed.
#[test]
fn without_colour_nothing_is_hinted() {
    let mut screen = shell().env("NO_COLOR", "1").start();
    screen.wait_for_prompt();
    screen.type_text("probe ");
    screen.wait_for_input("probe ");
    screen.type_text("x");
    screen.wait_for_input("probe x");
    assert_eq!(last_line(&screen), "ociscope lab ❯ probe x");
    assert!(!String::from_utf8_lossy(&screen.raw()).contains("[REF]"), "{}", screen.text());
}

#[test]
fn the_status_is_coloured_by_what_it_means() {
    let mut screen = shell().start();
    screen.command(&format!("use {IMAGE}"));
    screen.command("manifest --accept docker-v1");
    let (row, column) = screen.place_of("anon 404");
    assert_eq!(screen.colour_at(row, column + 5), vt100::Color::Idx(1), "red");
    screen.command("config");
    let (row, column) = screen.place_of("anon 200");
    assert_eq!(screen.colour_at(row, column + 5), vt100::Color::Idx(2), "green");
}

#[test]
fn a_shell_that_is_opened_on_an_image_probes_it() {
    let mut screen = Screen::open(&["--lab", "shell", IMAGE]).rows(24).start();
    screen.wait_for_prompt();
    screen.wait_for("probe > report.md");
    assert_eq!(last_line(&screen), format!("{IMAGE} lab anon 200 ❯"));
    // The same by a reference alone, and by a tag of the same repository.
    assert!(screen.command(":latest").contains("12 variants"));
    screen.wait_for("deepvariant:latest lab anon 200 ❯");
}

#[test]
fn a_name_and_not_a_platform_is_what_the_prompt_is_about() {
    let mut screen = shell().start();
    screen.command("platforms ghcr.io/example/greeting:1.0");
    screen.command("use 2");
    assert!(last_line(&screen).contains("greeting@sha256:"), "{}", screen.text());
    assert!(last_line(&screen).chars().count() < 80);
}

#[test]
fn a_wrong_word_is_said_to_be_one_and_the_shell_goes_on() {
    let mut screen = shell().start();
    let said = screen.command("prob");
    assert_eq!(said.trim(), "there is no command prob; did you mean probe? `help` lists all");
    let said = screen.command("config");
    assert_eq!(said.trim(), "config needs an image: name one, or go to one with `use REF` first");
    let said = screen.command("probe --nonsense a/b:c");
    assert!(said.contains("unexpected argument '--nonsense'"), "{said}");
    let said = screen.command("probe --help");
    assert!(said.contains("--accept <TYPE>"), "{said}");
}

#[test]
fn ctrl_c_clears_the_line_and_ctrl_d_leaves() {
    let mut screen = shell().start();
    screen.wait_for_prompt();
    screen.type_text("probe gcr.io/a");
    screen.wait_for_input("probe gcr.io/a");
    screen.press(Key::CtrlC);
    screen.wait_for_prompt();
    screen.press(Key::CtrlD);
    assert_eq!(screen.wait_for_exit(), 0);
    let mut screen = shell().start();
    screen.wait_for_prompt();
    screen.type_text("exit\n");
    assert_eq!(screen.wait_for_exit(), 0);
}

#[test]
fn ctrl_c_ends_a_command_that_waits_and_leads_back_to_the_prompt() {
    let server = Server::behaving(|mut connection| {
        connection.request();
        connection.wait_until_the_client_goes();
    });
    let reference = format!("http://{}/a/b:1", server.origin("http").trim_start_matches("http://"));
    let mut screen = Screen::open(&[]).start();
    screen.wait_for_prompt();
    let said = screen.next_prompt(|screen| {
        screen.type_text(&format!("manifest {reference}\n"));
        screen.wait_for(": 1 s; Ctrl-C stops");
        let pressed = Instant::now();
        screen.press(Key::CtrlC);
        screen.wait_for_prompt();
        // A person notices what takes longer than a fifth of a second. The rest is for a machine that is busy with tests.
        assert!(pressed.elapsed().as_secs() < 5, "{:?}", pressed.elapsed());
    });
    assert!(said.contains("interrupted"), "{said}");
    assert!(screen.command("help").contains("Why does it not pull?"));
    assert!(screen.command("session").contains("interrupted"));
}

/// Case C33: an expression that is costly is made anew for each value that it is tried on.
#[test]
fn ctrl_c_ends_a_search_in_a_body() {
    let body = serde_json::json!({ "words": vec!["a".repeat(50); 30_000] }).to_string();
    let server = Server::answering(move |_| answer("200 OK", &[("Content-Type", "application/json")], &body));
    let mut screen = Screen::open(&[]).start();
    screen.wait_for_prompt();
    screen.command(&format!("get {}/v2/a/b/manifests/1 > /dev/null", server.origin("http")));
    for path in [
        "$.words[?search(@, '(a{0,90}){0,90}b')]",
        "$.words[?match(@, '(a{0,90}){0,90}b')]",
        "$..[?search(@, '([a-z]{0,60}){0,60}[0-9]')]",
        "$.words[?search(@, '(a|b|c{1,40}){1,90}z')]",
        "$.words[?length(@) == 50 && search(@, '(a?){500}(b?){500}c')]",
    ] {
        screen.next_prompt(|screen| {
            screen.type_text(&format!("query \"{path}\"\n"));
            screen.wait_for("waiting for 1 s; Ctrl-C stops");
            let pressed = Instant::now();
            screen.press(Key::CtrlC);
            screen.wait_for_prompt();
            assert!(pressed.elapsed().as_secs() < 5, "{path}: {:?}", pressed.elapsed());
        });
    }
    assert!(screen.command("help").contains("Why does it not pull?"));
}

#[test]
fn a_pasted_block_is_run_line_by_line() {
    let mut screen = shell().rows(60).start();
    screen.wait_for_prompt();
    let said = screen.next_prompt(|screen| {
        screen.paste(&format!("use {IMAGE}\n# a remark\n$ ociscope config\nlayers"));
        screen.press(Key::Enter);
    });
    let places: Vec<_> = ["❯ config", "Entrypoint", "❯ layers", "11 layers"]
        .iter()
        .map(|words| said.find(words).unwrap_or_else(|| panic!("{words} is not in\n{said}")))
        .collect();
    assert!(places.is_sorted(), "{said}");
}

/// Case F34: what was copied from a log runs nothing, though some of its lines begin like commands.
#[test]
fn pasted_log_runs_no_command_and_is_explained_as_a_whole() {
    let log = format!(
        "  Warning  Failed  9s  kubelet  Failed to pull image \"{IMAGE}\": rpc error: code = NotFound desc = not found: manifest unknown\n\
         probe {IMAGE}\nset header 'X-Canary: 1'\nexit"
    );
    let mut screen = shell().rows(60).start();
    screen.wait_for_prompt();
    let said = screen.next_prompt(|screen| {
        screen.paste(&log);
        screen.press(Key::Enter);
    });
    assert!(said.contains("tag-not-found") && said.contains(&format!("diagnose {IMAGE}")), "{said}");
    assert!(!said.contains("12 variants"), "{said}");
    assert!(!screen.command("set header").contains("X-Canary"), "{}", screen.text());
    assert!(screen.command("session").contains("No exchanges yet"), "{}", screen.text());
}

/// One line that begins with no command and that `explain` recognises is explained; others are refused as before.
#[test]
fn typed_error_is_explained_without_the_command() {
    let mut screen = shell().rows(60).start();
    for (line, words) in [
        (
            "Error response from daemon: manifest for acme/api:1 not found: manifest unknown",
            "diagnose docker.io/acme/api:1",
        ),
        ("docker pull acme/api:1 says: toomanyrequests: You have reached your pull rate limit", "hub-pull-limit"),
        ("x509: it's \"signed by unknown authority\" | what now?", "unknown-ca"),
        ("docker pull acme/api:1", "`diagnose REF` finds out why an image cannot be pulled"),
        ("this says nothing at all", "does not begin with a command"),
    ] {
        let said = screen.command(line);
        assert!(said.split_whitespace().collect::<Vec<_>>().join(" ").contains(words), "{line}: {said}");
    }
}

#[test]
fn the_walk_is_walked_with_enter_alone() {
    let mut screen = shell().start();
    screen.command(&format!("use {IMAGE}"));
    screen.wait_for_prompt();
    screen.type_text("tutorial\n");
    for step in 1..=15 {
        screen.wait_for(&format!("{step} of 15  "));
        // What is proposed stands behind the prompt.
        screen.wait_until(|screen| !screen.contents().trim_end().ends_with('❯'));
        screen.press(Key::Enter);
    }
    screen.wait_for("End of the tutorial");
    screen.wait_for_prompt();
    assert_eq!(last_line(&screen), format!("{IMAGE} lab anon ❯"), "back where it began");
}

#[test]
fn nothing_is_wider_than_a_narrow_screen() {
    for columns in [80, 50, 40] {
        let mut screen = shell().columns(columns).rows(50).start();
        screen.command(&format!("use {IMAGE}"));
        screen.command("config");
        let prompt = last_line(&screen);
        assert!(prompt.chars().count() <= usize::from(columns) * 4 / 5, "{prompt}");
        screen.command("help");
        let wide = screen.too_wide();
        assert!(wide.is_empty(), "at {columns}: {wide:#?}");
    }
}

#[test]
fn a_screen_may_become_narrower_while_somebody_types() {
    let mut screen = shell().start();
    screen.command(&format!("use {IMAGE}"));
    screen.type_text("get manifests/0.5.0 --accept docker-v1");
    screen.wait_for_input("get manifests/0.5.0 --accept docker-v1");
    screen.resize(50, 24);
    screen.press(Key::Enter);
    screen.wait_for("docker-v2-not-accepted");
    assert!(last_line(&screen).chars().count() <= 50, "{}", screen.text());
}

#[test]
fn a_poor_terminal_gets_no_codes() {
    let mut screen = shell().env("TERM", "dumb").start();
    let said = screen.command(&format!("config {IMAGE}"));
    assert!(said.contains("Entrypoint"), "{said}");
    assert!(!String::from_utf8_lossy(&screen.raw()).contains('\u{1b}'), "{}", String::from_utf8_lossy(&screen.raw()));
    let mut screen = shell().env("NO_COLOR", "1").start();
    screen.command(&format!("use {IMAGE}"));
    screen.command("manifest --accept docker-v1");
    let (row, column) = screen.place_of("anon 404");
    assert_eq!(screen.colour_at(row, column + 5), vt100::Color::Default);
}

#[test]
fn a_password_on_standard_input_leaves_the_terminal_for_commands() {
    let program = env!("CARGO_BIN_EXE_ociscope");
    let line =
        format!("echo CANARY-password | {program} --lab=distribution-2-htpasswd --username ada --password-stdin");
    let mut screen = Screen::open_program("/bin/sh", &["-c", &line]).start();
    screen.command("tags registry-2.example/locked/app:1.0");
    assert!(last_line(&screen).contains(" lab as ada 401 ❯"), "{}", screen.text());
    assert!(!String::from_utf8_lossy(&screen.raw()).contains("CANARY"), "{}", screen.text());
}

#[test]
fn what_is_longer_than_the_screen_goes_through_a_pager_where_that_is_wanted() {
    let home = TempDir::new().expect("a home");
    let pager = home.path().join("pager");
    std::fs::write(&pager, "#!/bin/sh\necho \"paged by $1\"\ncat > /dev/null\n").expect("a script");
    std::fs::set_permissions(&pager, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a program");
    let variable = format!("{} me", pager.display());
    let mut screen = shell().env("PAGER", &variable).start();
    screen.command("set pager on");
    assert!(screen.command(&format!("probe {IMAGE}")).contains("paged by me"), "{}", screen.text());
    assert!(screen.command("config").contains("Entrypoint"), "what fits on the screen is shown as it is");
    screen.command("set pager");
    assert!(screen.command("probe").contains("12 variants"));
}

#[test]
fn prompt_shows_settings_that_change_what_is_asked_for() {
    let mut screen = Screen::open(&["--lab"]).columns(120).rows(24).start();
    screen.wait_for_prompt();
    assert_eq!(screen.command("set accept oci-index").trim(), "accept: oci-index");
    assert_eq!(last_line(&screen), "ociscope lab accept oci-index ❯");
    assert_eq!(screen.command("set platform arm64").trim(), "platform: arm64");
    screen.command("set accept docker-v2 oci-index json");
    screen.command(&format!("use {IMAGE}"));
    assert_eq!(last_line(&screen), format!("{IMAGE} lab anon accept docker-v2 +2 arm64 ❯"));
    assert_eq!(screen.command("unset accept").trim(), "accept: not set");
    assert_eq!(screen.command("use windows/amd64").trim(), "platform: windows/amd64");
    assert_eq!(last_line(&screen), format!("{IMAGE} lab anon windows/amd64 ❯"));
    screen.command("unset platform");
    assert_eq!(last_line(&screen), format!("{IMAGE} lab anon ❯"));
    assert!(screen.command("unset nothing").contains("there is no setting nothing"), "{}", screen.text());
}

/// The last request of a diagnosis is one of many, and its status is not the result.
#[test]
fn prompt_shows_the_verdict_of_a_diagnosis() {
    let mut screen = shell().columns(120).start();
    screen.wait_for_prompt();
    for (image, verdict) in [(IMAGE, "✓ can be pulled"), ("registry.example/prefixed/greeting:1.2.3", "✗ not found")]
    {
        screen.command(&format!("diagnose {image}"));
        assert_eq!(last_line(&screen), format!("{image} lab anon {verdict} ❯"));
        screen.command("manifest");
        assert!(!last_line(&screen).contains(verdict), "{}", last_line(&screen));
        screen.command("diagnose");
        assert_eq!(last_line(&screen), format!("{image} lab anon {verdict} ❯"));
        screen.command("use :other");
        assert!(!last_line(&screen).contains(verdict), "{}", last_line(&screen));
    }
}

#[test]
fn commands_are_printed_as_they_are_typed_here() {
    let mut screen = shell().columns(100).rows(60).start();
    screen.wait_for_prompt();
    for line in [
        "rules digest",
        "lab list prefix",
        "lab",
        "schema",
        "explain tag-not-found",
        "explain denied: requested access to the resource is denied",
    ] {
        let said = screen.command(line);
        let is_command = |shown: &str| shown.contains("`ociscope ") || shown.trim_start().starts_with("ociscope ");
        assert!(!said.lines().any(is_command), "{line}: {said}");
    }
    let run = crate::support::ociscope::ociscope(&["rules", "digest"]).run();
    assert!(run.stdout.contains("`ociscope explain NAME`"), "{run:?}");
}
