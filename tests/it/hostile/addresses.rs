//! Names with several addresses, of which not all answer.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::checked;
use crate::support::hostile::{Server, refusal};
use crate::support::ociscope::ociscope;

/// An address that swallows whatever is sent to it. What holds it so is kept with it.
struct Hole {
    address: SocketAddr,
    _kept: (TcpListener, Vec<TcpStream>),
}

/// The system takes so many connections that nobody accepts, and answers no more then.
fn hole() -> Hole {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let mut kept = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        kept.push(stream);
    }
    Hole { address, _kept: (listener, kept) }
}

/// An address at which nothing listens, for as long as it is kept.
fn closed() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = SocketAddr::new([127, 0, 0, 77].into(), listener.local_addr().expect("its address").port());
    (listener, address)
}

/// Case G02: the first refuses, the second swallows everything, and the third answers.
#[test]
fn of_three_addresses_the_one_that_answers_is_found_and_all_are_told() {
    let server = Server::answering(|_| refusal("404 Not Found", &[], "MANIFEST_UNKNOWN", "no"));
    let (hole, (_kept, closed)) = (hole(), closed());
    let addresses = [closed, hole.address, server.address];
    let rules = addresses.map(|address| format!("r.test:80:{address}"));
    let mut options = vec!["diagnose", "--plain-http", "--json"];
    rules.iter().for_each(|rule| options.extend(["--resolve", rule]));
    let run = checked(ociscope(&[&options[..], &["r.test/a/b:1"]].concat()).run());
    assert_eq!(run.status, 10, "{run:?}");
    let report = run.report();
    let finding = report.list("findings").iter().find(|finding| finding["rule"] == "some-addresses-fail");
    let cause = finding.unwrap_or_else(|| panic!("{}", run.stdout))["cause"].as_str().unwrap_or_default().to_owned();
    assert!(cause.contains(&format!("has 3 addresses. {} answers.", server.address)), "{cause}");
    assert!(cause.contains(&format!("These do not: {closed} (")), "{cause}");
    assert!(cause.contains(&format!("Unknown: {}", hole.address)), "{cause}");
}
