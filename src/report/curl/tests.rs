//! The commands are given to a real shell, in which `curl` is a function that writes down its arguments.

use std::process::Command;

use proptest::prelude::*;
use url::Url;

use super::*;
use crate::evidence::SecretKind;
use crate::evidence::testing::{token, unanswered, withheld};
use crate::text::is_safe;

const URL: &str = "https://r.example.com/v2/acme/api/manifests/1.0";

fn asked(method: Method, url: &str, headers: &[(&str, &str)]) -> Exchange {
    let mut exchange = unanswered(url);
    exchange.request.method = method;
    exchange.request.headers = headers.iter().map(|(name, value)| RequestHeader::sent(*name, *value)).collect();
    exchange
}

fn command(url: &str, headers: &[(&str, &str)]) -> String {
    curl(&asked(Method::Get, url, headers)).command.expect("a command").to_string()
}

/// The arguments that curl gets when a command is pasted, with these variables.
fn arguments(command: &CurlCommand, variables: &[(&str, &str)]) -> Vec<String> {
    let line = command.command.as_ref().expect("a command");
    assert!(line.chars().chain(command.comments.iter().flat_map(|c| c.chars())).all(is_safe), "{command:?}");
    let script = format!(
        "curl() {{ for argument in \"$@\"; do printf '%s\\0' \"$argument\"; done; }}\n{}\n{}\n",
        command.comments.join("\n"),
        line
    );
    let mut shell = Command::new("/bin/sh");
    let run = shell.args(["-c", &script]).env_clear().env("PATH", "/nowhere").envs(variables.to_vec());
    let output = run.output().expect("a shell");
    assert!(output.status.success() && output.stderr.is_empty(), "{script}: {output:?}");
    let written = String::from_utf8(output.stdout).expect("text");
    written.split_terminator('\0').map(str::to_owned).collect()
}

#[test]
fn a_request_without_secrets_is_repeated_as_it_was_sent() {
    let usual = [("accept-encoding", "identity"), ("user-agent", "ociscope/0.1.0")];
    let headers = [&[("accept", "a/b, c/d"), ("accept", "*/*"), ("range", "bytes=0-511")], &usual[..]].concat();
    assert_eq!(
        command(URL, &headers),
        format!("curl -sS -i -H 'Accept: a/b, c/d' -H 'Accept: */*' -H 'Range: bytes=0-511' {URL}")
    );
    let head = curl(&asked(Method::Head, "http://[::1]:5000/v2/?n=5&last=a%2Fb", &usual));
    assert_eq!(head.command.as_deref(), Ok("curl -sS --head -H 'Accept:' 'http://[::1]:5000/v2/?n=5&last=a%2Fb'"));
    assert_eq!(head.comments, Vec::<String>::new());
}

#[test]
fn secrets_are_variables() {
    let of = |headers: &[RequestHeader]| {
        let mut exchange = asked(Method::Get, URL, &[("accept", "*/*")]);
        exchange.request.headers.extend_from_slice(headers);
        curl(&exchange)
    };
    let own = |name: &str| withheld(name, SecretKind::HeaderValue, None, "CANARYown");
    let bearer = of(&[own("x-api-key"), own("user-agent"), token("CANARYtok")]);
    assert_eq!(
        bearer.command.expect("a command").to_string(),
        format!(
            "curl -sS -i -H 'Accept: */*' -H \"X-Api-Key: $HEADER_1\" -H \"User-Agent: $HEADER_2\" \
             -H \"Authorization: Bearer $TOKEN\" {URL}"
        )
    );
    assert_eq!(
        bearer.comments,
        [
            "# HEADER_1 is the value of your header that may be secret",
            "# HEADER_2 is the value of your header that may be secret",
            "# TOKEN is the token"
        ]
    );
    let basic = of(&[withheld("authorization", SecretKind::Password, Some(GrantForm::Basic), "CANARYpw")]);
    let expected = format!("curl -sS -i -H 'Accept: */*' -u \"$LOGIN\" {URL}");
    assert_eq!(basic.command.as_deref(), Ok(expected.as_str()));
    assert_eq!(basic.comments, ["# LOGIN is your user name, a colon and your password"]);
    let own = of(&[own("authorization")]).command.expect("a command").to_string();
    assert_eq!(own, format!("curl -sS -i -H 'Accept: */*' -H \"Authorization: $HEADER_1\" {URL}"));
}

/// An identity token is the last field of a form, and a variable that curl encodes.
#[test]
fn identity_token_is_a_variable_behind_the_other_fields() {
    let mut exchange = asked(Method::Post, URL, &[("accept", "*/*")]);
    let fields = "grant_type=refresh_token&scope=repository%3Aa%3Apull".to_owned();
    let name = "refresh_token".to_owned();
    exchange.request.form = Some(RequestForm { fields, name, withheld: SecretKind::IdentityToken });
    let command = curl(&exchange).command.expect("a command").to_string();
    let form =
        "-d 'grant_type=refresh_token&scope=repository%3Aa%3Apull' --data-urlencode \"refresh_token=$IDENTITY_TOKEN\"";
    assert_eq!(command, format!("curl -sS -i -H 'Accept: */*' {form} {URL}"));
}

/// What was withheld is known by its type. A text that reads like a description of a secret was sent as it reads.
#[test]
fn header_that_reads_like_a_withheld_one_is_repeated_as_it_was_sent() {
    for value in [
        "‹your value, 9 characters, label kfmz›",
        "‹removed, 9 characters, label kfmz›",
        "Bearer ‹removed, 9 characters, label kfmz›",
        "a/b; note=‹x›",
        "‹",
    ] {
        let expected = format!("curl -sS -i -H 'Accept: */*' -H 'X-Note: {value}' {URL}");
        assert_eq!(command(URL, &[("accept", "*/*"), ("x-note", value)]), expected);
    }
    let named = command(URL, &[("accept", "*/*"), ("authorization", "Basic ‹none›")]);
    assert_eq!(named, format!("curl -sS -i -H 'Accept: */*' -H 'Authorization: Basic ‹none›' {URL}"));
}

#[test]
fn what_may_be_a_signature_in_an_address_is_a_variable_too() {
    let signed = "https://u:CANARYpw@s3.example/b/data?sig=CANARYsig&n=5&CANARYname&scope=a:pull&X-Amz=#CANARYfragment";
    let shown = curl(&asked(Method::Get, signed, &[("accept", "*/*")]));
    assert_eq!(
        shown.command.as_deref(),
        Ok(
            "curl -sS -i -H 'Accept: */*' \"https://s3.example/b/data?sig=$QUERY_1&n=5&$QUERY_2&scope=a:pull&$QUERY_3\""
        )
    );
    assert_eq!(shown.comments.len(), 3);
    let random = "gH3".repeat(40);
    let token = format!("eyJ{}.eyJ{}.x", "a".repeat(20), "b".repeat(20));
    for secret in [&random, &token] {
        assert_eq!(
            command(&format!("https://s3.example/{secret}/x"), &[("accept", "*/*")]),
            "curl -sS -i -H 'Accept: */*' \"https://s3.example/$SEGMENT_1/x\""
        );
    }
    let late = command(&format!("https://r.example.com/v2/?last={token}&{token}=1"), &[("accept", "*/*")]);
    assert!(late.ends_with("\"https://r.example.com/v2/?last=$QUERY_1&$QUERY_2\""), "{late}");
}

/// What the redactor takes out of an address is in no command, and the other way round.
#[test]
fn commands_hide_what_reports_hide() {
    for url in [
        "https://s3.example/b/data?sig=x&n=5",
        "https://s3.example/b/data?n=&sig&=&a",
        "https://r.example.com/v2/a/blobs/sha256:0123?digest=sha256:0123&from=x%20y",
        &format!("https://s3.example/{}", "gH3".repeat(40)),
    ] {
        let url = Url::parse(url).unwrap();
        let removed = crate::evidence::Redactor::default().url(&url).matches(" removed, ").count();
        assert_eq!(curl(&asked(Method::Get, url.as_str(), &[])).comments.len(), removed, "{url}");
    }
}

#[test]
fn nothing_from_a_server_is_run_when_it_is_pasted() {
    for hostile in [
        "$(echo run)",
        "`echo run`",
        "';echo run;'",
        "\";echo run;\"",
        "a&echo run&",
        "x|echo run",
        "!!",
        "{a,b}[1-3]",
        "*",
        "~",
        "\\'",
        "%0aecho%20run",
    ] {
        for place in ["https://s3.example/b/HERE", "https://s3.example/b?scope=HERE", "https://s3.example/b?HERE=VALUE"]
        {
            let url = Url::parse(&place.replace("HERE", hostile)).expect("an address");
            let command = curl(&asked(Method::Get, url.as_str(), &[("accept", hostile)]));
            // What one shell reads differently is in no command, nor what is active beside a variable.
            let is_spelled = !hostile.contains(['\'', '\\']);
            if !is_spelled || command.command.is_err() {
                let is_beside_a_variable = url.query().is_some() && url.as_str().contains(['$', '`', '"', '!']);
                assert!(command.command.is_err() && (!is_spelled || is_beside_a_variable), "{command:?}");
                continue;
            }
            let got = arguments(&command, &[("QUERY_1", "$(echo run)"), ("QUERY_2", "x")]);
            assert_eq!(got[got.len() - 2], format!("Accept: {hostile}"));
            let shown = url.as_str().replace("=VALUE", "=$(echo run)");
            let last = got.last().expect("an address");
            if !url.query().is_some_and(|query| query.contains('&')) {
                assert_eq!(*last, shown, "{command:?}");
            }
            assert_eq!(got.contains(&"-g".to_owned()), url.as_str().contains(['{', '[', '\\']), "{command:?}");
        }
    }
}

/// Ctrl-U would remove the quote before it, Ctrl-C all of it, a line feed would run the rest, and fish reads a backslash
/// before a quote as an escape.
#[test]
fn what_shells_and_line_editors_read_differently_makes_no_command() {
    for value in ["a\u{15}b", "a\u{3}", "a\nb", "\u{1b}[2J", "\u{202e}d", "d\r", "it's", "\\", "a\u{2019}b"] {
        let command = curl(&asked(Method::Get, URL, &[("accept", value)]));
        assert_eq!(command.command, Err(Unfit::ReadDifferently(HEADER)), "{value:?}");
        assert_eq!(command.comments, Vec::<String>::new());
    }
    let path = curl(&asked(Method::Get, "https://s3.example/it's", &[]));
    assert_eq!(path.command, Err(Unfit::ReadDifferently(ADDRESS)));
    let mut name = asked(Method::Get, URL, &[]);
    name.request.headers = vec![withheld("x`y", SecretKind::HeaderValue, None, "CANARYown")];
    assert_eq!(curl(&name).command, Err(Unfit::ReadDifferently(HEADER)));
    let empty = curl(&asked(Method::Get, URL, &[("accept", "")]));
    assert_eq!(arguments(&empty, &[]), ["-sS", "-i", "-H", "Accept;", URL]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn value_arrives_as_it_was_sent_or_there_is_no_command(
        value in "\\PC{1,12}|[ -~]{1,20}|(.|[\n\t\u{1}$'\"`\\\\;&|<>(){}!#*?~%]){1,20}",
        path in "[ -~]{0,20}|[$'\"`\\\\;&|<>(){}!*~%]{0,20}",
    ) {
        let url = Url::parse("https://s3.example/").unwrap().join(&format!("./{path}")).unwrap();
        prop_assume!(url.query().is_none() && !value.contains('\0'));
        let command = curl(&asked(Method::Get, url.as_str(), &[("accept", &value)]));
        let sent = format!("Accept: {}", value.trim_end_matches('\n'));
        let mut address = url.clone();
        address.set_fragment(None);
        let differs = |c: char| !is_safe(c) || "'\\‘’‚‛“”„‟".contains(c);
        if sent.contains(differs) || address.as_str().contains(differs) {
            prop_assert!(command.command.is_err());
        } else {
            let mut got = arguments(&command, &[]);
            got.retain(|argument| argument != "-g");
            let sent = if value.trim_end_matches('\n').is_empty() { "Accept;".to_owned() } else { sent };
            prop_assert_eq!(got, ["-sS", "-i", "-H", sent.as_str(), address.as_str()]);
        }
    }
}
