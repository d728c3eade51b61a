//! Proxies: which requests they get, what they are told, and what happens when they are of no use.

use super::{IMAGE, PASSWORD, asking, assert_all_failed, assert_status, checked};
use crate::support::hostile::{Names, Server, answer, manifest, redirect, unauthorized};
use crate::support::ociscope::{Ociscope, Run, ociscope};

/// The password of a proxy, and the same as it stands in a URL.
const PROXY_PASSWORD: &str = "CANARYprx+/=x";
const PROXY_PASSWORD_IN_URL: &str = "CANARYprx%2B%2F%3Dx";

fn registry() -> String {
    format!("http://registry.test/{IMAGE}")
}

fn secure_registry() -> String {
    format!("https://registry.test/{IMAGE}")
}

#[track_caller]
fn run(prepared: Ociscope) -> Run {
    let run = checked(prepared.run());
    run.assert_hides(&[PROXY_PASSWORD, PROXY_PASSWORD_IN_URL, "CANARYprx", "cHJveHk6Q0FOQVJZ"]);
    run
}

/// A proxy that lets through to this server whatever it is asked for.
fn tunnel(to: &Server) -> Server {
    let to = to.address;
    Server::behaving(move |mut connection| {
        if connection.request().is_some_and(|request| request.method == "CONNECT") {
            connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n");
            connection.pass_on(to);
        }
    })
}

#[test]
fn a_proxy_gets_plain_requests_with_the_whole_address() {
    let proxy = Server::answering(|_| manifest());
    let result = run(asking(&registry(), &[]).env("http_proxy", proxy.origin("http")));
    let requests = proxy.requests();
    assert_eq!(requests.len(), result.report().list("exchanges").len(), "every request went there: {requests:#?}");
    for sent in &requests {
        assert_eq!(sent.path, "http://registry.test/v2/team/app/manifests/1.0");
        assert_eq!(sent.all("Host"), ["registry.test"]);
    }
    assert_status(&result, 0);

    let shown = run(ociscope(&["probe", &registry()]).env("http_proxy", proxy.origin("http")));
    assert!(shown.stdout.contains("http_proxy"), "the report says why: {shown:?}");
}

#[test]
fn a_proxy_passes_on_what_it_cannot_read() {
    let mut names = Names::new();
    let registry = Server::answering_over_tls(&names.authority, &["registry.test"], |sent| {
        if sent.all("Authorization").is_empty() { unauthorized("Basic realm=\"registry\"") } else { manifest() }
    });
    // The name is looked up by the proxy, not here.
    names.lead_to_address("registry.test", "192.0.2.1");
    let proxy = tunnel(&registry);
    let address = format!("http://proxy:{PROXY_PASSWORD_IN_URL}@{}", proxy.address);
    let options = [&["--username", "alice", "--password-stdin"], &names.options()[..]].concat();
    let result = run(asking(&secure_registry(), &options).input(PASSWORD).env("https_proxy", address));

    let heads: Vec<_> = proxy.received().split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    assert!(heads[0].starts_with(b"CONNECT registry.test:443 "), "{:?}", String::from_utf8_lossy(&heads[0]));
    let told = String::from_utf8_lossy(&proxy.received()).to_lowercase();
    assert!(told.contains("proxy-authorization: basic "), "{told}");
    assert!(!told.contains("\r\nauthorization:"), "{told}");
    proxy.assert_never_told(PASSWORD);
    registry.assert_never_told(PROXY_PASSWORD);
    assert_eq!(registry.header_values("Proxy-Authorization"), [""; 0]);
    assert_status(&result, 0);
}

#[test]
fn a_proxy_gets_its_own_password_and_nobody_else_does() {
    let proxy = Server::answering(|_| manifest());
    for address in [
        format!("http://proxy:{PROXY_PASSWORD_IN_URL}@{}", proxy.address),
        format!("proxy:{PROXY_PASSWORD_IN_URL}@{}", proxy.address),
    ] {
        let result = run(asking(&registry(), &[]).env("http_proxy", &address));
        let sent = proxy.requests();
        assert!(sent.iter().all(|sent| sent.all("Proxy-Authorization").len() == 1), "{sent:#?}");
        assert_status(&result, 0);
    }
}

/// The proxy says back what it was told, in the page that it answers with.
#[test]
fn a_proxy_that_repeats_its_password_is_not_quoted() {
    let proxy = Server::answering(|sent| {
        let echo = format!("{}: {PROXY_PASSWORD} {PROXY_PASSWORD_IN_URL}", sent.all("Proxy-Authorization").join(" "));
        answer("407 Proxy Authentication Required", &[("Proxy-Authenticate", "Basic realm=\"p\"")], echo)
    });
    for address in [
        format!("http://proxy:{PROXY_PASSWORD_IN_URL}@{}", proxy.address),
        format!("proxy:{PROXY_PASSWORD_IN_URL}@{}", proxy.address),
    ] {
        for format in ["terminal", "markdown", "html", "json"] {
            run(ociscope(&["probe", "--format", format, &registry()]).env("http_proxy", &address));
        }
    }
}

#[test]
fn a_proxy_that_refuses_is_a_network_fault() {
    for bytes in [
        answer("407 Proxy Authentication Required", &[("Proxy-Authenticate", "Basic realm=\"p\"")], ""),
        answer("502 Bad Gateway", &[], "no way"),
        answer("403 Forbidden", &[("Content-Type", "text/html")], "<html>blocked</html>"),
        redirect("302 Found", "http://evil.test/"),
    ] {
        let proxy = Server::answering(move |_| bytes.clone());
        let result = run(asking(&secure_registry(), &[]).env("https_proxy", proxy.origin("http")));
        assert_all_failed(&result.report(), "proxy");
        assert!(proxy.requests().iter().all(|sent| sent.method == "CONNECT"), "{:?}", proxy.requests());
        assert_status(&result, 15);
        assert_eq!(result.report().list("findings")[0]["rule"], "proxy-required-or-refusing");
    }
}

#[test]
fn a_proxy_that_is_not_there_is_a_network_fault() {
    let gone = Server::answering(|_| manifest()).origin("http");
    for (reference, name) in [(registry(), "http_proxy"), (secure_registry(), "https_proxy")] {
        let result = run(asking(&reference, &[]).env(name, &gone));
        assert!(!super::failures(&result.report()).is_empty(), "{result:?}");
        assert_status(&result, 15);
    }
}

#[test]
fn hosts_that_need_no_proxy_get_none() {
    for exception in ["registry.test", ".test", "*", "other.test, registry.test"] {
        let proxy = Server::answering(|_| manifest());
        let server = Server::answering(|_| manifest());
        let mut names = Names::new();
        names.lead("registry.test:80", &server);
        let prepared = asking(&registry(), &names.options()).env("http_proxy", proxy.origin("http"));
        let result = run(prepared.env("no_proxy", exception));
        proxy.assert_untouched();
        assert!(!server.requests().is_empty(), "{exception}: {result:?}");
        assert_status(&result, 0);
    }
    let proxy = Server::answering(|_| manifest());
    run(asking(&registry(), &[]).env("http_proxy", proxy.origin("http")).env("NO_PROXY", "not.registry.test"));
    assert!(!proxy.requests().is_empty());
}

/// Others go directly then, without a word: past the proxy that was to keep them from it.
#[test]
fn a_proxy_that_cannot_be_understood_is_a_fault_and_nothing_is_sent() {
    for (name, value) in [
        ("http_proxy", "::::bad"),
        ("http_proxy", "http://proxy.test:99999"),
        ("http_proxy", "http://proxy:CANARYprx x@proxy test:1"),
        ("http_proxy", "gopher://proxy.test"),
        ("all_proxy", "::::bad"),
        ("HTTP_PROXY", "::::bad"),
        ("ALL_PROXY", "http://"),
    ] {
        let server = Server::answering(|_| manifest());
        let mut names = Names::new();
        names.lead("registry.test:80", &server);
        let result = run(asking(&registry(), &names.options()).env(name, value));
        server.assert_untouched();
        let report = result.report();
        assert_all_failed(&report, "proxy");
        let message = report.list("exchanges")[0]["failure"]["message"].as_str().expect("a message").to_owned();
        assert!(message.contains(name), "{message}");
        assert_status(&result, 15);
    }
}

/// A proxy for one scheme says nothing about the other.
#[test]
fn a_broken_proxy_for_https_does_not_concern_http() {
    let server = Server::answering(|_| manifest());
    let result = run(asking(&super::plain(&server), &[]).env("https_proxy", "::::bad"));
    assert_status(&result, 0);
}
