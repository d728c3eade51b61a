//! Runs that end early: what is known by then is recorded, and no half file is left.

use std::sync::{Mutex, mpsc};
use std::time::Duration;

use super::Folder;
use crate::support::content::media_type;
use crate::support::hostile::{Server, manifest};

/// A registry that answers one variant and leaves the others waiting, and the word that it has come to that.
fn hanging() -> (Server, mpsc::Receiver<()>) {
    let (sender, hangs) = mpsc::channel();
    let sender = Mutex::new(sender);
    let server = Server::behaving(move |mut connection| {
        let Some(request) = connection.request() else { return };
        if request.all("Accept") == [media_type::DOCKER_V2] {
            connection.send(&manifest());
            return connection.close();
        }
        // Asked for last, so the others are under way.
        if request.method == "HEAD" {
            let _ = sender.lock().expect("no panic in a server").send(());
        }
        connection.wait_until_the_client_goes();
    });
    (server, hangs)
}

#[test]
fn run_that_is_ended_by_a_signal_is_recorded_as_far_as_it_came() {
    for (signal, status) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let folder = Folder::new();
        let (server, hangs) = hanging();
        let reference = format!("{}/acme/api:1", server.origin("http"));
        let running = folder.prepare(&format!("probe {reference} --record night.json")).start();
        hangs.recv_timeout(Duration::from_secs(20)).expect("the server to be asked");
        running.signal(signal);
        let run = running.finish();
        assert_eq!(run.status, status, "{signal}: {run:?}");
        assert_eq!(folder.json("night.json")["ended"], "interrupted", "{signal}");
        assert_eq!(folder.names(), ["night.json"]);
        let again = folder.run("probe --from night.json");
        let words = again.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("; it ended early; nothing was sent"), "{again:?}");
    }
}

#[test]
fn run_that_reaches_its_time_limit_is_recorded_as_far_as_it_came() {
    let folder = Folder::new();
    let (server, _hangs) = hanging();
    let reference = format!("{}/acme/api:1", server.origin("http"));
    let run = folder.run(&format!("probe {reference} --record night.json --timeout 1"));
    assert_eq!(run.status, 15, "{run:?}");
    assert_eq!(folder.json("night.json")["ended"], "interrupted");
}
