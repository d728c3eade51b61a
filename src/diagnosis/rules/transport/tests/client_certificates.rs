//! Servers that require a client certificate, and servers that only request one.

use crate::diagnosis::Certainty;
use crate::diagnosis::testing::{Canned, DOCKER_IMAGE, answer, failed, refused, scene, served};
use crate::evidence::{CertificateRequest, FailureKind, TlsFault};
use crate::oci::media_type;
use crate::text::Untrusted;

const REFERENCE: &str = "registry.example.com/acme/api:1";

/// The same answer in a handshake in which the server requested a certificate of this authority.
fn asked_for(mut reply: Canned, authority: &str, answered: bool) -> Canned {
    let authorities = vec![Untrusted::from(authority)];
    reply.connection.certificate_request = Some(CertificateRequest { authorities, omitted: 0, answered });
    reply
}

fn nginx(words: &str) -> Canned {
    answer(400, "text/html", &format!("<html><head><title>400 {words}</title></head></html>"))
}

#[test]
fn nginx_page_reports_a_missing_client_certificate() {
    let page = asked_for(nginx("No required SSL certificate was sent"), "CN=Device CA", false);
    let mut scene = scene(REFERENCE).others(&page);
    scene.record.certs_folders = vec!["~/.config/containers/certs.d/registry.example.com (ca.crt)".to_owned()];
    assert_eq!(scene.verdict(), (vec!["client-certificate-required"], 16));
    let finding = &scene.judge().findings[0];
    assert_eq!(finding.certainty, Certainty::Certain);
    assert_eq!(finding.evidence[0].quote.as_str(), "No required SSL certificate was sent");
    assert!(finding.cause.contains("certificates of “CN=Device CA”"), "{finding:?}");
    assert!(
        finding.cause.contains("This machine has ~/.config/containers/certs.d/registry.example.com (ca.crt)"),
        "{finding:?}"
    );
    let command = finding.fix[0].command.as_deref();
    assert_eq!(command, Some("ociscope probe --cert FILE --key FILE registry.example.com/acme/api:1"));
}

#[test]
fn certificate_that_nginx_refuses_is_not_called_missing() {
    let scene = scene(REFERENCE).others(&asked_for(nginx("The SSL certificate error"), "CN=Device CA", true));
    let finding = &scene.judge().findings[0];
    assert_eq!(finding.title, "registry.example.com does not accept the client certificate");
}

#[test]
fn alert_about_a_certificate_is_certain_where_one_was_asked_for() {
    let alert = failed(FailureKind::Tls(TlsFault::ClientCertificate));
    for (reply, certainty) in
        [(alert.clone(), Certainty::Likely), (asked_for(alert, "CN=Device CA", false), Certainty::Certain)]
    {
        let scene = scene(REFERENCE).others(&reply);
        assert_eq!(scene.verdict(), (vec!["client-certificate-required"], 16));
        assert_eq!(scene.judge().findings[0].certainty, certainty);
    }
}

#[test]
fn connection_closed_after_a_certificate_request_is_likely_about_it() {
    let closed = asked_for(failed(FailureKind::Closed), "CN=Device CA", false);
    let scene = scene(REFERENCE).others(&closed);
    assert_eq!(scene.verdict(), (vec!["client-certificate-required"], 16));
    assert_eq!(scene.judge().findings[0].certainty, Certainty::Likely);
}

#[test]
fn server_that_only_asks_is_healthy_or_fails_for_another_reason() {
    let healthy = served(media_type::DOCKER_V2, DOCKER_IMAGE);
    for reply in [healthy, refused(400, "{}"), failed(FailureKind::Refused)] {
        let scene = scene(REFERENCE).others(&asked_for(reply, "CN=Device CA", false));
        assert!(scene.finding("client-certificate-required").is_none());
    }
    let unasked = scene(REFERENCE).others(&failed(FailureKind::Closed));
    assert_eq!(unasked.verdict(), (vec!["no-answer"], 15));
    let was_shown = asked_for(failed(FailureKind::Closed), "CN=Device CA", true);
    assert_eq!(scene(REFERENCE).others(&was_shown).verdict(), (vec!["no-answer"], 15));
}
