//! Redirects that lead nowhere, or to where no server may send its clients.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{IMAGE, assert_status, checked, failures, plain, probe, probe_server};
use crate::support::hostile::{Names, Server, answer, head, manifest, redirect};
use crate::support::ociscope::Run;
use crate::support::report::Report;

/// Checks that a redirect was not followed, and that the report has the answer that wanted it.
#[track_caller]
fn assert_not_followed(run: &Run, kind: &str) {
    let report = run.report();
    let kinds = failures(&report);
    assert!(kinds.contains(&kind), "{kinds:?} without {kind}: {run:?}");
    assert_status(run, 15);
}

/// A server whose every answer is a redirect with these headers.
fn redirecting(headers: &'static [(&str, &str)]) -> Server {
    Server::answering(move |_| answer("307 Temporary Redirect", headers, ""))
}

#[test]
fn a_redirect_to_itself_is_a_circle() {
    let server = Server::answering(|sent| redirect("302 Found", &sent.path));
    let run = probe_server(&server, &[]);
    assert_not_followed(&run, "redirect");
    let report = run.report();
    assert_eq!(server.requests().len(), report.list("exchanges").len(), "every request is in the report: {run:?}");
}

#[test]
fn a_redirect_that_comes_back_is_a_circle() {
    let server = Server::answering(|sent| {
        let next = if sent.path.ends_with("/there") {
            sent.path.replace("/there", "")
        } else {
            format!("{}/there", sent.path)
        };
        redirect("302 Found", &next)
    });
    assert_not_followed(&probe_server(&server, &[]), "redirect");
}

/// A server that redirects this often before it answers.
fn detour(hops: usize) -> Server {
    Server::answering(move |sent| {
        let (path, done) = sent.path.rsplit_once("/hop/").unwrap_or((&sent.path, "0"));
        let done: usize = done.parse().expect("a number");
        if done < hops { redirect("307 Temporary Redirect", &format!("{path}/hop/{}", done + 1)) } else { manifest() }
    })
}

#[test]
fn ten_redirects_are_followed_and_shown() {
    let run = probe_server(&detour(10), &[]);
    let report = run.report();
    assert_eq!(report.probe("all")["status"], 200, "{run:?}");
    assert!(
        report
            .requests_to("http://")
            .iter()
            .any(|request| request["url"].as_str().is_some_and(|url| url.ends_with("/hop/10")))
    );
    assert_status(&run, 0);
}

#[test]
fn eleven_redirects_are_too_many() {
    assert_not_followed(&probe_server(&detour(11), &[]), "redirect");
}

#[test]
fn a_redirect_without_an_address_is_not_followed() {
    for headers in [
        &[][..],
        &[("Location", "")],
        &[("Location", "http://")],
        &[("Location", "http://[::1")],
        &[("Location", "http://registry.test:99999/")],
        &[("Location", "/one"), ("Location", "/other")],
    ] {
        let run = probe_server(&redirecting(headers), &[]);
        assert_not_followed(&run, "redirect");
    }
}

#[test]
fn a_redirect_to_something_else_than_http_is_not_followed() {
    for headers in [
        &[("Location", "file:///etc/passwd")][..],
        &[("Location", "ftp://cdn.test/x")],
        &[("Location", "javascript:alert(1)")],
        &[("Location", "data:application/json,{}")],
    ] {
        let run = probe_server(&redirecting(headers), &[]);
        assert_not_followed(&run, "redirect");
        assert!(!run.stdout.contains("root:"), "{run:?}");
    }
}

/// Before the `@` stands a user name, which looks like the host to whoever reads the address.
#[test]
fn a_redirect_to_an_address_with_a_user_name_is_not_followed() {
    let trap = Server::answering(|_| manifest());
    let location = format!("http://registry.test@{}/x", trap.address);
    let server = Server::answering(move |_| redirect("302 Found", &location));
    assert_not_followed(&probe_server(&server, &[]), "redirect");
    trap.assert_untouched();
}

#[test]
fn a_redirect_from_https_to_http_is_not_followed() {
    let mut names = Names::new();
    let trap = Server::answering(|_| manifest());
    let server = Server::answering_over_tls(&names.authority, &["registry.test"], |sent| {
        redirect("301 Moved Permanently", &format!("http://registry.test:5002{}", sent.path))
    });
    names.lead("registry.test:5000", &server);
    names.lead("registry.test:5002", &trap);
    assert_not_followed(&probe(&format!("https://registry.test:5000/{IMAGE}"), &names.options()), "redirect");
    trap.assert_untouched();
}

/// The metadata service of a cloud answers at such an address, and gives out credentials to whoever can reach it.
#[test]
fn a_redirect_to_the_link_of_this_machine_is_not_followed() {
    for headers in [
        &[("Location", "http://169.254.169.254/latest/meta-data/")][..],
        &[("Location", "http://2852039166/")],
        &[("Location", "http://0xa9fea9fe/")],
        &[("Location", "http://0251.0376.0251.0376/")],
        &[("Location", "http://[::ffff:169.254.169.254]/")],
        &[("Location", "http://[64:ff9b::a9fe:a9fe]/")],
        &[("Location", "http://[fd00:ec2::254]/")],
        &[("Location", "http://100.100.100.200/")],
    ] {
        let run = probe_server(&redirecting(headers), &["--timeout", "5"]);
        assert_not_followed(&run, "forbidden-address");
    }
}

#[test]
fn a_name_that_leads_to_the_link_of_this_machine_is_not_followed() {
    let mut names = Names::new();
    names.lead_to_address("metadata.test:80", "169.254.169.254");
    let run = probe_server(&redirecting(&[("Location", "http://metadata.test/")]), &names.options());
    assert_not_followed(&run, "forbidden-address");
}

/// A registry that is elsewhere must not send its clients to what listens on their own machines. Here it is behind a
/// proxy, which is as far away as a server of a test can be; other hosts are asked directly.
#[test]
fn a_redirect_from_elsewhere_to_this_machine_is_not_followed() {
    let trap = Server::answering(|_| manifest());
    let port = trap.address.port();
    let mut names = Names::new();
    names.lead("inside.test:80", &trap);
    for location in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://127.1:{port}/"),
        format!("http://0:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://localhost:{port}/"),
        "http://inside.test/".to_owned(),
    ] {
        let proxy = Server::answering(move |_| redirect("302 Found", &location));
        let reference = format!("http://registry.test/{IMAGE}");
        let run = checked(
            super::asking(&reference, &names.options())
                .env("http_proxy", proxy.origin("http"))
                .env("no_proxy", "inside.test,localhost,127.0.0.1,127.0.0.0/8")
                .run(),
        );
        assert_not_followed(&run, "forbidden-address");
        trap.assert_untouched();
    }
}

#[test]
fn a_redirect_with_a_body_without_end_is_given_up() {
    let taken = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&taken);
    let server = Server::behaving(move |mut connection| {
        let Some(request) = connection.request() else { return };
        if request.path.ends_with("/there") {
            connection.send(&manifest());
            return connection.close();
        }
        connection.send(&head("302 Found", &[("Location", &format!("{}/there", request.path))], b""));
        if request.method == "GET" && connection.send_without_end(&[b' '; 0x10000], 64 << 20) {
            seen.fetch_add(1, Ordering::SeqCst);
        }
    });
    let run = probe(&plain(&server), &[]);
    let report: Report = run.report();
    assert_eq!(report.probe("any")["status"], 200, "{run:?}");
    assert!(taken.load(Ordering::SeqCst) > 0);
}
