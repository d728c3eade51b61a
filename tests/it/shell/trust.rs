//! A registry that sends its clients to another host for a token: somebody who types is asked, a script is not.

use crate::support::basic_authorization;
use crate::support::hostile::{Names, Server, sending_for_a_token};
use crate::support::ociscope::ociscope;
use crate::support::screen::{Key, Screen};

const PASSWORD: &str = "CANARY-password";

fn place() -> (Names, Server, Server) {
    sending_for_a_token("tokens.test", "token-of-this-test")
}

/// A shell of somebody who has logged in.
fn shell(names: &Names) -> Screen {
    let program = env!("CARGO_BIN_EXE_ociscope");
    let options = names.options().join("' '");
    let line = format!("echo {PASSWORD} | {program} --username ada --password-stdin '{options}'");
    let screen = Screen::open_program("/bin/sh", &["-c", &line]).start();
    screen.wait_for_prompt();
    screen
}

#[test]
fn a_yes_sends_the_password_there_and_is_remembered() {
    let (names, tokens, registry) = place();
    let mut screen = shell(&names);
    screen.type_text("manifest registry.test/team/app:1.0\n");
    screen.wait_for("may tokens.test receive the credentials for registry.test? y/N ❯");
    assert_eq!(tokens.connections(), 0, "nothing is sent before the answer");
    screen.wait_for_prompt();
    screen.type_text("y");
    screen.press(Key::Enter);
    screen.wait_for("as ada 200 ❯");
    assert_eq!(tokens.header_values("Authorization"), [basic_authorization("ada", PASSWORD)]);
    registry.assert_never_told(PASSWORD);
    screen.command("tags");
    assert!(!screen.text().contains("y/N ❯ y\nmay"), "{}", screen.text());
    assert!(!String::from_utf8_lossy(&screen.raw()).contains(PASSWORD));
}

#[test]
fn anything_else_is_a_no_and_is_not_asked_again() {
    let (names, tokens, _registry) = place();
    let mut screen = shell(&names);
    screen.type_text("manifest registry.test/team/app:1.0\n");
    screen.wait_for("? y/N ❯");
    screen.wait_for_prompt();
    screen.press(Key::Enter);
    screen.wait_for("as ada 401 ❯");
    let said = screen.command("manifest");
    assert!(said.contains("realm-not-trusted") && !said.contains("y/N"), "{said}");
    tokens.assert_untouched();
}

#[test]
fn a_script_is_not_asked() {
    let (names, tokens, _registry) = place();
    let home = tempfile::TempDir::new().expect("a folder");
    let path = home.path().join("script");
    std::fs::write(&path, "manifest registry.test/team/app:1.0\ny\n").expect("a script");
    let path = path.to_str().expect("a name");
    let own = ["--username", "ada", "--password-stdin", "shell", "--script", path];
    let run = ociscope(&[&names.options()[..], &own].concat()).input(PASSWORD).run();
    assert!(run.stdout.contains("--trust-realm tokens.test"), "{run:?}");
    assert!(!run.stdout.contains("y/N"), "{run:?}");
    tokens.assert_untouched();
}

#[test]
fn what_is_fetched_for_completion_asks_nobody() {
    let (names, tokens, registry) = place();
    let mut screen = shell(&names);
    screen.command("use registry.test/team/app:1.0");
    // The tags are asked for in the background, and the registry sends on to the same realm.
    loop {
        let said = screen.command("session");
        assert!(!said.contains("y/N"), "{said}");
        if said.contains("completion") {
            break;
        }
    }
    assert!(!registry.requests().is_empty());
    tokens.assert_untouched();
}
