//! The findings for failed connections.

mod blobs;
mod certificates;
mod client_certificates;
mod schemes;

use crate::diagnosis::testing::{Canned, DOCKER_IMAGE, UNKNOWN, answer, failed, refused, scene, served};
use crate::diagnosis::{Certainty, Finding};
use crate::evidence::{CertificateFault, FailureKind, ProxyChoice, Step, TlsFault};
use crate::oci::media_type;
use crate::text::Untrusted;

const PUBLIC: &str = "registry.example.com/acme/api:1";

/// The only error, and the exit status.
#[track_caller]
fn failure(reference: &str, kind: FailureKind, rule: &str, status: u8) -> Finding {
    let scene = scene(reference).others(&failed(kind.clone()));
    let judgement = scene.judge();
    assert_eq!(judgement.findings.len(), 1, "{kind:?}: {judgement:#?}");
    assert_eq!(judgement.findings[0].rule, rule, "{kind:?}");
    assert_eq!(judgement.exit_status().code(), status, "{kind:?}");
    judgement.findings[0].clone()
}

fn commands(finding: &Finding) -> Vec<&str> {
    finding.fix.iter().filter_map(|fix| fix.command.as_deref()).collect()
}

/// docker-archive/docker-registry#976.
#[test]
fn redirect_that_changes_the_path_is_the_cause() {
    const OWN: &str = "https://registry.example.com/v2/acme/api/manifests/1";
    let at = |path: &str, reply: &Canned| {
        let address = format!("https://registry.example.com{path}");
        scene("registry.example.com/acme/api:1").others(&reply.clone().from(&address).after(&[OWN]))
    };
    let nothing = answer(404, "text/plain; charset=utf-8", "404 page not found\n");
    for (path, words) in [
        ("/v2/acme/api/manifests/1/", "adds a slash"),
        ("/acme/api/manifests/1", "strips /v2"),
        ("/v2/ACME/api/manifests/1", "upper and lower case"),
        ("/v2/acme%2Fapi/manifests/1", "encodes"),
    ] {
        let scene = at(path, &nothing);
        assert_eq!(scene.verdict(), (vec!["redirect-changes-path"], 15), "{path}");
        let finding = scene.finding("redirect-changes-path").unwrap();
        assert!(finding.title.contains(words) && !finding.cause.contains("check host"), "{finding:?}");
    }
    // A redirect to another place, and a registry's own error for the new path.
    assert!(at("/elsewhere", &nothing).finding("redirect-changes-path").is_none());
    // Signs are not digits (RFC 3986 §2.1): this is not an encoding of a line feed, nor of anything else.
    assert_eq!(super::redirect_changes_path::decoded("/%+a/%-1/%"), b"/%+a/%-1/%");
    let unknown = refused(404, UNKNOWN);
    assert!(at("/v2/acme/api/manifests/1/", &unknown).finding("redirect-changes-path").is_none());
    let image = served(media_type::DOCKER_V2, DOCKER_IMAGE);
    assert!(at("/v2/acme/api/manifests/1/", &image).finding("redirect-changes-path").is_none());
}

fn through(proxy: &str) -> Option<ProxyChoice> {
    Some(ProxyChoice { address: proxy.to_owned(), because: "HTTPS_PROXY".into() })
}

/// A failed connection to the proxy is not evidence about the registry.
#[test]
fn unreachable_proxy_is_not_the_registry() {
    let through_proxy = |kind: FailureKind, words: &str, remote: bool| {
        let mut reply = failed(kind);
        reply.failure.as_mut().unwrap().message = Untrusted::from(words);
        reply.connection.proxy = through("http://127.0.0.1:9");
        reply.connection.remote = remote.then(|| "192.0.2.1:3128".parse().unwrap());
        scene(PUBLIC).others(&reply)
    };
    for (kind, words) in [
        (FailureKind::Refused, "Connection refused"),
        (FailureKind::Unreachable, "No route to host"),
        (FailureKind::Dns, "failed to lookup address information"),
        (FailureKind::Timeout(Step::Connect), "nothing came"),
        (FailureKind::Timeout(Step::Dns), "nothing came"),
        (FailureKind::ProxyUnknown, "any message"),
    ] {
        let scene = through_proxy(kind.clone(), words, false);
        assert_eq!(scene.verdict(), (vec!["proxy-required-or-refusing"], 15), "{kind:?}");
        let finding = scene.finding("proxy-required-or-refusing").unwrap();
        assert!(finding.title.contains("is unreachable") && finding.cause.contains("127.0.0.1:9"), "{finding:?}");
    }
    // The message of a proxy does not change the kind of failure.
    for words in ["the proxy answered 403 to CONNECT", "the name of the proxy does not resolve", ""] {
        let refused = through_proxy(FailureKind::Proxy, words, true);
        assert!(
            refused.finding("proxy-required-or-refusing").unwrap().title.contains("does not forward requests"),
            "{words}"
        );
    }
}

#[test]
fn every_kind_of_failure_has_one_rule() {
    let wrong_name = CertificateFault::WrongName(vec![Untrusted::from("other.test")]);
    for (kind, rule, status) in [
        (FailureKind::Dns, "dns-failure", 15),
        (FailureKind::Refused, "tcp-timeout-or-refused", 15),
        (FailureKind::Unreachable, "tcp-timeout-or-refused", 15),
        (FailureKind::Timeout(Step::Dns), "tcp-timeout-or-refused", 15),
        (FailureKind::Timeout(Step::Connect), "tcp-timeout-or-refused", 15),
        (FailureKind::Timeout(Step::Tls), "no-answer", 15),
        (FailureKind::Timeout(Step::Headers), "no-answer", 15),
        (FailureKind::Closed, "no-answer", 15),
        (FailureKind::Deadline, "no-answer", 15),
        (FailureKind::Other, "no-answer", 15),
        (FailureKind::Proxy, "proxy-required-or-refusing", 15),
        (FailureKind::ProxyUnknown, "proxy-required-or-refusing", 15),
        (FailureKind::Framing, "answer-is-not-http", 15),
        (FailureKind::NotHttp, "answer-is-not-http", 15),
        (FailureKind::HeadersTooLarge, "answer-is-not-http", 15),
        (FailureKind::Redirect, "redirect-to-wrong-place", 15),
        (FailureKind::ForbiddenAddress, "redirect-to-wrong-place", 15),
        (FailureKind::NotTls, "http-registry-asked-as-https", 16),
        (FailureKind::Tls(TlsFault::NoAgreement), "tls-handshake-failed", 16),
        (FailureKind::Certificate(CertificateFault::AuthorityAsServer), "tls-handshake-failed", 16),
        (FailureKind::Certificate(CertificateFault::Other), "tls-handshake-failed", 16),
        (FailureKind::Certificate(CertificateFault::UnknownAuthority), "unknown-ca", 16),
        (FailureKind::Certificate(wrong_name), "certificate-name-mismatch", 16),
        (FailureKind::Certificate(CertificateFault::Expired), "certificate-dates", 16),
        (FailureKind::Certificate(CertificateFault::NotYetValid), "certificate-dates", 16),
    ] {
        failure(PUBLIC, kind, rule, status);
    }
}

#[test]
fn interruption_by_the_user_is_not_a_finding() {
    let verdict = scene(PUBLIC).others(&failed(FailureKind::Interrupted)).verdict();
    assert_eq!(verdict, (vec![], 0));
}

#[test]
fn failure_decides_for_a_client_whose_request_it_prevented() {
    let scene = scene(PUBLIC).asking(&[media_type::OCI_INDEX]).to(&["all", "none"], &failed(FailureKind::Dns));
    assert_eq!(scene.verdict(), (vec!["dns-failure"], 15));
}

/// T11: for a public registry, plain HTTP would be harmful advice.
#[test]
fn plain_http_is_advised_only_in_a_private_network() {
    for (reference, advised) in [
        ("localhost:5000/acme/api", true),
        ("192.168.1.4:5000/acme/api", true),
        ("registry.lan/acme/api", true),
        ("registry.example.com/acme/api", false),
        ("ghcr.io/acme/api", false),
        ("us-docker.pkg.dev/acme/r/api", false),
        ("8.8.8.8:5000/acme/api", false),
    ] {
        let finding = failure(reference, FailureKind::NotTls, "http-registry-asked-as-https", 16);
        assert_eq!(commands(&finding).iter().any(|command| command.contains("--plain-http")), advised, "{reference}");
    }
    let mut hijacked = failed(FailureKind::NotTls);
    hijacked.connection.addresses = vec!["10.0.0.5:443".parse().unwrap()];
    // A network with a sign-in page resolves every name to its own address.
    for reference in ["alpine", "gcr.io/acme/api", "acme.azurecr.io/api"] {
        let finding = scene(reference).others(&hijacked).finding("http-registry-asked-as-https").unwrap();
        assert_eq!(commands(&finding), Vec::<&str>::new(), "{reference}");
    }
}

#[test]
fn no_fix_turns_certificates_off() {
    for fault in [CertificateFault::UnknownAuthority, CertificateFault::Expired, CertificateFault::Other] {
        for reference in [PUBLIC, "localhost:5000/acme/api"] {
            let scene = scene(reference).others(&failed(FailureKind::Certificate(fault.clone())));
            let text = format!("{:?}", scene.judge().findings[0].fix);
            assert!(!text.contains("insecure"), "{text}");
        }
    }
}

#[test]
fn plain_http_to_a_tls_port_is_recognized_by_the_error_message() {
    let go = answer(400, "", "Client sent an HTTP request to an HTTPS server.\n");
    let nginx =
        answer(400, "text/html", "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title>");
    for reply in [go, nginx] {
        let scene = scene("http://registry.example.com:5000/acme/api:1").others(&reply);
        let (rules, status) = scene.verdict();
        assert_eq!((rules, status), (vec!["https-registry-asked-as-http"], 16));
        let finding = scene.finding("https-registry-asked-as-http").unwrap();
        assert_eq!(finding.certainty, Certainty::Certain);
        assert_eq!(commands(&finding), ["ociscope probe registry.example.com:5000/acme/api:1"]);
    }
}

#[test]
fn silence_on_the_tls_port_is_only_likely_plain_http() {
    // The server got no ClientHello, such as with a proxy in between.
    let at_443 = scene("http://registry.example.com:443/acme/api:1").others(&failed(FailureKind::Closed));
    assert_eq!(at_443.verdict(), (vec!["https-registry-asked-as-http"], 16));
    assert_eq!(at_443.judge().findings[0].certainty, Certainty::Likely);
    let elsewhere = scene("http://registry.example.com/acme/api:1").others(&failed(FailureKind::Closed));
    assert!(elsewhere.finding("https-registry-asked-as-http").is_none());
    let other_400 = scene("http://registry.example.com/acme/api:1").others(&refused(400, UNKNOWN));
    assert!(other_400.finding("https-registry-asked-as-http").is_none());
}

/// T12: the registry's certificate may be fine, and that of the host it redirects to may be the rejected one.
#[test]
fn finding_names_the_host_that_failed() {
    let kind = FailureKind::Certificate(CertificateFault::UnknownAuthority);
    let reply = failed(kind).from("https://blobs.example.net/x").after(&["https://registry.example.com/v2/"]);
    let finding = scene(PUBLIC).others(&reply).finding("unknown-ca").unwrap();
    assert!(finding.title.contains("blobs.example.net"), "{finding:?}");
    assert!(finding.cause.contains("registry.example.com answered and redirected"), "{finding:?}");
}

#[test]
fn redirect_is_shown_with_its_hosts_and_without_its_query() {
    let reply = answer(307, "", "").header("location", "http://minio:9000/data?X-Amz-Signature=CANARY");
    let reply =
        reply.broken(FailureKind::Redirect).from("https://b.test/x").after(&["https://registry.example.com/v2/"]);
    let finding = scene(PUBLIC).others(&reply).finding("redirect-to-wrong-place").unwrap();
    assert!(finding.cause.contains("registry.example.com → b.test → http://minio:9000."), "{finding:?}");
    assert!(!format!("{finding:?}").contains("CANARY"), "{finding:?}");
}

#[test]
fn proxy_is_named_with_the_source_of_its_setting() {
    let mut reply = answer(407, "text/html", "<html><title>Proxy Authentication Required</title>");
    reply.connection.proxy = through("http://proxy.test:3128");
    let scene = scene(PUBLIC).others(&reply);
    assert_eq!(scene.verdict(), (vec!["proxy-required-or-refusing"], 15));
    assert!(scene.finding("proxy-required-or-refusing").unwrap().cause.contains("HTTPS_PROXY"));
}

#[test]
fn malformed_proxy_setting_is_not_blamed_on_the_proxy() {
    let finding = failure(PUBLIC, FailureKind::Proxy, "proxy-required-or-refusing", 15);
    assert_eq!(finding.title, "the proxy setting cannot be used");
}

#[test]
fn plain_http_command_omits_the_contradicting_scheme() {
    let finding = failure("https://localhost:5000/demo/app:1", FailureKind::NotTls, "http-registry-asked-as-https", 16);
    assert_eq!(commands(&finding), ["ociscope probe --plain-http localhost:5000/demo/app:1"]);
}

#[test]
fn accepted_certificate_fault_is_a_warning() {
    let mut reply = served(media_type::DOCKER_V2, DOCKER_IMAGE);
    reply.connection.tls_fault_ignored = Some("the certificate has expired".to_owned());
    let mut scene = scene(PUBLIC).others(&reply);
    scene.record.bundled_roots = true;
    let (rules, status) = scene.verdict();
    assert_eq!(status, 0);
    assert!(rules.contains(&"certificate-fault-ignored") && rules.contains(&"no-certificate-store"), "{rules:?}");
}

#[test]
fn names_of_a_certificate_are_made_printable() {
    let fault = CertificateFault::WrongName(vec![Untrusted::from("a\u{1b}[2J.test")]);
    let finding = failure(PUBLIC, FailureKind::Certificate(fault), "certificate-name-mismatch", 16);
    assert!(finding.cause.contains("a\\x1b[2J.test"), "{finding:?}");
}

/// The reply of a TLS server to a client that does not speak TLS: an alert, "unexpected message" (RFC 8446 §6).
#[test]
fn alert_in_answer_to_plain_http_proves_a_tls_port() {
    let mut reply = failed(FailureKind::NotHttp);
    reply.connection.begins_with = Some(vec![0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x0a]);
    let judgement = scene("http://registry.example.com:5000/acme/api:1").others(&reply).judge();
    assert_eq!(judgement.findings.len(), 1, "{judgement:#?}");
    assert_eq!(judgement.findings[0].rule, "https-registry-asked-as-http");
    assert_eq!(judgement.findings[0].certainty, Certainty::Certain);
    assert_eq!(judgement.exit_status().code(), 16);
}

#[test]
fn greeting_of_another_protocol_is_quoted() {
    let mut reply = failed(FailureKind::NotHttp);
    reply.connection.begins_with = Some(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec());
    let finding = scene("http://registry.example.com:22/acme/api:1").others(&reply).judge().findings.remove(0);
    assert_eq!(finding.rule, "answer-is-not-http");
    assert!(finding.evidence.iter().any(|proof| proof.quote.as_str().contains("SSH-2.0-OpenSSH_9.6")), "{finding:#?}");
    assert!(!format!("{:?}", finding.fix).contains("TLS"), "{finding:#?}");
}

fn resolved_to(reply: &mut Canned, addresses: &[&str]) {
    reply.connection.addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
}

/// docker/hub-feedback#2349: `dial tcp [2600:1f18:…]:443: connect: network is unreachable`.
#[test]
fn host_with_only_ipv6_addresses_needs_ipv6() {
    let of = |found: &[&str], kind: FailureKind| {
        let mut reply = failed(kind);
        resolved_to(&mut reply, found);
        scene(PUBLIC).others(&reply).verdict().0
    };
    let only_six = ["[2600:1f18:2148:bc00::1]:443", "[2600:1f18:2148:bc00::2]:443"];
    assert_eq!(of(&only_six, FailureKind::Unreachable), ["ipv6-broken"]);
    // Silence and refusal come from the other side, or from a firewall.
    assert_eq!(of(&only_six, FailureKind::Refused), ["tcp-timeout-or-refused"]);
    assert_eq!(of(&only_six, FailureKind::Timeout(Step::Connect)), ["tcp-timeout-or-refused"]);
    assert_eq!(of(&["[2600:1f18::1]:443", "3.5.7.9:443"], FailureKind::Unreachable), ["tcp-timeout-or-refused"]);
    assert_eq!(of(&[], FailureKind::Unreachable), ["tcp-timeout-or-refused"]);
}

#[test]
fn failing_ipv6_address_next_to_ipv4_is_a_warning() {
    let at = |reference: &str, found: &[&str], failed: &[&str], remote: &str| {
        let mut reply = served(media_type::DOCKER_V2, DOCKER_IMAGE);
        resolved_to(&mut reply, found);
        let tried = failed.iter().map(|address| (address.parse().unwrap(), "Network is unreachable".to_owned()));
        reply.connection.failed = tried.collect();
        reply.connection.remote = Some(remote.parse().unwrap());
        let scene = scene(reference).to(&["all"], &reply);
        assert_eq!(scene.verdict().1, 0);
        scene.finding("ipv6-broken")
    };
    let of = |found: &[&str], failed: &[&str], remote: &str| at(PUBLIC, found, failed, remote);
    let both = ["[2600:1f18::1]:443", "3.5.7.9:443"];
    let finding = of(&both, &["[2600:1f18::1]:443"], "3.5.7.9:443").unwrap();
    assert_eq!(finding.evidence[0].quote.as_str(), "[2600:1f18::1]:443: Network is unreachable");
    // The faster address is used, and nothing is wrong with the other.
    assert!(of(&both, &[], "3.5.7.9:443").is_none());
    assert!(of(&both, &["3.5.7.9:443"], "[2600:1f18::1]:443").is_none());
    // Servers on this machine often listen on one of its two addresses.
    let here = ["[::1]:5000", "127.0.0.1:5000"];
    assert!(at("localhost:5000/a:b", &here, &["[::1]:5000"], "127.0.0.1:5000").is_none());
}

/// A host name with several machines, one of which is down: pulls fail intermittently.
#[test]
fn failing_address_is_reported_with_all_addresses() {
    let at = |reference: &str, found: &[&str], failed: &[&str], remote: &str| {
        let mut reply = served(media_type::DOCKER_V2, DOCKER_IMAGE);
        resolved_to(&mut reply, found);
        let tried = failed.iter().map(|address| (address.parse().unwrap(), "connection refused".to_owned()));
        reply.connection.failed = tried.collect();
        reply.connection.remote = Some(remote.parse().unwrap());
        scene(reference).to(&["all"], &reply).finding("some-addresses-fail")
    };
    let three = ["3.5.7.9:443", "3.5.7.10:443", "3.5.7.11:443"];
    let finding = at(PUBLIC, &three, &["3.5.7.9:443"], "3.5.7.11:443").unwrap();
    assert_eq!(finding.evidence[0].quote.as_str(), "3.5.7.9:443: connection refused");
    for expected in [
        "has 3 addresses. 3.5.7.11:443 answers. These do not: 3.5.7.9:443 (connection refused).",
        "Unknown: 3.5.7.10:443, which had not answered by then.",
    ] {
        assert!(finding.cause.contains(expected), "{}", finding.cause);
    }
    assert!(at(PUBLIC, &three, &[], "3.5.7.11:443").is_none());
    // IPv6 has a rule of its own.
    assert!(at(PUBLIC, &["[2600::1]:443", "3.5.7.9:443"], &["[2600::1]:443"], "3.5.7.9:443").is_none());
    assert!(at("localhost:5000/a:b", &["127.0.0.1:5000"], &["127.0.0.2:5000"], "127.0.0.1:5000").is_none());
}

/// moby/moby#20912: the certificate of a public registry is never one of a private authority.
#[test]
fn untrusted_certificate_of_a_public_registry_is_not_its_own() {
    let kind = FailureKind::Certificate(CertificateFault::UnknownAuthority);
    let finding = failure("mcr.microsoft.com/dotnet/sdk", kind.clone(), "unknown-ca", 16);
    assert!(finding.cause.contains("not its own") && !finding.fix[0].text.contains("registry"), "{finding:?}");
    let private = failure("registry.lan/acme/api", kind, "unknown-ca", 16);
    assert!(private.cause.contains("private authority"), "{private:?}");
}

#[test]
fn silent_name_server_is_not_evidence_about_the_name() {
    let reporting = |words: &str| {
        let mut reply = failed(FailureKind::Dns);
        reply.failure.as_mut().unwrap().message = Untrusted::from(words);
        scene(PUBLIC).others(&reply).finding("dns-failure").unwrap()
    };
    let unanswered = reporting("Temporary failure in name resolution");
    assert!(!unanswered.fix[0].text.contains("spelling"), "{unanswered:?}");
    assert!(reporting("Name or service not known").fix[0].text.contains("spelling"));
}

/// T12: the date of another server shows whether this machine's clock is wrong.
#[test]
fn a_clock_is_compared_before_a_certificate_is_called_expired() {
    let of = |now: i64| {
        let reply = failed(FailureKind::Certificate(CertificateFault::Expired)).from("https://blobs.example.net/x");
        let redirect = answer(307, "", "").header("date", "Tue, 29 Dec 2015 19:51:28 GMT");
        let mut scene = scene(PUBLIC).to(&["none"], &redirect).others(&reply);
        scene.record.now = Some(now);
        scene.finding("certificate-dates").unwrap()
    };
    const THEN: i64 = 1_451_418_688;
    let right = of(THEN + 2);
    assert!(right.fix.len() == 1 && right.fix[0].text.contains("renew"), "{right:?}");
    let off = of(THEN - 3 * 365 * 86_400);
    assert!(off.fix.len() == 1 && off.fix[0].text.contains("date and time of this machine"), "{off:?}");
    assert_eq!(of(THEN + 3600).fix.len(), 2);
}
