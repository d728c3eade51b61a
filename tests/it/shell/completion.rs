//! What is offered, hinted and coloured while somebody types.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use crate::support::hostile::{Server, answer};
use crate::support::screen::{Key, Screen};

/// Nothing tells when tags have arrived but that they are completed, so the key is pressed again until they are.
const BETWEEN_KEYS: Duration = Duration::from_millis(20);

const IMAGE: &str = "gcr.io/deepvariant-docker/deepvariant:0.5.0";

fn shell() -> Screen {
    let screen = Screen::open(&["--lab", "--platform", "linux/amd64"]).start();
    screen.wait_for_prompt();
    screen
}

/// Types, completes, and sees what stands there then.
#[track_caller]
fn completes(screen: &mut Screen, typed: &str, completed: &str) {
    screen.type_text(typed);
    screen.wait_for_input(typed);
    screen.press(Key::Tab);
    screen.wait_for_input(completed);
    screen.press(Key::CtrlC);
    screen.wait_for_prompt();
}

#[test]
fn commands_options_and_names_are_completed() {
    let mut screen = shell();
    completes(&mut screen, "diag", "diagnose ");
    completes(&mut screen, "manifest --acc", "manifest --accept ");
    completes(&mut screen, "manifest --accept oci-in", "manifest --accept oci-index ");
    completes(&mut screen, "explain config-only", "explain config-only-as-blob ");
    completes(&mut screen, "set stop", "set stop-on-error ");
    completes(&mut screen, "lab show gcr-deep", "lab show gcr-deepvariant ");
    completes(&mut screen, "set accept docker-li", "set accept docker-list ");
}

#[test]
fn several_are_listed_with_what_they_are() {
    let mut screen = shell();
    screen.type_text("co");
    screen.press(Key::Tab);
    screen.wait_for("Show the image config");
    screen.wait_for("completions");
    screen.wait_for_input("co");
    assert!(screen.too_wide().is_empty(), "{}", screen.text());
}

#[test]
fn list_that_is_longer_than_the_screen_ends_on_it_and_ctrl_c_still_works() {
    let mut screen = Screen::open(&["--lab", "--platform", "linux/amd64"]).columns(80).rows(12).start();
    screen.wait_for_prompt();
    screen.type_text("lab show ");
    screen.press(Key::Tab);
    screen.wait_for(" more");
    assert!(!screen.text().contains("--More--") && !screen.text().contains("Display all"), "{}", screen.text());
    screen.press(Key::CtrlC);
    screen.wait_for_prompt();
    screen.command("set accept docker-v2");
}

#[test]
fn what_was_seen_is_completed() {
    let mut screen = shell();
    screen.command("platforms ghcr.io/example/greeting:1.0");
    completes(&mut screen, "config linux/arm", "config linux/arm64/v8 ");
    completes(&mut screen, "manifest sha256:3606", "manifest sha256:360654599674 ");
    screen.type_text("show ");
    screen.wait_for("[NUMBER]");
}

#[test]
fn hosts_come_from_the_files_with_credentials() {
    let home = TempDir::new().expect("a home");
    std::fs::create_dir(home.path().join(".docker")).expect("a folder");
    let file = r#"{"auths": {"registry.example.com:5000": {"auth": "Q0FOQVJZ"}}}"#;
    std::fs::write(home.path().join(".docker/config.json"), file).expect("a file");
    let mut screen = Screen::open(&[]).home(home.path()).start();
    screen.wait_for_prompt();
    completes(&mut screen, "use regi", "use registry.example.com:5000/");
    assert!(!String::from_utf8_lossy(&screen.raw()).contains("Q0FOQVJZ"));
}

/// A registry with these tags, and how often it was asked for them.
fn with_tags(tags: &'static str) -> (Server, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let server = Server::answering(move |sent| {
        if sent.path.contains("/tags/list") {
            counter.fetch_add(1, Ordering::SeqCst);
            return answer("200 OK", &[("Content-Type", "application/json")], tags);
        }
        answer("404 Not Found", &[], "")
    });
    (server, asked)
}

#[test]
fn tags_are_fetched_once_and_in_the_background() {
    let (server, asked) = with_tags(r#"{"name":"a/b","tags":["v1.0-alpha","latest"]}"#);
    let mut screen = Screen::open(&[]).start();
    screen.command(&format!("use {}/a/b:1", server.origin("http")));
    screen.type_text("manifest :v1");
    screen.wait_for_input("manifest :v1");
    while screen.input() != "manifest :v1.0-alpha " {
        screen.press(Key::Tab);
        std::thread::sleep(BETWEEN_KEYS);
    }
    screen.press(Key::Enter);
    screen.wait_for_prompt();
    let listed = screen.command("session");
    assert!(listed.contains("completion"), "{listed}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn tags_that_could_act_on_the_terminal_are_not_offered() {
    let (server, asked) =
        with_tags(r#"{"tags":["good","bad\u001b[2J","$(id)","a b","gone`id`","go/od","\u202egood"]}"#);
    let mut screen = Screen::open(&[]).start();
    screen.command(&format!("use {}/a/b:1", server.origin("http")));
    screen.type_text("manifest :g");
    while screen.input() != "manifest :good " {
        screen.press(Key::Tab);
        std::thread::sleep(BETWEEN_KEYS);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert!(!String::from_utf8_lossy(&screen.raw()).contains("bad"), "{}", screen.text());
}

#[test]
fn a_refusal_of_tags_is_not_told() {
    let mut screen = shell();
    let before = screen.command("use registry.example/no/tags:1");
    assert_eq!(before.trim(), "");
    let said = screen.command("use");
    assert_eq!(said.trim(), "registry.example/no/tags:1");
}

#[test]
fn the_rest_of_a_line_from_before_is_hinted_and_taken_with_the_right_key() {
    let mut screen = shell();
    screen.command(&format!("use {IMAGE}"));
    screen.type_text("us");
    screen.wait_until(|screen| {
        let (row, column) = screen.cursor_position();
        screen.cell(row, column + 1).is_some_and(|cell| cell.dim() && cell.contents() == " ")
    });
    screen.press(Key::Right);
    screen.wait_for_input(&format!("use {IMAGE}"));
    screen.press(Key::CtrlC);
    screen.wait_for_prompt();
    screen.type_text("get ");
    screen.wait_for("❯ get PATH");
}

#[test]
fn an_unknown_command_can_be_seen_before_enter() {
    let mut screen = shell();
    let colour = |screen: &Screen| {
        let (row, column) = screen.cursor();
        screen.colour_at(row, column - 2)
    };
    screen.type_text("prbx ");
    screen.wait_for_input("prbx ");
    screen.wait_until(|screen| screen.cell(1, 15).is_some_and(|cell| cell.fgcolor() == vt100::Color::Idx(1)));
    assert_eq!(colour(&screen), vt100::Color::Idx(1));
    screen.press(Key::CtrlC);
    screen.wait_for_prompt();
    screen.type_text("probe ");
    screen.wait_for_input("probe ");
    assert_eq!(colour(&screen), vt100::Color::Idx(6));
}

/// What was typed in the tutorial went to simulated registries.
#[test]
fn lines_of_the_tutorial_are_not_hinted_later() {
    let home = TempDir::new().expect("a home");
    let mut screen = Screen::open(&[]).home(home.path()).columns(120).rows(40).start();
    screen.wait_for_prompt();
    screen.type_text("tutorial\n");
    screen.wait_for("1 of 15");
    screen.wait_for_input("get https://gcr.io/v2/deepvariant-docker/deepvariant/manifests/0.5.0 --accept docker-v1");
    screen.press(Key::Enter);
    screen.wait_for("2 of 15");
    screen.wait_for_input("explain");
    screen.press(Key::Ctrl('u'));
    screen.wait_for_input("");
    screen.command("tutorial stop");
    screen.type_text("get https://gcr");
    screen.wait_for_input("get https://gcr");
    screen.press(Key::Right);
    screen.type_text("!");
    screen.wait_for_input("get https://gcr!");
    screen.press(Key::CtrlC);
    screen.wait_for_prompt();
    screen.press(Key::CtrlD);
    screen.wait_for_exit();
    let kept = std::fs::read_to_string(home.path().join(".local/state/ociscope/history")).expect("a history");
    assert!(!kept.contains("gcr.io"), "{kept}");
}
