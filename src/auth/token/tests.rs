//! Responses of token services, and of other servers at their address.

use proptest::prelude::*;

use super::*;

/// A token with this header and these claims; its signature is a word that must not be printed anywhere.
fn jwt(claims: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let [header, claims] = [r#"{"alg":"RS256","typ":"JWT"}"#, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}.CANARYsignature")
}

fn read(body: &str) -> Result<Token, TokenError> {
    read_token(200, Some(&"application/json".into()), body.as_bytes())
}

/// The token of a response, its lifetime and its problems.
fn facts(body: &str) -> (String, u64, Vec<TokenProblem>) {
    let token = read(body).expect("the answer has a token");
    (token.value().reveal().to_owned(), token.lifetime().as_secs(), token.problems().to_vec())
}

#[test]
fn responses_of_registries_are_parsed() {
    use TokenProblem::*;
    for (registry, body, seconds, problems) in [
        ("GHCR", r#"{"token":"abc"}"#, 60, vec![]),
        (
            "Docker Hub",
            r#"{"token":"abc","access_token":"abc","expires_in":300,"issued_at":"2026-11-20T17:53:19Z"}"#,
            300,
            vec![],
        ),
        ("ACR, which has no token", r#"{"access_token":"abc"}"#, 60, vec![]),
        ("Artifactory", r#"{"token":"abc","expires_in":9000}"#, 3600, vec![LifetimeCapped]),
        ("one name left empty", r#"{"token":"","access_token":"abc"}"#, 60, vec![OneUnusable]),
        ("one name not filled", r#"{"token":null,"access_token":"abc"}"#, 60, vec![]),
        ("two tokens", r#"{"access_token":"xyz","token":"abc"}"#, 60, vec![BothDiffer]),
    ] {
        assert_eq!(facts(body), ("abc".to_owned(), seconds, problems), "{registry}");
    }
}

#[test]
fn lifetimes_that_are_none() {
    use TokenProblem::*;
    for (expires_in, seconds, problems) in [
        ("null", 60, vec![]),
        ("0", 60, vec![LifetimeUnusable]),
        ("-1", 60, vec![LifetimeUnusable]),
        ("1e-300", 60, vec![LifetimeUnusable]),
        ("true", 60, vec![LifetimeUnusable]),
        ("[300]", 60, vec![LifetimeUnusable]),
        (r#""soon""#, 60, vec![LifetimeUnusable]),
        (r#""NaN""#, 60, vec![LifetimeUnusable]),
        (r#""inf""#, 60, vec![LifetimeUnusable]),
        (r#""300""#, 300, vec![LifetimeNotInteger]),
        ("300.0", 300, vec![LifetimeNotInteger]),
        ("5", 5, vec![LifetimeShort]),
        ("3600", 3600, vec![]),
        ("18446744073709551615", 3600, vec![LifetimeCapped]),
        ("1e308", 3600, vec![LifetimeNotInteger, LifetimeCapped]),
    ] {
        let body = format!(r#"{{"token":"abc","expires_in":{expires_in}}}"#);
        assert_eq!(facts(&body), ("abc".to_owned(), seconds, problems), "{expires_in}");
    }
}

#[test]
fn what_is_no_token() {
    use TokenError::*;
    let long = format!(r#"{{"token":"{}"}}"#, "a".repeat(TOKEN_LIMIT + 1));
    let deep = "[".repeat(100_000);
    for (body, error) in [
        ("", Empty(200)),
        (" \n", Empty(200)),
        ("<!DOCTYPE html><p>Log in", WebPage),
        ("CANARY", NotJson { line: 1, column: 1 }),
        ("{\"token\":\n CANARY}", NotJson { line: 2, column: 2 }),
        (r#"{"token":"CANARY"#, CutOff),
        (r#"{"token":"CANARY","expires_in":1e999}"#, NotJson { line: 1, column: 36 }),
        (&deep, NotJson { line: 1, column: 128 }),
        (r#"["CANARY"]"#, NotAnObject("an array")),
        (r#""CANARY""#, NotAnObject("a string")),
        ("17", NotAnObject("a number")),
        ("null", NotAnObject("null")),
        ("{}", NoToken),
        (r#"{"data":{"token":"CANARY"}}"#, NoToken),
        (r#"{"refresh_token":"CANARY"}"#, NoToken),
        (r#"{"token":["CANARY"]}"#, WrongType { field: "token", found: "an array" }),
        (r#"{"token":{"token":"CANARY"}}"#, WrongType { field: "token", found: "an object" }),
        (r#"{"access_token":17}"#, WrongType { field: "access_token", found: "a number" }),
        (r#"{"token":""}"#, EmptyToken("token")),
        (&long, TokenTooLong { field: "token", length: TOKEN_LIMIT + 1 }),
        (r#"{"token":"CANARY\nX-Evil: 1"}"#, IllegalBytes { field: "token", offset: 6 }),
        (r#"{"token":"CANARY\u001b[2J"}"#, IllegalBytes { field: "token", offset: 6 }),
        (r#"{"token":"CANARY token"}"#, IllegalBytes { field: "token", offset: 6 }),
        (r#"{"access_token":"CANARYé"}"#, IllegalBytes { field: "access_token", offset: 6 }),
    ] {
        let found = read(body).expect_err("there is no token");
        assert_eq!(found, error);
        assert!(!format!("{found} {found:?}").contains("CANARY"), "{found:?}");
    }
    let too_long = format!(r#"{{"token":"abc","more":"{}"}}"#, "a".repeat(BODY_LIMIT));
    assert_eq!(read(&too_long), Err(TooLong));
    assert_eq!(
        read(r#"{"token":"a\tb"}"#).expect_err("a tab").to_string(),
        "the token has illegal bytes: byte 1 of token is not visible ASCII"
    );
}

#[test]
fn statuses_that_bring_no_token() {
    let body = br#"{"token":"CANARY"}"#;
    for (status, error) in [
        (401, TokenError::Refused(401)),
        (500, TokenError::Refused(500)),
        (0, TokenError::Refused(0)),
        (302, TokenError::Redirected(302)),
    ] {
        assert_eq!(read_token(status, None, body), Err(error));
    }
    assert_eq!(read_token(204, None, b""), Err(TokenError::Empty(204)));
    assert!(read_token(201, None, body).is_ok());
}

/// The header decides nothing: it only helps to describe a body that is not valid.
#[test]
fn wrong_content_type_is_reported() {
    let read = |content_type: &str, body: &[u8]| read_token(200, Some(&content_type.into()), body);
    for json in ["application/json", "Application/JSON; charset=utf-8", "application/vnd.x+json"] {
        assert_eq!(read(json, br#"{"token":"abc"}"#).expect("a token").problems(), []);
    }
    let plain = read("text/plain", br#"{"token":"abc"}"#).expect("a token");
    assert_eq!(plain.problems(), [TokenProblem::ContentType]);
    assert_eq!(read("TEXT/html; charset=x", b"Please log in"), Err(TokenError::WebPage));
    assert_eq!(read("text/html\u{e9}", b"{"), Err(TokenError::WebPage));
}

#[test]
fn jwt_reveals_its_grant() {
    let body = |claims: &str| format!(r#"{{"token":"{}","expires_in":300}}"#, jwt(claims));
    let read = |claims: &str| read(&body(claims)).expect("a token");
    let pull = |name: &str| Access { kind: "repository".into(), name: name.into(), actions: vec!["pull".into()] };

    let granted = read(r#"{"access":[{"type":"repository","class":"","name":"demo/app","actions":["pull"]}]}"#);
    assert_eq!((granted.form(), granted.grant()), (Form::Jwt, Some(&[pull("demo/app")][..])));

    let capitals = read(r#"{"access":[{"Type":"repository","Name":"demo/app","Actions":["pull"]}]}"#);
    assert_eq!(capitals.grant(), Some(&[pull("demo/app")][..]));

    assert_eq!(granted.grant_in_words().as_deref(), Some("grants “pull” of “demo/app”"));
    for nothing in [r#"{"access":[]}"#, r#"{"access":null}"#] {
        assert_eq!(read(nothing).grant(), Some(&[][..]), "{nothing}");
        assert_eq!(read(nothing).grant_in_words().as_deref(), Some("grants nothing"), "{nothing}");
    }
    assert_eq!(read(r#"{"sub":"alice"}"#).grant(), None);

    let odd = read(r#"{"access":[17,{"type":"repository","name":"a","actions":["pull"]},{"name":"b"}]}"#);
    assert_eq!((odd.grant(), odd.problems()), (Some(&[pull("a")][..]), &[TokenProblem::GrantUnreadable][..]));

    let entry = r#"{"type":"repository","name":"a","actions":["pull"]}"#;
    let many = read(&format!(r#"{{"access":[{}]}}"#, vec![entry; 200].join(",")));
    assert_eq!((many.grant().map(<[Access]>::len), many.problems()), (Some(64), &[TokenProblem::GrantCut][..]));
}

/// The token service chooses both, and neither may read like our own judgment.
#[test]
fn names_and_actions_of_a_grant_are_quoted() {
    for word in ["everything", "✓ verified", "pull” of “all", "nothing.", "demo/app", "a\u{1b}b"] {
        let access =
            serde_json::json!({ "access": [{ "type": "repository", "name": word, "actions": [word, "push"] }] });
        let token = read(&format!(r#"{{"token":"{}"}}"#, jwt(&access.to_string()))).expect("a token");
        let shown = Untrusted::from(word).printable().replace(['“', '”'], "\"");
        assert_eq!(token.grant_in_words(), Some(format!("grants “{shown}”, “push” of “{shown}”")));
    }
}

#[test]
fn look_alike_of_a_jwt_is_opaque() {
    for token in ["a.b.c", "...", "e30.e30", "e30.e30.e30.e30", "e30.W10.x", "W10.e30.x", "e30=.e30.x", "eyJh.e30.x"] {
        let token = read(&format!(r#"{{"token":"{token}"}}"#)).expect("a token");
        assert_eq!((token.form(), token.grant()), (Form::Opaque, None));
    }
    assert_eq!(read(r#"{"token":"e30.e30."}"#).expect("an unsigned token").form(), Form::Jwt);
}

#[test]
fn the_shape_is_shown_in_place_of_the_token() {
    let claims = format!(r#"{{"access":[],"sub":"{}"}}"#, "CANARY".repeat(140));
    let body = format!(r#"{{"token":"{}","expires_in":300}}"#, jwt(&claims));
    let token = read(&body).expect("a token");
    assert_eq!(token.shape(), "jwt, 1.2 kB, expires in 300 s");
    for text in [token.shape(), format!("{token:?}")] {
        assert!(!text.contains("CANARY") && !text.contains(token.value().reveal()), "{text}");
    }
    let shape = |token: &str| read(&format!(r#"{{"token":"{token}"}}"#)).expect("a token").shape();
    assert_eq!(shape(&"a".repeat(40)), "opaque, 40 bytes");
    assert_eq!(shape("a"), "opaque, 1 byte");
    assert_eq!(shape(&"a".repeat(999)), "opaque, 999 bytes");
    assert_eq!(shape(&"a".repeat(1234)), "opaque, 1.2 kB");
}

#[test]
fn invalid_characters_of_a_bearer_token_are_reported() {
    for (token, problems) in [
        ("AZaz09-._~+/==", vec![]),
        ("a=b", vec![TokenProblem::UnusualCharacters]),
        ("==", vec![TokenProblem::UnusualCharacters]),
        ("{curly}", vec![TokenProblem::UnusualCharacters]),
    ] {
        assert_eq!(facts(&format!(r#"{{"token":"{token}"}}"#)).2, problems, "{token}");
    }
}

/// In the form of the distribution token specification's own example.
#[test]
fn claims_have_times_and_actions_in_the_requested_repository() {
    let claims = r#"{"iss":"auth.docker.com","sub":"jlhawn","nbf":1415387315,"iat":1415387315.5,"exp":1415387615,
        "access":[{"type":"repository","name":"samalba/my-app","actions":["pull","push"]},
                  {"type":"registry","name":"catalog","actions":["*"]}]}"#;
    let token = read(&format!(r#"{{"token":"{}"}}"#, jwt(claims))).unwrap();
    let claims = token.claims("samalba/my-app").unwrap();
    assert_eq!(
        [claims.not_before, claims.issued_at, claims.expires].map(Option::unwrap),
        [1415387315, 1415387315, 1415387615]
    );
    assert_eq!(claims.actions.unwrap(), ["pull", "push"].map(Untrusted::from));
    assert_eq!(token.claims("catalog").unwrap().actions, Some(Vec::new()));
    assert_eq!(read(r#"{"token":"opaque"}"#).unwrap().claims("samalba/my-app"), None);
}

proptest! {
    #[test]
    fn parsing_never_panics(status in any::<u16>(), body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_token(status, Some(&Untrusted::from_bytes(&body)), &body);
    }

    #[test]
    fn whatever_a_token_is_it_can_be_sent_in_a_header(token in "\\PC{0,40}|[ -~]{0,40}", expires_in in any::<f64>()) {
        let body = serde_json::json!({ "token": token, "expires_in": expires_in }).to_string();
        if let Ok(read) = read(&body) {
            prop_assert_eq!(read.value().reveal(), &token);
            prop_assert!(token.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert!((Duration::from_secs(1)..=LONGEST_LIFETIME).contains(&read.lifetime()));
        }
    }

    #[test]
    fn no_claims_make_it_panic(claims in "\\PC{0,80}|[\\[\\]{}\":,a-z]{0,80}") {
        let token = read(&format!(r#"{{"token":"{}"}}"#, jwt(&claims)));
        prop_assert!(token.is_ok());
    }
}

/// RFC 7519 §4.1.3: one text or a list of them.
#[test]
fn audience_is_read_in_both_forms() {
    let audience = |claims: &str| {
        let token = read(&format!(r#"{{"token":"{}"}}"#, jwt(claims))).unwrap();
        let claims = token.claims("demo/app").unwrap();
        claims.audience.iter().map(Untrusted::printable).collect::<Vec<_>>()
    };
    assert_eq!(audience(r#"{"aud":"registry.example"}"#), ["registry.example"]);
    assert_eq!(audience(r#"{"aud":["a","b",3]}"#), ["a", "b"]);
    assert_eq!(audience(r#"{"aud":7}"#), Vec::<String>::new());
    assert_eq!(audience("{}"), Vec::<String>::new());
    let many: Vec<_> = (0..1000).map(|n| format!("\"{n}\"")).collect();
    assert_eq!(audience(&format!(r#"{{"aud":[{}]}}"#, many.join(","))).len(), 16);
}
