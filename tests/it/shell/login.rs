//! Passwords in the shell: `login` asks for one without showing it, and nothing else that is typed becomes one, or an image.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::support::basic_authorization;
use crate::support::document::assert_described;
use crate::support::hostile::{Names, Server, manifest, unauthorized};
use crate::support::ociscope::ociscope;
use crate::support::screen::{Key, Screen};

const PASSWORD: &str = "CANARY/pass:word";

/// A registry at this name that asks everybody for a name and a password.
fn registry(names: &mut Names, host: &'static str) -> Server {
    let server = Server::answering_over_tls(&names.authority, &[host], |sent| match sent.all("Authorization")[..] {
        [] => unauthorized("Basic realm=\"Registry\""),
        _ => manifest(),
    });
    names.lead(host, &server);
    server
}

/// `registry.test` and `other.test`, and Docker Hub, which is to be asked nothing.
fn place() -> (Names, Server, Server, Server) {
    let mut names = Names::new();
    let own = registry(&mut names, "registry.test");
    let other = registry(&mut names, "other.test");
    let hub = registry(&mut names, "registry-1.docker.io");
    (names, own, other, hub)
}

fn shell(names: &Names, home: &Path) -> Screen {
    let screen = Screen::open(&names.options()).home(home).start();
    screen.wait_for_prompt();
    screen
}

fn history(home: &Path) -> String {
    fs::read_to_string(home.join(".local/state/ociscope/history")).unwrap_or_default()
}

/// Types the answers to the questions of `login`.
fn answer(screen: &mut Screen, user: &str, password: &str) {
    screen.wait_for("user name for ");
    screen.wait_for_prompt();
    screen.type_text(&format!("{user}\n"));
    type_password(screen, user, password);
}

fn type_password(screen: &mut Screen, user: &str, password: &str) {
    let question = format!("password for {user} ❯");
    screen.wait_until(|screen| screen.contents().trim_end().ends_with(&question));
    screen.type_text(&format!("{password}\n"));
}

#[test]
fn line_typed_after_an_answer_that_asks_for_a_login_goes_nowhere() {
    for asks in [
        "tags --username alice --password-stdin",
        "tags registry.test/team/app --username alice",
        "manifest registry.test/team/app:1.0",
        "get https://alice:x@registry.test/v2/",
        "docker login registry.test",
        "login",
    ] {
        let (names, own, _other, hub) = place();
        let home = TempDir::new().expect("a home");
        let mut screen = shell(&names, home.path());
        screen.command(asks);
        let before = own.connections();
        // Typed twice: the first refusal does not let the second line through.
        for _ in 0..2 {
            let said = screen.command("canary/password:x");
            assert!(said.contains("only commands are run") && !said.contains("canary"), "{asks}: {said}");
        }
        hub.assert_untouched();
        assert_eq!(own.connections(), before, "{asks}");
        screen.command("help");
        screen.press(Key::CtrlD);
        screen.wait_for_exit();
        assert!(!history(home.path()).contains("canary"), "{asks}: {}", history(home.path()));
    }
}

#[test]
fn reference_is_a_place_again_after_the_next_command() {
    let (names, _own, _other, hub) = place();
    let home = TempDir::new().expect("a home");
    let mut screen = shell(&names, home.path());
    screen.command("manifest registry.test/team/app:1.0");
    assert!(screen.command("library/alpine:3").contains("only commands are run"));
    hub.assert_untouched();
    screen.command("set");
    screen.command("library/alpine:3");
    assert!(hub.connections() > 0);
}

#[test]
fn script_may_go_on_with_references_after_a_login_was_asked_for() {
    let (names, _own, other, _hub) = place();
    let run = ociscope(&names.options()).input("registry.test/team/app:1.0\nother.test/team/app:1.0\n").run();
    assert_eq!(run.status, 12, "{run:?}");
    assert!(other.connections() > 0);
}

#[test]
fn login_is_used_for_its_registry_and_no_other() {
    let (names, own, other, hub) = place();
    let home = TempDir::new().expect("a home");
    let mut screen = shell(&names, home.path());
    let said = screen.command("manifest registry.test/team/app:1.0");
    assert!(said.contains("login registry.test") && !said.contains("--password-stdin"), "{said}");
    screen.type_text("login\n");
    answer(&mut screen, "alice", PASSWORD);
    screen.wait_for("Requests to registry.test are now sent as alice.");
    screen.wait_for_prompt();
    let sent = own.connections();
    screen.command("manifest registry.test/team/app:1.0");
    assert!(own.connections() > sent);
    screen.command("manifest other.test/team/app:1.0");
    let authorization = basic_authorization("alice", PASSWORD);
    assert!(own.header_values("Authorization").contains(&authorization));
    other.assert_never_told(PASSWORD);
    hub.assert_untouched();
    screen.command("logout registry.test");
    screen.wait_for("alice is no longer used for registry.test.");
    let count = own.header_values("Authorization").len();
    assert!(screen.command("manifest registry.test/team/app:1.0").contains("login-required"));
    assert_eq!(own.header_values("Authorization").len(), count);
    let said = screen.command("logout registry.test");
    assert!(said.contains("There was no login for registry.test in this session."), "{said}");
    assert!(!String::from_utf8_lossy(&screen.raw()).contains("CANARY"), "{}", screen.text());
    // A line with what was the password in it is not kept either.
    screen.command(&format!("explain {PASSWORD}"));
    screen.press(Key::CtrlD);
    screen.wait_for_exit();
    let kept = history(home.path());
    assert!(kept.lines().any(|line| line == "login") && !kept.contains("CANARY") && !kept.contains("alice"), "{kept}");
    assert!(screen.is_as_before());
}

#[test]
fn login_with_a_user_name_asks_for_the_password_alone() {
    let (names, own, _other, _hub) = place();
    let home = TempDir::new().expect("a home");
    let mut screen = shell(&names, home.path());
    screen.type_text("login --username alice registry.test\n");
    type_password(&mut screen, "alice", PASSWORD);
    screen.wait_for("Requests to registry.test are now sent as alice.");
    screen.wait_for_prompt();
    screen.command("manifest registry.test/team/app:1.0");
    assert!(own.header_values("Authorization").contains(&basic_authorization("alice", PASSWORD)));
    assert!(!String::from_utf8_lossy(&screen.raw()).contains("CANARY"));
}

#[test]
fn question_that_is_left_keeps_nothing_and_gives_the_terminal_back() {
    for key in [Key::CtrlC, Key::CtrlD] {
        let (names, own, _other, _hub) = place();
        let home = TempDir::new().expect("a home");
        let mut screen = shell(&names, home.path());
        screen.type_text("login registry.test\n");
        screen.wait_for("user name for registry.test ❯");
        screen.wait_for_prompt();
        screen.type_text("alice\n");
        screen.wait_until(|screen| screen.contents().trim_end().ends_with("password for alice ❯"));
        if key == Key::CtrlC {
            screen.type_text(PASSWORD);
        }
        screen.press(key);
        screen.wait_for("not logged in");
        screen.wait_for_prompt();
        // What is typed is seen again, and the question has left nothing behind.
        screen.type_text("manifest registry.test/team/app:1.0");
        screen.wait_for_input("manifest registry.test/team/app:1.0");
        screen.press(Key::Enter);
        screen.wait_for("login-required");
        screen.wait_for_prompt();
        assert!(own.header_values("Authorization").is_empty());
        screen.press(Key::CtrlD);
        screen.wait_for_exit();
        assert!(screen.is_as_before(), "{}", screen.text());
        assert!(!String::from_utf8_lossy(&screen.raw()).contains("CANARY"), "{}", screen.text());
        assert_eq!(history(home.path()), "manifest registry.test/team/app:1.0\n");
    }
}

#[test]
fn signal_at_the_question_gives_the_terminal_back() {
    for (signal, status) in [("TERM", 143), ("HUP", 129)] {
        let mut screen = Screen::open(&["--lab"]).start();
        screen.wait_for_prompt();
        screen.type_text("login --username alice registry.test\n");
        screen.wait_until(|screen| screen.contents().trim_end().ends_with("password for alice ❯"));
        assert!(!screen.is_as_before());
        screen.signal(signal);
        assert_eq!(screen.wait_for_exit(), status);
        assert!(screen.is_as_before(), "{signal}:\n{}", screen.text());
    }
}

#[test]
fn what_is_pasted_behind_login_is_not_run() {
    let (names, own, _other, hub) = place();
    let home = TempDir::new().expect("a home");
    let mut screen = shell(&names, home.path());
    screen.paste("login registry.test\nalice\ncanary/password:x");
    screen.press(Key::Enter);
    screen.wait_for("user name for registry.test ❯");
    screen.wait_for_prompt();
    screen.next_prompt(|screen| screen.press(Key::CtrlC));
    screen.press(Key::CtrlD);
    screen.wait_for_exit();
    own.assert_untouched();
    hub.assert_untouched();
    assert_eq!(history(home.path()), "");
}

#[test]
fn wrong_login_repeats_nothing() {
    let home = TempDir::new().expect("a home");
    let mut screen = Screen::open(&["--lab"]).home(home.path()).columns(120).start();
    for line in [
        "login alice canary",
        "login canary",
        "login -p canary registry.test",
        "login --password canary",
        "login --username alice:canary registry.test",
        "login --username alice --password-stdin registry.test",
        "login alice:canary@registry.test",
        "probe -u alice:canary ghcr.io/a/b:c",
        "probe -p canary ghcr.io/a/b:c",
        "probe -pcanary ghcr.io/a/b:c",
        "logout canary me",
    ] {
        let said = screen.command(line);
        assert!(!said.contains("canary") && said.contains("log"), "{line}: {said}");
    }
    screen.press(Key::CtrlD);
    screen.wait_for_exit();
    assert_eq!(history(home.path()), "");
}

#[test]
fn script_cannot_log_in_and_is_told_how() {
    let run = ociscope(&["--lab"]).input("login ghcr.io\nhelp\n").run();
    assert_eq!(run.status, 2);
    let advice = "ociscope --username NAME --password-stdin shell --script FILE < PASSWORD-FILE";
    assert!(run.stderr.contains(advice), "{}", run.stderr);
    assert!(run.stdout.contains("Why does it not pull?"), "the next line is no password:\n{}", run.stdout);
    // The advice works.
    let (names, own, _other, _hub) = place();
    let home = TempDir::new().expect("a home");
    let path = home.path().join("script");
    fs::write(&path, "manifest registry.test/team/app:1.0\n").expect("a script");
    let path = path.to_str().expect("a name");
    let advised = ["--username", "alice", "--password-stdin", "shell", "--script", path];
    let run = ociscope(&[&names.options()[..], &advised].concat()).input(PASSWORD).run();
    assert_eq!(run.status, 0, "{run:?}");
    assert!(own.header_values("Authorization").contains(&basic_authorization("alice", PASSWORD)));
}

#[test]
fn json_of_login_and_logout_is_as_described() {
    let mut screen = Screen::open(&["--lab"]).columns(120).start();
    screen.wait_for_prompt();
    screen.type_text("login ghcr.io --username alice --json\n");
    type_password(&mut screen, "alice", PASSWORD);
    screen.wait_for("ociscope.login/1");
    screen.wait_for_prompt();
    let shown = screen.text();
    let line = shown.lines().find(|line| line.starts_with('{')).expect("an object");
    assert_described("docs/shell.schema.json", line.trim_end());
    assert_eq!(line.trim_end(), r#"{"schema":"ociscope.login/1","registry":"ghcr.io","username":"alice"}"#);
    let said = screen.command("logout ghcr.io --json");
    assert_described("docs/shell.schema.json", said.trim());
    assert_eq!(said.trim(), r#"{"schema":"ociscope.logout/1","registry":"ghcr.io","username":"alice"}"#);
}

#[test]
fn user_name_on_the_command_line_asks_for_the_password_without_showing_it() {
    for more in [&["--username", "alice"][..], &["--username", "alice", "--password-stdin"]] {
        let (names, own, _other, _hub) = place();
        let command = ["manifest", "registry.test/team/app:1.0"];
        let mut screen = Screen::open(&[&names.options()[..], more, &command].concat()).start();
        screen.wait_for("password for alice: ");
        assert!(!screen.is_as_before(), "what is typed is not shown");
        screen.type_text(&format!("{PASSWORD}\n"));
        assert_eq!(screen.wait_for_exit(), 0, "{}", screen.text());
        assert!(own.header_values("Authorization").contains(&basic_authorization("alice", PASSWORD)));
        assert!(!String::from_utf8_lossy(&screen.raw()).contains("CANARY"), "{}", screen.text());
        assert!(screen.is_as_before());
    }
}

#[test]
fn question_on_the_command_line_ends_with_the_terminal_as_it_was() {
    for (act, status) in [("C", 130), ("D", 2), ("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let mut screen =
            Screen::open(&["--lab", "--username", "alice", "probe", "ghcr.io/example/greeting:1.0"]).start();
        screen.wait_for("password for alice: ");
        match act {
            "C" => screen.press(Key::CtrlC),
            "D" => screen.press(Key::CtrlD),
            signal => screen.signal(signal),
        }
        assert_eq!(screen.wait_for_exit(), status, "{act}: {}", screen.text());
        assert!(screen.is_as_before(), "{act}");
    }
}

#[test]
fn shell_that_is_opened_with_a_user_name_asks_for_the_password_first() {
    let (names, own, _other, _hub) = place();
    let mut screen = Screen::open(&[&names.options()[..], &["--username", "alice"]].concat()).start();
    screen.wait_for("password for alice: ");
    screen.type_text(&format!("{PASSWORD}\n"));
    screen.wait_for_prompt();
    screen.command("manifest registry.test/team/app:1.0");
    assert!(own.header_values("Authorization").contains(&basic_authorization("alice", PASSWORD)));
    assert!(!String::from_utf8_lossy(&screen.raw()).contains("CANARY"), "{}", screen.text());
}

#[test]
fn user_name_where_there_is_no_terminal_is_wrong_usage() {
    let run = crate::support::ociscope::in_a_shell("setsid ociscope --lab probe --username alice ghcr.io/a/b:c").run();
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("pass it on standard input: --password-stdin < FILE"), "{}", run.stderr);
}
