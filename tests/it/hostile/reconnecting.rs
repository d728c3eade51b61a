//! Connections that are kept from one command to the next, and that end in between.

use super::{checked, manifest_of};
use crate::support::hostile::Server;
use crate::support::ociscope::ociscope;

/// Case G05: whoever closes a connection that nobody uses does nothing wrong, and nobody is told of it.
#[test]
fn a_connection_that_was_closed_meanwhile_is_opened_again() {
    let server = Server::behaving(|mut connection| {
        // One answer, which says that the connection stays, and at the next request it is gone.
        if connection.request().is_some() && connection.send(&manifest_of("keep-alive")) {
            let _ = connection.request();
        }
    });
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    let script = format!("{}show 2\n", format!("manifest {reference}\n").repeat(4));
    let run = checked(ociscope(&[]).input(&script).run());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
    let words = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("a new connection: the one from before had been closed meanwhile"), "{}", run.stdout);
    // Each of the three further ones is sent into the old connection, and once more into a new one.
    assert_eq!((server.connections(), server.requests().len()), (4, 7));
}
