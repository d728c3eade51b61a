//! What somebody who types sees of what is given for one registry, and that the tags that are fetched in the background get
//! no more than commands do.

use crate::support::basic_authorization;
use crate::support::hostile::{Names, Server, answer, unauthorized};
use crate::support::screen::Screen;

const PASSWORD: &str = "CANARY-password";

/// A registry that has tags for those who log in.
fn registry(names: &mut Names, at: &'static str) -> Server {
    let server =
        Server::answering_over_tls(&names.authority, &[at], |sent| match sent.all("Authorization").is_empty() {
            true => unauthorized("Basic realm=\"r\""),
            false => answer("200 OK", &[("Content-Type", "application/json")], r#"{"name":"a/b","tags":["1.0"]}"#),
        });
    names.lead(at, &server);
    server
}

/// A shell of somebody who has logged in.
fn shell(names: &Names) -> Screen {
    let program = env!("CARGO_BIN_EXE_ociscope");
    let options = names.options().join("' '");
    let line = format!("echo {PASSWORD} | {program} --username alice --password-stdin '{options}'");
    let screen = Screen::open_program("/bin/sh", &["-c", &line]).start();
    screen.wait_for_prompt();
    screen
}

/// Waits until the tags of the current repository were asked for in the background.
fn wait_for_tags(screen: &mut Screen, server: &Server) {
    while server.requests().iter().all(|sent| !sent.path.contains("/tags/")) {
        screen.command("session");
    }
    while !screen.command("session").contains("completion") {}
}

#[test]
fn tags_in_the_background_get_no_login_and_no_header_of_another_registry() {
    let mut names = Names::new();
    let (first, second) = (registry(&mut names, "first.test"), registry(&mut names, "second.test"));
    let mut screen = shell(&names);
    let said = screen.command("use first.test/a/b:1");
    assert!(said.contains("alice is used for first.test only"), "{said}");
    wait_for_tags(&mut screen, &first);
    let own = basic_authorization("alice", PASSWORD);
    assert!(first.header_values("Authorization").contains(&own), "{:?}", first.requests());
    screen.command("set header 'X-Api-Key: CANARYheader'");
    let said = screen.command("use second.test/a/b:1");
    assert!(said.contains("header x-api-key: kept for first.test, not used for second.test"), "{said}");
    while second.requests().is_empty() {
        screen.command("session");
    }
    screen.command("tags");
    assert_eq!(second.header_values("Authorization"), [""; 0]);
    assert_eq!(second.header_values("X-Api-Key"), [""; 0]);
    second.assert_never_told(PASSWORD);
    assert!(screen.text().contains("second.test/a/b:1 anon 401 ❯"), "{}", screen.text());
    let back = screen.command("use first.test/a/c:1");
    assert!(!back.contains("only"), "said once: {back}");
    screen.command("tags");
    assert!(first.header_values("X-Api-Key").contains(&"CANARYheader".to_owned()));
}

#[test]
fn tags_in_the_background_are_asked_for_anonymously_where_commands_are() {
    let mut names = Names::new();
    let registry = registry(&mut names, "first.test");
    let mut screen = shell(&names);
    screen.command("set anonymous on");
    screen.command("use first.test/a/b:1");
    while registry.requests().iter().all(|sent| !sent.path.contains("/tags/")) {
        screen.command("session");
    }
    screen.command("tags");
    assert_eq!(registry.header_values("Authorization"), [""; 0]);
}
