//! Reports are pasted into public issues: no secret of a run may be in one, however a server writes it back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::payloads::VERBS;
use super::{IMAGE, PASSWORD, USER, checked};
use crate::support::basic_authorization;
use crate::support::hostile::{Names, Server, answer, bearer, encodings, redirect, refusal, token, unauthorized};
use crate::support::ociscope::ociscope;
use crate::support::relay::Sent;

/// A header of the user's own.
const HEADER_VALUE: &str = "CANARYhdr+/=%\"\\'&<0123456789";
/// The signature of an address, and a session.
const SIGNATURE: &str = "CANARYsig0123456789abcdef";
const COOKIE: &str = "CANARYck0123456789abcdef";

/// A token of the usual form, with something private in it.
fn jwt() -> String {
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({ "sub": "canary.mail@example.test", "access": [] });
    format!("{}.{}.{}", part(json!({ "alg": "none" })), part(claims), URL_SAFE_NO_PAD.encode("CANARYtok of this test"))
}

/// A registry over TLS that takes a password or a token, and then answers as this function says.
fn registry(names: &mut Names, basic: bool, make: impl Fn(&Sent) -> Vec<u8> + Send + Sync + 'static) -> Server {
    let challenge = if basic { "Basic realm=\"r\"".to_owned() } else { bearer("https://registry.test/token") };
    let server = Server::answering_over_tls(&names.authority, &["registry.test"], move |sent| {
        if sent.path.starts_with("/token") {
            token(&jwt())
        } else if sent.all("Authorization").is_empty() {
            unauthorized(&challenge)
        } else {
            make(sent)
        }
    });
    names.lead("registry.test", &server);
    server
}

/// Probes with everything that is secret, in each format, and checks that nothing of it is shown.
#[track_caller]
fn assert_nothing_shown(names: &Names, more: &[&str]) {
    let header = format!("X-Api-Key: {HEADER_VALUE}");
    let token = jwt();
    let (_, signature) = token.rsplit_once('.').expect("three parts");
    let basic = basic_authorization(USER, PASSWORD);
    let basic = basic.trim_start_matches("Basic ");
    let formats = ["terminal", "markdown", "html", "json"].into_iter();
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("recording.json");
    let recording = ["--record", file.to_str().expect("UTF-8")];
    for (format, verb) in formats.flat_map(|format| VERBS.map(|verb| (format, verb))) {
        let options = [verb, "--format", format, "--username", USER, "--password-stdin", "--header", &header];
        // What is recorded is the same in every format.
        let options = [&options[..], if format == "json" { &recording } else { &[] }].concat();
        let reference = format!("registry.test/{IMAGE}");
        let arguments = [&options[..], &names.options()[..], more, &[&reference]].concat();
        let run = checked(ociscope(&arguments).input(PASSWORD).run());
        let recorded = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(format != "json" || recorded.contains("ociscope.recording/1"), "{run:?}");
        let shown = format!("{}{}{recorded}", run.stdout, run.stderr);
        // A line that was too long goes on in the next one, behind a bar.
        let joined: String =
            shown.chars().filter(|character| !character.is_whitespace() && *character != '│').collect();
        for secret in [PASSWORD, HEADER_VALUE, SIGNATURE, COOKIE, &token, signature, basic] {
            for form in encodings::of(secret) {
                let compact: String = form.chars().filter(|character| !character.is_whitespace()).collect();
                assert!(!shown.contains(&form) && !joined.contains(&compact), "{form:?} in {format}:\n{shown}");
            }
        }
        assert!(!shown.contains("CANARY"), "a part of a secret in {format}:\n{shown}");
    }
}

/// What a server could make of the secrets that it was told, in as many ways as it can write them.
fn echoes(sent: &Sent) -> Vec<String> {
    let authorization = sent.all("Authorization").join(" ");
    let mut echoes = vec![authorization.clone(), format!("Authorization: {authorization}")];
    for secret in [PASSWORD, HEADER_VALUE, authorization.rsplit(' ').next().unwrap_or_default()] {
        for form in encodings::of(secret) {
            echoes.push(form.clone());
            echoes.push(format!("<ArgumentValue>{form}</ArgumentValue>"));
        }
    }
    echoes
}

#[test]
fn an_error_that_repeats_what_it_was_told_is_shown_without_it() {
    for basic in [true, false] {
        for content_type in ["application/json", "text/plain"] {
            let mut names = Names::new();
            let _registry = registry(&mut names, basic, move |sent| {
                let message = echoes(sent).join(" ");
                let body = json!({ "errors": [{ "code": "DENIED", "message": message, "detail": echoes(sent) }] });
                answer("403 Forbidden", &[("Content-Type", content_type)], body.to_string())
            });
            assert_nothing_shown(&names, &[]);
        }
    }
}

/// Base64 is broken into lines by many programs, and a terminal breaks whatever is too long for it.
#[test]
fn secrets_that_go_on_in_the_next_line_are_not_shown() {
    let mut names = Names::new();
    let _registry = registry(&mut names, true, |sent| {
        let broken = |text: &String| text.as_bytes().chunks(10).collect::<Vec<_>>().join(&b"\r\n"[..]);
        let long: Vec<_> = echoes(sent).into_iter().filter(|echo| !echo.contains('<')).collect();
        let body = long.iter().map(broken).collect::<Vec<_>>().join(&b"\n\n"[..]);
        answer("403 Forbidden", &[("Content-Type", "text/plain")], body)
    });
    assert_nothing_shown(&names, &[]);
}

/// Languages differ in what they escape in JSON; the same text comes out when it is read.
#[test]
fn an_error_in_the_json_of_other_languages_is_shown_without_secrets() {
    for basic in [true, false] {
        let mut names = Names::new();
        let _registry = registry(&mut names, basic, |sent| {
            let odd = |text: &str| {
                let quoted = json!(text).to_string();
                [
                    quoted.replace('/', "\\/"),
                    quoted.replace('<', "\\u003c").replace('&', "\\u0026").replace('\'', "\\u0027"),
                    quoted.replacen('A', "\\u0041", 1),
                    quoted.replace('C', "\\u0043").replace('+', "\\u002B"),
                ]
            };
            let authorization = sent.all("Authorization").join(" ");
            let values: Vec<_> = [PASSWORD, HEADER_VALUE, &authorization].into_iter().flat_map(odd).collect();
            let body = format!(
                r#"{{"errors":[{{"code":"DENIED","message":{},"detail":[{}]}}]}}"#,
                values[0],
                values.join(",")
            );
            answer("403 Forbidden", &[("Content-Type", "application/json")], body)
        });
        assert_nothing_shown(&names, &[]);
    }
}

#[test]
fn a_page_that_repeats_what_it_was_told_is_shown_without_it() {
    for basic in [true, false] {
        let mut names = Names::new();
        let _registry = registry(&mut names, basic, |sent| {
            let said = echoes(sent).join("\n");
            let page =
                format!("<html><head><title>{}</title></head><body>{said}</body></html>", said.replace('\n', " "));
            answer("403 Forbidden", &[("Content-Type", "text/html")], page)
        });
        assert_nothing_shown(&names, &[]);
    }
}

#[test]
fn headers_that_repeat_what_was_told_are_shown_without_it() {
    for basic in [true, false] {
        let mut names = Names::new();
        let _registry = registry(&mut names, basic, |sent| {
            let cookie = format!("session={COOKIE}; Path=/");
            let link = format!("</v2/team/app/tags/list?last=a&sig={SIGNATURE}>; rel=\"next\"");
            let location = format!("https://storage.test/x?X-Amz-Signature={SIGNATURE}&x-amz-security-token={COOKIE}");
            let told: Vec<_> = echoes(sent).into_iter().filter(|echo| !echo.contains(['<', '\n'])).collect();
            let mut headers = vec![
                ("Set-Cookie", cookie.as_str()),
                ("Link", link.as_str()),
                ("Content-Location", location.as_str()),
                ("X-Auth-Token", COOKIE),
                ("Docker-Upload-UUID", COOKIE),
            ];
            headers.extend(told.iter().map(|echo| ("X-Echo", echo.as_str())));
            answer("403 Forbidden", &headers, "")
        });
        assert_nothing_shown(&names, &[]);
    }
}

#[test]
fn a_redirect_to_a_signed_address_is_shown_without_its_signature() {
    for query in [
        format!("X-Amz-Signature={SIGNATURE}&X-Amz-Credential={COOKIE}"),
        format!("x-amz-SIGNATURE={SIGNATURE}"),
        format!("%58-Amz-Signature={SIGNATURE}&sig={SIGNATURE}&se=1&sig={COOKIE}"),
        format!("Policy={SIGNATURE}&Key-Pair-Id={COOKIE}"),
        SIGNATURE.to_owned(),
        format!("a=1;sig={SIGNATURE}"),
        format!("scope&token={SIGNATURE}#access_token={COOKIE}"),
    ] {
        let mut names = Names::new();
        let storage = Server::answering_over_tls(&names.authority, &["storage.test"], |sent| {
            let body = json!({ "errors": [{ "code": "EXPIRED", "message": format!("no: https://storage.test{}", sent.path) }] });
            answer("403 Forbidden", &[("Content-Type", "application/json")], body.to_string())
        });
        names.lead("storage.test", &storage);
        let _registry = registry(&mut names, true, move |_| {
            redirect("307 Temporary Redirect", &format!("https://storage.test/x?{query}"))
        });
        assert_nothing_shown(&names, &[]);
    }
}

#[test]
fn a_challenge_is_shown_without_what_is_secret_in_it() {
    for challenge in [
        format!("Bearer realm=\"https://alice:{COOKIE}@tokens.test/token?key={SIGNATURE}\",service=\"r\""),
        format!("Bearer realm=\"https://tokens.test/token?key={SIGNATURE}\",error_description=\"{}\"", jwt()),
        format!("Bearer realm=\"/token?sig={SIGNATURE}\""),
    ] {
        let mut names = Names::new();
        let server =
            Server::answering_over_tls(&names.authority, &["registry.test"], move |_| unauthorized(&challenge));
        names.lead("registry.test", &server);
        assert_nothing_shown(&names, &[]);
    }
}

/// The forms in which oras' tests hide a token in an answer.
#[test]
fn whatever_a_token_server_answers_no_token_is_shown() {
    let token = jwt();
    for body in [
        json!({ "Token": token }).to_string(),
        json!({ "ACCESS_TOKEN": token }).to_string(),
        json!({ "token": token, "refresh_token": COOKIE, "expires_in": 300 }).to_string(),
        json!({ "data": { "token": token } }).to_string(),
        json!([{ "token": token }]).to_string(),
        format!("{{\"access\\u005ftoken\":\"{token}\"}}"),
        format!("{{\"token\":\"{token}\"}} trailing garbage {token}"),
        format!("{{\"token\":\"{token}\",\"expires_in\":1e1000}}"),
        format!("{{\"token\":\"{token}"),
        format!("{}{{\"token\":\"{token}\"}}", " ".repeat(20_000)),
        format!("token={token}"),
        json!({ "errors": [{ "code": "X", "message": format!("{token} {PASSWORD}"), "detail": PASSWORD }] })
            .to_string(),
        json!({ "message": { "a": [token, PASSWORD] }, "details": COOKIE.len() }).to_string(),
        format!("<html>{token} {PASSWORD}</html>"),
    ] {
        // An answer with a token in it is a success; one that quotes what it was sent is a refusal more often.
        let status = if body.contains("token\"") { "200 OK" } else { "401 Unauthorized" };
        let mut names = Names::new();
        let server = Server::answering_over_tls(&names.authority, &["registry.test"], move |sent| {
            if sent.path.starts_with("/token") {
                answer(status, &[("Content-Type", "application/json")], &body)
            } else {
                unauthorized(&bearer("https://registry.test/token"))
            }
        });
        names.lead("registry.test", &server);
        assert_nothing_shown(&names, &[]);
    }
}

/// Of several tokens one is used; a registry that got them from its token service may repeat the others.
#[test]
fn tokens_that_were_not_used_are_not_shown_either() {
    let body = json!({ "token": jwt(), "access_token": SIGNATURE, "refresh_token": COOKIE }).to_string();
    let mut names = Names::new();
    let server = Server::answering_over_tls(&names.authority, &["registry.test"], move |sent| {
        if sent.path.starts_with("/token") {
            answer("200 OK", &[("Content-Type", "application/json")], &body)
        } else if sent.all("Authorization").is_empty() {
            unauthorized(&bearer("https://registry.test/token"))
        } else {
            refusal("403 Forbidden", &[("X-Said", COOKIE)], "DENIED", &format!("not with {SIGNATURE} nor {COOKIE}"))
        }
    });
    names.lead("registry.test", &server);
    assert_nothing_shown(&names, &[]);
}

/// A request that is refused can be repeated by hand, and nothing that is secret stands in the command.
#[test]
fn a_command_names_secrets_by_variables() {
    let server = Server::answering(|_| refusal("403 Forbidden", &[], "DENIED", "no"));
    let reference = format!("http://{}/{IMAGE}", server.address);
    let run = checked(ociscope(&["probe", &reference]).run());
    let plain = run.stdout.lines().find(|line| line.contains("curl ")).expect("a command");
    assert!(plain.starts_with("  curl -sS -i -H 'Accept: application/") && !plain.contains('$'), "{plain}");
    assert!(run.stdout.contains("the same request by hand\n"), "{run:?}");
    let run = checked(ociscope(&["probe", "--header", &format!("X-Api-Key: {HEADER_VALUE}"), &reference]).run());
    let named = run.stdout.lines().find(|line| line.contains("curl ")).expect("a command");
    assert!(named.contains(" -H \"X-Api-Key: $HEADER_1\" http://"), "{named}");
    assert!(run.stdout.contains("the same request by hand, with your secrets in the variables\n"), "{run:?}");
    assert!(!run.stdout.contains("CANARY"), "{run:?}");
}

/// The words in the place of everything that was removed from a report, without what it was: length and label.
fn shapes(text: &str) -> Vec<&str> {
    text.split("removed, ").skip(1).filter_map(|rest| rest.split_once('›')).map(|(shape, _)| shape).collect()
}

/// A reader can follow a token through a report: from the answer that it came in, by the requests that it was sent with, to
/// the error that repeats it, in whatever form. Labels of another run are others, so nobody can try out guesses.
#[test]
fn equal_secrets_are_seen_to_be_equal_in_one_report_and_in_no_other() {
    let mut names = Names::new();
    let _registry = registry(&mut names, false, |sent| {
        let authorization = sent.all("Authorization").join(" ");
        let token = authorization.trim_start_matches("Bearer ");
        let percent: String = token.bytes().map(|byte| format!("%{byte:02X}")).collect();
        refusal("403 Forbidden", &[], "DENIED", &format!("{token} {percent}"))
    });
    let report = || {
        let reference = format!("registry.test/{IMAGE}");
        checked(ociscope(&[&["probe", "--json"], &names.options()[..], &[&reference]].concat()).run()).stdout
    };
    let (one, other) = (report(), report());
    let expected = format!("{} characters, label ", jwt().len());
    let (shown, shown_elsewhere) = (shapes(&one), shapes(&other));
    assert!(shown.len() > 6 && shown[0].starts_with(&expected), "{shown:?}");
    assert!(shown.iter().all(|shape| shape == &shown[0]), "{shown:?}");
    assert_ne!(shown[0], shown_elsewhere[0]);
    assert!(one.contains(&format!("Bearer ‹removed, {}›", shown[0])), "the scheme is kept: {one}");
    assert!(one.contains("‹token removed, "), "{one}");
}

/// Registries that somebody tries something out with have such passwords. A report that takes them out of its own
/// sentences says by that what they are, and one that cannot be written helps nobody.
#[test]
fn a_password_that_is_an_ordinary_word_is_not_told_by_the_gaps_that_it_leaves() {
    let mut names = Names::new();
    let _registry = registry(&mut names, true, |_| refusal("403 Forbidden", &[], "DENIED", "not in this registry"));
    for password in ["password", "registry", "manifest", "characters"] {
        for format in ["terminal", "markdown", "html", "json"] {
            let reference = format!("registry.test/{IMAGE}");
            let options = ["diagnose", "--format", format, "--username", USER, "--password-stdin"];
            let run =
                checked(ociscope(&[&options, &names.options()[..], &[&reference]].concat()).input(password).run());
            assert!(run.stdout.contains("not in this registry"), "{password}: {run:?}");
            assert!(!run.stdout.contains("password removed"), "{password}: {run:?}");
            let basic = basic_authorization(USER, password);
            assert!(!run.stdout.contains(basic.trim_start_matches("Basic ")), "{password}: {run:?}");
        }
    }
}
