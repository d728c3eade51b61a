//! Logins over plain HTTP: they go to loopback, and elsewhere only where that was asked for. Where a server is decides, not
//! what it is called. Elsewhere is behind a proxy here, as far away as a server of a test can be.

use serde_json::{Value, json};

use super::{IMAGE, PASSWORD, USER, assert_status, checked};
use crate::support::hostile::{Connection, Names, Server, bearer, manifest, token, unauthorized};
use crate::support::ociscope::{Ociscope, Run, ociscope};
use crate::support::{basic_authorization, own_address};

/// The rule that says that a login was kept back.
const RULE: &str = "login-withheld-over-http";
/// The registry that is elsewhere, and the image on it.
const ELSEWHERE: &str = "http://registry.test/team/app:1.0";

/// A registry that requires a user name and a password, whatever they are.
fn registry() -> Server {
    Server::answering(|sent| match sent.all("Authorization").is_empty() {
        true => unauthorized("Basic realm=\"here\""),
        false => manifest(),
    })
}

/// A registry with a token service of its own, which gives a token to everyone; the registry accepts no anonymous one.
fn with_tokens() -> Server {
    Server::answering(|sent| {
        let logged_in = String::from_utf8_lossy(sent.all("Authorization").join(" ").as_bytes()).contains("Basic")
            || sent.method == "POST";
        if sent.path.contains("/token") {
            return token(if logged_in { "token-of-alice" } else { "token-of-nobody" });
        }
        match sent.all("Authorization").iter().any(|value| value.contains("token-of-alice")) {
            true => manifest(),
            false => unauthorized(&bearer("http://registry.test/token")),
        }
    })
}

/// Answers in plain HTTP, whatever it is asked in.
fn plain_alone(mut connection: Connection) {
    if connection.first_bytes().is_some_and(|bytes| bytes[0] == 0x16) {
        connection.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    } else if connection.request().is_some() {
        connection.send(&manifest());
    }
    connection.close();
}

fn encoded() -> String {
    basic_authorization(USER, PASSWORD).trim_start_matches("Basic ").to_owned()
}

/// A file of Docker with this entry under this key.
fn stored_as(key: &str, entry: &Value) -> String {
    json!({ "auths": { key: entry } }).to_string()
}

/// A file of Docker with alice's password under this key.
fn stored(key: &str) -> String {
    stored_as(key, &json!({ "auth": encoded() }))
}

/// A run on a machine on which alice has logged in.
fn logged_in(arguments: &[&str], file: &str) -> Ociscope {
    ociscope(arguments).home_file(".docker/config.json", file)
}

/// The same for a registry behind this proxy.
fn through(proxy: &Server, arguments: &[&str], file: &str) -> Run {
    checked(logged_in(arguments, file).env("http_proxy", proxy.origin("http")).run())
}

#[track_caller]
fn assert_told_nothing(server: &Server, run: &Run) {
    assert!(!server.requests().is_empty(), "it was not even asked: {run:?}");
    let told = server.header_values("Authorization");
    assert!(told.iter().all(|value| value.contains("token-of-nobody")), "{told:?}: {run:?}");
    assert!(server.requests().iter().all(|sent| sent.method != "POST"), "{run:?}");
    server.assert_never_told(PASSWORD);
    server.assert_never_told("CANARYtoken");
    run.assert_hides(&[PASSWORD, "CANARYtoken", &encoded()]);
}

#[track_caller]
fn assert_logged_in(server: &Server, run: &Run) {
    let told = server.header_values("Authorization");
    assert!(told.contains(&basic_authorization(USER, PASSWORD)), "{told:?}: {run:?}");
}

fn rules(run: &Run) -> Vec<String> {
    let report = run.report();
    report.list("findings").iter().filter_map(|finding| finding["rule"].as_str().map(str::to_owned)).collect()
}

/// Case F29: every form in which a credential is stored, and every way to ask for plain HTTP.
#[test]
fn stored_login_is_not_sent_over_plain_http_elsewhere() {
    let entries = [
        json!({ "auth": encoded() }),
        json!({ "username": USER, "password": PASSWORD }),
        json!({ "identitytoken": "CANARYtoken-of-a-service" }),
        json!({ "username": "<token>", "password": "CANARYtoken-of-a-service" }),
        json!({ "registrytoken": "CANARYtoken.for.the-registry" }),
    ];
    for entry in &entries {
        for make in [registry, with_tokens] {
            let proxy = make();
            let run = through(&proxy, &["diagnose", "--json", ELSEWHERE], &stored_as("registry.test", entry));
            assert_told_nothing(&proxy, &run);
            assert_status(&run, 12);
            assert_eq!(rules(&run)[0], RULE, "{entry}: {run:?}");
        }
    }
    let plain = ELSEWHERE.trim_start_matches("http://");
    for arguments in [
        &["probe", ELSEWHERE][..],
        &["probe", "--plain-http", plain],
        &["manifest", ELSEWHERE],
        &["tags", "--plain-http", plain],
        &["auth", ELSEWHERE],
        &["get", "http://registry.test/v2/team/app/manifests/1.0"],
        &["layers", "HTTP://REGISTRY.test/team/app:1.0"],
        &["shell", "--script", "script"],
    ] {
        let proxy = registry();
        let script = format!("set plain-http on\nuse {plain}\ntags\n");
        let prepared = logged_in(arguments, &stored("registry.test")).home_file("script", &script);
        let run = checked(prepared.env("http_proxy", proxy.origin("http")).run());
        assert_told_nothing(&proxy, &run);
        assert_status(&run, 12);
        assert!(format!("{}{}", run.stdout, run.stderr).contains(RULE), "{run:?}");
    }
}

/// Case F29: a pull secret and a helper are ways to store a login, too.
#[test]
fn login_of_a_pull_secret_or_a_helper_stays_here() {
    let content = stored("registry.test");
    let secret = format!(
        r#"{{"kind":"Secret","type":"kubernetes.io/dockerconfigjson","stringData":{{".dockerconfigjson":{content:?}}}}}"#
    );
    let proxy = registry();
    let prepared = ociscope(&["diagnose", "--json", "--pull-secret", "s.json", ELSEWHERE]).home_file("s.json", &secret);
    let run = checked(prepared.env("http_proxy", proxy.origin("http")).run());
    assert_told_nothing(&proxy, &run);
    assert_eq!(rules(&run)[0], RULE, "{run:?}");
    #[cfg(unix)]
    {
        let proxy = registry();
        let answer = json!({ "ServerURL": "http://registry.test", "Username": USER, "Secret": PASSWORD });
        let prepared = logged_in(&["diagnose", "--json", ELSEWHERE], r#"{"credsStore":"canary"}"#)
            .home_file("answer", &answer.to_string())
            .helper("canary", "cat \"$HOME/answer\"");
        let run = checked(prepared.env("http_proxy", proxy.origin("http")).run());
        assert_told_nothing(&proxy, &run);
        assert_eq!(rules(&run)[0], RULE, "{run:?}");
    }
}

/// Case F30: the key in the file says `http://` itself, or the user does, for one command and one registry.
#[test]
fn stored_login_is_sent_over_plain_http_where_that_was_asked_for() {
    let allowed = ["diagnose", "--json", "--allow-cleartext-login", ELSEWHERE];
    let asking = ["diagnose", "--json", ELSEWHERE];
    for (arguments, key) in [
        (&allowed[..], "registry.test"),
        (&asking, "http://registry.test"),
        (&asking, "HTTP://registry.test/v2/"),
        (&asking, "http://registry.test/v1/"),
        (&["--allow-cleartext-login", "tags", "--plain-http", "registry.test/team/app"], "https://registry.test"),
    ] {
        let proxy = registry();
        let run = through(&proxy, arguments, &stored(key));
        assert_logged_in(&proxy, &run);
        assert!(!run.stdout.contains(RULE), "{run:?}");
    }
    // Neither a key that only looks like that, nor one of another registry.
    for key in ["https://registry.test", "registry.test/http://", "http://registry.test:5000", "//registry.test"] {
        let proxy = registry();
        let run = through(&proxy, &asking, &stored(key));
        assert_told_nothing(&proxy, &run);
        assert_status(&run, 12);
    }
}

/// Case F30: the option is for the command that it stands on, and for its first registry.
#[test]
fn allowance_is_for_one_command_and_one_registry() {
    let file = json!({ "auths": { "registry.test": { "auth": encoded() }, "other.test": { "auth": encoded() } } });
    let proxy = registry();
    let other = "http://other.test/team/app:1.0";
    let run = through(&proxy, &["diagnose", "--json", "--allow-cleartext-login", ELSEWHERE, other], &file.to_string());
    assert_logged_in(&proxy, &run);
    let told = proxy.requests();
    let to_the_other: Vec<_> = told.iter().filter(|sent| sent.path.contains("other.test")).collect();
    assert!(
        !to_the_other.is_empty() && to_the_other.iter().all(|sent| sent.all("Authorization").is_empty()),
        "{run:?}"
    );

    for next in ["tags", "manifest registry.test/team/app:1.0", "get v2/team/app/tags/list"] {
        let proxy = registry();
        let lines = format!("use {ELSEWHERE}\ntags --allow-cleartext-login\nset plain-http on\n{next}\n");
        let prepared = logged_in(&[], &file.to_string()).input(&lines).env("http_proxy", proxy.origin("http"));
        let run = checked(prepared.run());
        let told: Vec<_> = proxy.requests().iter().map(|sent| !sent.all("Authorization").is_empty()).collect();
        assert!(told.contains(&true) && told.last() == Some(&false), "{next}: {told:?}: {run:?}");
    }
}

/// Case A41: a login on the command line goes in clear where `--plain-http` stands beside it, and that is said.
#[test]
fn given_login_goes_over_plain_http_with_a_warning() {
    let login = ["--username", USER, "--password-stdin"];
    let plain = ELSEWHERE.trim_start_matches("http://");
    let asked = |options: &[&str]| {
        let proxy = registry();
        let prepared = ociscope(&[&["probe", "--json"], &login[..], options].concat()).input(PASSWORD);
        let run = checked(prepared.env("http_proxy", proxy.origin("http")).run());
        (proxy, run)
    };
    for options in [&["--plain-http", plain][..], &["--plain-http", ELSEWHERE], &["--allow-cleartext-login", ELSEWHERE]]
    {
        let (proxy, run) = asked(options);
        assert_logged_in(&proxy, &run);
        assert_status(&run, 0);
        assert!(run.stderr.contains("CLEARTEXT"), "{run:?}");
    }
    let (proxy, run) = asked(&[ELSEWHERE]);
    assert_told_nothing(&proxy, &run);
    assert_status(&run, 12);
    assert_eq!(rules(&run)[0], RULE, "{run:?}");
    assert!(!run.stderr.contains("CLEARTEXT"), "{run:?}");
}

/// What looks alike, and is nothing of the kind: loopback by every spelling, HTTPS, and a registry that asks nobody.
#[test]
fn login_goes_to_loopback_and_over_https_as_ever() {
    let server = registry();
    let port = server.address.port();
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("alias.test:{port}")] {
        let rule = format!("alias.test:{port}:{}", server.address);
        let reference = format!("http://{host}/{IMAGE}");
        let before = server.header_values("Authorization").len();
        let run = logged_in(&["probe", "--json", "--resolve", &rule, &reference], &stored(&host)).run();
        assert_status(&run, 0);
        assert!(server.header_values("Authorization").len() > before, "{host}: {run:?}");
        assert!(!run.stdout.contains(RULE), "{run:?}");
    }
    let mut names = Names::new();
    let secure = Server::answering_over_tls(&names.authority, &["registry.test"], |sent| {
        if sent.all("Authorization").is_empty() { unauthorized("Basic realm=\"here\"") } else { manifest() }
    });
    names.lead("registry.test", &secure);
    let arguments = [&["diagnose", "--json"], &names.options()[..], &["registry.test/team/app:1.0"]].concat();
    let run = checked(logged_in(&arguments, &stored("registry.test")).run());
    assert_logged_in(&secure, &run);
    let open = Server::answering(|_| manifest());
    let run = through(&open, &["probe", "--json", ELSEWHERE], &stored("registry.test"));
    assert_status(&run, 0);
    assert!(!rules(&run).contains(&RULE.to_owned()), "{run:?}");
}

/// Case A41: what is served without the login is served, and what was kept back is said.
#[test]
fn image_that_is_served_anonymously_is_served_with_a_warning() {
    let proxy = Server::answering(|sent| {
        if sent.path.contains("/token") {
            return token("token-of-nobody");
        }
        match sent.all("Authorization").is_empty() {
            true => unauthorized(&bearer("http://registry.test/token")),
            false => manifest(),
        }
    });
    let run = through(&proxy, &["probe", "--json", ELSEWHERE], &stored("registry.test"));
    assert_told_nothing(&proxy, &run);
    assert_status(&run, 0);
    let report = run.report();
    let finding = report.list("findings").iter().find(|finding| finding["rule"] == RULE).expect("a finding");
    assert_eq!(finding["severity"], "warning", "{run:?}");
}

/// Case A42: a token service is a server of its own. That the registry is here does not make it be here.
#[test]
fn login_is_not_sent_to_a_token_service_over_plain_http_elsewhere() {
    let proxy = Server::answering(|_| token("token-of-nobody"));
    let server = Server::answering(|_| unauthorized(&bearer("http://tokens.test/token")));
    let reference = format!("http://{}/{IMAGE}", server.address);
    let key = server.address.to_string();
    for (entry, given) in
        [(json!({ "auth": encoded() }), false), (json!({ "identitytoken": "CANARYtoken" }), false), (json!({}), true)]
    {
        let login: &[&str] = if given { &["--username", USER, "--password-stdin"] } else { &[] };
        let arguments = [&["diagnose", "--json", "--trust-realm", "tokens.test", &reference], login].concat();
        let prepared = logged_in(&arguments, &stored_as(&key, &entry)).input(PASSWORD);
        let prepared = prepared.env("http_proxy", proxy.origin("http")).env("no_proxy", "127.0.0.1");
        let run = checked(prepared.run());
        assert_told_nothing(&proxy, &run);
        assert_status(&run, 12);
        assert_eq!(rules(&run)[0], RULE, "{run:?}");
    }
}

/// Case A43: a name that only this machine should have, and that leads elsewhere.
#[test]
fn plain_http_is_not_fallen_back_to_elsewhere_whatever_the_name() {
    // A proxy that lets through whatever is asked for, to a server that does not speak TLS.
    let tunnel = || {
        Server::behaving(|mut connection| {
            let Some(request) = connection.request() else { return };
            if request.method == "CONNECT" {
                connection.send(b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n");
            } else {
                connection.send(&manifest());
            }
            connection.close();
        })
    };
    for host in ["registry.localhost", "localhost:5000", "localhost", "a.b.localhost:443", "127.0.0.1:5000", "[::1]:80"]
    {
        let proxy = tunnel();
        for arguments in [&["probe", "--json"][..], &["diagnose", "--json"], &["manifest"], &["auth"]] {
            let reference = format!("{host}/{IMAGE}");
            let prepared = logged_in(&[arguments, &[&reference]].concat(), &stored(host));
            let address = proxy.origin("http");
            let run = checked(prepared.env("http_proxy", &address).env("https_proxy", &address).run());
            let received = String::from_utf8_lossy(&proxy.received()).into_owned();
            assert!(received.contains("CONNECT "), "{run:?}");
            assert!(!received.contains("GET ") && !received.contains("HEAD "), "{host}: {received}");
            assert_ne!(run.status, 0, "{run:?}");
        }
    }
    let Some(address) = own_address() else { return };
    let server = Server::behaving_at(address, plain_alone);
    let rule = format!("registry.localhost:5000:{}", server.address);
    let arguments = ["diagnose", "--json", "--resolve", &rule, "registry.localhost:5000/team/app:1.0"];
    let run = checked(logged_in(&arguments, &stored("registry.localhost:5000")).run());
    assert_status(&run, 16);
    // What answers is asked for its front page, by its address; nothing is asked of a registry.
    assert!(!String::from_utf8_lossy(&server.received()).contains("/v2/"), "{run:?}");
    server.assert_never_told(PASSWORD);
}

/// Case A43: the same name on this machine.
#[test]
fn plain_http_is_fallen_back_to_on_loopback() {
    let server = Server::behaving(plain_alone);
    let port = server.address.port();
    let rule = format!("registry.localhost:{port}:{}", server.address);
    for host in ["registry.localhost", "localhost", "127.0.0.1"] {
        let reference = format!("{host}:{port}/{IMAGE}");
        let run = checked(ociscope(&["probe", "--json", "--resolve", &rule, &reference]).run());
        assert_status(&run, 0);
    }
}

/// Case A44: a header of the user's own for a name that only this machine should have, and that leads elsewhere.
#[test]
fn header_is_not_sent_over_plain_http_to_a_name_of_this_machine_that_leads_elsewhere() {
    for host in ["registry.localhost", "localhost:5000", "127.0.0.1", "a.localhost:80"] {
        let proxy = Server::answering(|_| manifest());
        let reference = format!("http://{host}/{IMAGE}");
        let arguments = ["probe", "--json", "--header", "X-Api-Key: CANARYheader", &reference];
        let run = checked(ociscope(&arguments).env("http_proxy", proxy.origin("http")).run());
        assert_status(&run, 0);
        assert!(!proxy.requests().is_empty(), "{run:?}");
        proxy.assert_never_told("CANARYheader");
        assert!(run.stdout.contains("Header x-api-key was not sent"), "{run:?}");
    }
    let server = Server::answering(|_| manifest());
    for host in ["localhost", "127.0.0.1"] {
        let reference = format!("http://{host}:{}/{IMAGE}", server.address.port());
        let run = checked(ociscope(&["probe", "--header", "X-Api-Key: CANARYheader", &reference]).run());
        assert_status(&run, 0);
    }
    assert!(server.header_values("X-Api-Key").len() >= 2);
}
