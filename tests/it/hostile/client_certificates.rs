//! Client certificates: to whom they are shown, and what servers that ask for them can do.

use rustls::SupportedProtocolVersion;
use tempfile::TempDir;

use super::{IMAGE, asking, assert_status, checked};
use crate::support::hostile::{Asking, Names, Server, answer, bearer, manifest, redirect, token, unauthorized};
use crate::support::ociscope::{Run, ociscope};

/// The files of a client certificate.
struct Client {
    folder: TempDir,
}

impl Client {
    /// One that the authority of these names has signed.
    fn of(names: &Names) -> Self {
        let folder = TempDir::new().expect("a folder");
        let (certificate, key) = names.authority.sign(&["client.test"]);
        for (file, text) in
            [("client.cert", &certificate), ("client.key", &key), ("both.pem", &(certificate.clone() + &key))]
        {
            std::fs::write(folder.path().join(file), text).expect("to write it");
        }
        Self { folder }
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("a path in UTF-8").to_owned()
    }
}

/// A probe of the image at `registry.test`.
fn probe(names: &Names, client: Option<&Client>, more: &[&str]) -> Run {
    let files = client.map(|client| (client.file("client.cert"), client.file("client.key")));
    let mut options = names.options();
    if let Some((certificate, key)) = &files {
        options.extend(["--cert", certificate, "--key", key]);
    }
    options.extend(more);
    checked(asking(&format!("registry.test/{IMAGE}"), &options).run())
}

fn rules(run: &Run) -> Vec<String> {
    let report = run.report().0;
    let findings = report["findings"].as_array().expect("findings").iter();
    findings.map(|finding| finding["rule"].as_str().expect("a rule").to_owned()).collect()
}

fn assert_never_shown(server: &Server) {
    let shown = server.client_certificates();
    assert!(!shown.is_empty() && shown.iter().all(|count| *count == 0), "{shown:?}");
}

fn assert_always_shown(server: &Server) {
    let shown = server.client_certificates();
    assert!(!shown.is_empty() && shown.iter().all(|count| *count == 1), "{shown:?}");
}

#[test]
fn certificate_is_shown_to_the_registry_it_was_given_for() {
    let mut names = Names::new();
    let asking = Asking::strictly();
    let server = Server::asking_for_client_certificates(&names.authority, &["registry.test"], asking, |_| manifest());
    names.lead("registry.test", &server);
    let client = Client::of(&names);
    let run = probe(&names, Some(&client), &[]);
    assert_status(&run, 0);
    assert_always_shown(&server);
    let both = client.file("both.pem");
    let options = [&names.options()[..], &["--cert", both.as_str()]].concat();
    assert_status(&checked(super::asking(&format!("registry.test/{IMAGE}"), &options).run()), 0);
}

#[test]
fn server_that_requires_a_certificate_is_told_from_one_that_fails() {
    static TLS13: [&SupportedProtocolVersion; 1] = [&rustls::version::TLS13];
    static TLS12: [&SupportedProtocolVersion; 1] = [&rustls::version::TLS12];
    for version in [&TLS13, &TLS12] {
        let mut names = Names::new();
        let asking = Asking::strictly().over(version);
        let server =
            Server::asking_for_client_certificates(&names.authority, &["registry.test"], asking, |_| manifest());
        names.lead("registry.test", &server);
        let run = probe(&names, None, &[]);
        assert_status(&run, 16);
        assert_eq!(rules(&run), ["client-certificate-required"], "{run:?}");
        assert!(run.stdout.contains("CN=Private authority of one test"), "the authority it names: {run:?}");
    }
}

#[test]
fn certificate_is_not_shown_to_a_realm_on_another_origin() {
    let mut names = Names::new();
    let realm = ["auth.test"];
    let service = || Asking::optionally();
    let realm = Server::asking_for_client_certificates(&names.authority, &realm, service(), |_| token("a-token"));
    names.lead("auth.test", &realm);
    let registry = Server::asking_for_client_certificates(&names.authority, &["registry.test"], service(), |sent| {
        match sent.all("Authorization")[..] {
            [] => unauthorized(&bearer("https://auth.test/token")),
            _ => manifest(),
        }
    });
    names.lead("registry.test", &registry);
    let client = Client::of(&names);
    assert_status(&probe(&names, Some(&client), &[]), 0);
    assert_never_shown(&realm);
    assert_always_shown(&registry);
}

#[test]
fn certificate_is_shown_to_a_realm_that_the_user_named() {
    let mut names = Names::new();
    let realm = Server::asking_for_client_certificates(&names.authority, &["auth.test"], Asking::optionally(), |_| {
        token("a-token")
    });
    names.lead("auth.test", &realm);
    let registry =
        Server::answering_over_tls(&names.authority, &["registry.test"], |sent| match sent.all("Authorization")[..] {
            [] => unauthorized(&bearer("https://auth.test/token")),
            _ => manifest(),
        });
    names.lead("registry.test", &registry);
    let client = Client::of(&names);
    assert_status(&probe(&names, Some(&client), &["--trust-realm", "auth.test"]), 0);
    assert_always_shown(&realm);
}

#[test]
fn certificate_is_not_shown_where_a_redirect_leads() {
    for elsewhere in ["storage.test", "registry.test.storage.test", "registry.test:8443"] {
        let mut names = Names::new();
        let host = [super::name_of(elsewhere)];
        let asking = || Asking::optionally();
        let storage = Server::asking_for_client_certificates(&names.authority, &host, asking(), |_| manifest());
        names.lead(elsewhere, &storage);
        let location = format!("https://{elsewhere}/signed");
        let sends_on = move |_: &_| redirect("307 Temporary Redirect", &location);
        let registry = Server::asking_for_client_certificates(&names.authority, &["registry.test"], asking(), sends_on);
        names.lead("registry.test", &registry);
        let client = Client::of(&names);
        assert_status(&probe(&names, Some(&client), &[]), 0);
        assert_never_shown(&storage);
        assert_always_shown(&registry);
    }
}

#[test]
fn certificate_is_not_shown_to_the_registry_of_a_second_reference() {
    let mut names = Names::new();
    let asking = || Asking::optionally();
    let first = Server::asking_for_client_certificates(&names.authority, &["registry.test"], asking(), |_| manifest());
    names.lead("registry.test", &first);
    let second = Server::asking_for_client_certificates(&names.authority, &["second.test"], asking(), |_| manifest());
    names.lead("second.test", &second);
    let client = Client::of(&names);
    let (certificate, key) = (client.file("client.cert"), client.file("client.key"));
    let (one, other) = (format!("registry.test/{IMAGE}"), format!("second.test/{IMAGE}"));
    let options =
        [&["diagnose", "--verbose", "--cert", &certificate, "--key", &key], &names.options()[..], &[&one, &other]]
            .concat();
    let run = checked(ociscope(&options).run());
    assert_always_shown(&first);
    assert_never_shown(&second);
    let words = "Your client certificate was not sent to second.test: given for registry.test.";
    assert!(run.stdout.replace("\n", " ").replace("  ", " ").contains(words), "{run:?}");
}

#[test]
fn page_of_nginx_names_the_reason() {
    let mut names = Names::new();
    let page = "<html>\r\n<head><title>400 No required SSL certificate was sent</title></head>\r\n</html>";
    let page = answer("400 Bad Request", &[("Server", "nginx/1.24.0"), ("Content-Type", "text/html")], page);
    let server = Server::answering_over_tls(&names.authority, &["registry.test"], move |_| page.clone());
    names.lead("registry.test", &server);
    let run = probe(&names, None, &[]);
    assert_status(&run, 16);
    assert_eq!(rules(&run), ["client-certificate-required"], "{run:?}");
}

#[test]
fn request_with_ten_thousand_names_is_bounded() {
    // TLS has room for 64 KiB of them (RFC 8446 §4.2.4).
    for asking in [
        Asking::optionally().naming((0..2_000).map(|number| format!("CA {number}"))),
        Asking::optionally().naming_nobody(10_000),
    ] {
        let mut names = Names::new();
        let server =
            Server::asking_for_client_certificates(&names.authority, &["registry.test"], asking, |_| manifest());
        names.lead("registry.test", &server);
        let run = probe(&names, None, &[]);
        assert_status(&run, 0);
        assert!(run.stdout.len() < 64 << 10, "{} bytes", run.stdout.len());
        let names = names.options();
        let run = checked(ociscope(&[&["tls", "registry.test"], &names[..]].concat()).run());
        assert_status(&run, 0);
        assert!(run.stdout.len() < 8 << 10, "{run:?}");
    }
}

#[test]
fn names_in_a_request_cannot_act_on_a_terminal() {
    let mut names = Names::new();
    let hostile = ["\u{1b}[2J\u{1b}]0;owned\u{7}", "\u{202e}**trusted** `x` | y", "line\nfeed"];
    let asking = Asking::strictly().naming(hostile.map(str::to_owned));
    let server = Server::asking_for_client_certificates(&names.authority, &["registry.test"], asking, |_| manifest());
    names.lead("registry.test", &server);
    for form in ["terminal", "markdown", "html", "json"] {
        let reference = format!("registry.test/{IMAGE}");
        let options = [&["diagnose", "--format", form], &names.options()[..], &[&reference]].concat();
        // What is written is looked at by `checked`.
        let run = checked(ociscope(&options).run());
        assert_status(&run, 16);
        assert!(run.stdout.contains("client-certificate-required"), "{run:?}");
    }
}

#[test]
fn files_that_cannot_be_used_are_wrong_usage_and_nothing_is_asked() {
    let mut names = Names::new();
    let server = Server::answering_over_tls(&names.authority, &["registry.test"], |_| manifest());
    names.lead("registry.test", &server);
    let client = Client::of(&names);
    let encrypted = client.file("encrypted.key");
    std::fs::write(&encrypted, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
        .expect("to write it");
    let (certificate, key) = (client.file("client.cert"), client.file("client.key"));
    let reference = format!("registry.test/{IMAGE}");
    for (options, words) in [
        (vec!["--key", key.as_str()], "--cert"),
        (vec!["--cert", certificate.as_str()], "holds a certificate and no private key; name the file of the key"),
        (vec!["--cert", key.as_str(), "--key", key.as_str()], "holds no certificate in PEM form"),
        (vec!["--cert", certificate.as_str(), "--key", encrypted.as_str()], "is encrypted"),
        (vec!["--cert", "/nowhere", "--key", key.as_str()], "/nowhere cannot be read: No such file or directory"),
    ] {
        let run = checked(asking(&reference, &[&names.options()[..], &options].concat()).run());
        assert_status(&run, 2);
        assert!(run.stderr.contains(words), "{run:?}");
    }
    server.assert_untouched();
}

#[test]
fn folders_of_other_clients_are_named_and_not_read() {
    let mut names = Names::new();
    let asking = Asking::strictly();
    let server = Server::asking_for_client_certificates(&names.authority, &["registry.test"], asking, |_| manifest());
    names.lead("registry.test", &server);
    let reference = format!("registry.test/{IMAGE}");
    let options = [&["diagnose", "--public"], &names.options()[..], &[&reference]].concat();
    let run = ociscope(&options).home_file(".config/containers/certs.d/registry.test/client.key", "CANARYkey");
    let run = checked(run.run());
    assert!(run.stdout.contains("~/.config/containers/certs.d/"), "{run:?}");
    assert!(run.stdout.contains("(client.key)") && !run.stdout.contains("CANARYkey"), "{run:?}");
}
