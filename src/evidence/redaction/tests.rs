//! What is taken out, and what stays.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

#[test]
fn a_signed_url_keeps_its_shape_and_loses_its_signature() {
    let url =
        Url::parse("https://u:pw@s3.test/b/data?X-Amz-Signature=CANARYsig&n=5&scope=repository:a:pull#x").unwrap();
    let mut redactor = Redactor::default();
    assert_eq!(
        redactor.url(&url),
        "https://s3.test/b/data?X-Amz-Signature=‹query value removed›&n=5&scope=repository:a:pull"
    );
    let counted: Vec<_> = redactor.redactions().iter().map(|r| (r.what, r.count)).collect();
    assert_eq!(counted, [("password", 1), ("query value", 1)]);
}

#[test]
fn headers_show_what_helps_and_hide_what_harms() {
    let mut redactor = Redactor::default();
    let mut shown = |name: &str, value: &str| redactor.header(name, &Untrusted::from(value)).printable();
    assert_eq!(shown("set-cookie", "sid=CANARYck; Path=/"), "‹cookie removed›");
    assert_eq!(shown("docker-ratelimit-source", "203.0.113.9"), "‹IPv4 address removed›");
    assert_eq!(shown("location", "/blobs/x?_state=CANARY"), "/blobs/x?_state=‹query value removed›");
    assert_eq!(
        shown("link", "</v2/a/tags/list?last=b&n=2>; rel=\"next\""),
        "</v2/a/tags/list?last=b&n=2>; rel=\"next\""
    );
    assert_eq!(
        shown("www-authenticate", "Bearer realm=\"https://u:CANARY@t.test/?key=CANARY\",service=\"t\""),
        "Bearer realm=\"https://t.test/?key=‹query value removed›\",service=\"t\""
    );
    assert_eq!(
        shown("www-authenticate", "Bearer realm=\"https://auth.test\",service=\"t\""),
        "Bearer realm=\"https://auth.test\",service=\"t\""
    );
    let explicit = "Bearer realm=\"https://auth.test:443/token\",service=\"auth.test:443\"";
    assert_eq!(
        shown("www-authenticate", explicit),
        explicit,
        "written as it was, with the port that goes without saying"
    );
    assert_eq!(shown("x-foo", "eyJhbGciOiJub25lIn0.e30.CANARY"), "‹token removed›");
    assert_eq!(shown("x-request-id", "c43e2e4d-7f1c"), "c43e2e4d-7f1c");
}

#[test]
fn a_known_secret_is_found_in_every_encoding() {
    let secret = Secret::new("CANARY+pw/=%\"\\'1");
    let basic = STANDARD.encode("CANARY+pw/=%\"\\'1");
    for text in [
        "CANARY+pw/=%\"\\'1".to_owned(),
        basic,
        "CANARY%2Bpw%2F%3D%25%22%5C%271".to_owned(),
        serde_json::to_string("CANARY+pw/=%\"\\'1").unwrap(),
        "43414e4152592b70772f3d25225c2731".to_owned(),
    ] {
        let mut redactor = Redactor::new([("password", &secret)]);
        let shown = redactor.text(&format!("before {text} after"));
        assert!(shown.contains("‹password removed›") && !shown.contains("CANARY"), "{text} → {shown}");
        assert_eq!(redactor.redactions(), [Redaction { what: "password", count: 1 }]);
    }
}

#[test]
fn a_type_that_a_signed_address_asks_for_is_no_secret() {
    let mut redactor = Redactor::default();
    let address = "https://s.test/b?response-content-type=application/octet-stream&sig=CANARYsignature";
    redactor.learn_url(&address.parse().unwrap());
    assert_eq!(redactor.text("application/octet-stream"), "application/octet-stream");
    assert_eq!(redactor.text("CANARYsignature"), "‹query value removed›");
}

#[test]
fn a_token_body_keeps_its_structure_only() {
    let mut redactor = Redactor::default();
    let shown = redactor.token_body(br#"{"token":"CANARYtok","Access_Token":["CANARYtok"],"expires_in":300}"#);
    assert_eq!(shown.printable(), r#"{"token":"‹token removed›","Access_Token":"‹token removed›","expires_in":300}"#);
    assert_eq!(redactor.token_body(b"CANARYtok").printable(), "‹token server's answer removed›");
}

/// Found by the fuzz target of the redactor: the words between quotes were looked at one by one.
#[test]
fn a_secret_with_quotes_in_it_is_found_beside_an_address() {
    let secret = Secret::new("CANARY\"pw'end");
    let mut redactor = Redactor::new([("password", &secret)]);
    assert_eq!(redactor.urls_within("a CANARY\"pw'end http://r.test/ b"), "a ‹password removed› http://r.test/ b");
}
