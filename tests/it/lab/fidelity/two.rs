//! 2.8: a real one beside the lab.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ociscope::internals::{Scenario, content};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::Value;

use super::requests::{self, Credential, REPOSITORY, Request, repository_of};
use super::running::{Running, Side, compare};
use super::storage::{filled_with, lies, payload_of_signed};
use crate::support::http::{Answer, Endpoint};
use crate::support::registry::{Access, Options, PASSWORD, Registry, TokenAccess, USER};
use crate::support::token_server::{TokenOptions, TokenServer};
use crate::support::{basic_authorization, digest_of};

/// A way to set up the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setup {
    Open,
    /// With content that lies about its digests.
    Lies(&'static str),
    Tokens,
    Passwords,
    Cache,
}

/// The content that is there.
fn stored(setup: Setup) -> Vec<&'static str> {
    let all = content().map(|(name, _)| name);
    match setup {
        Setup::Cache => requests::CACHED.to_vec(),
        Setup::Lies(name) => vec![name],
        _ => all.filter(|name| !lies(name)).collect(),
    }
}

/// Everything that is asked.
pub fn all() -> Vec<(Setup, Vec<Request>)> {
    let about = |setup| stored(setup).into_iter().flat_map(requests::about_content).collect::<Vec<_>>();
    let mut open = about(Setup::Open);
    open.extend(requests::methods());
    open.extend(requests::odd_paths());
    open.extend(requests::pages());
    open.extend(requests::parts_and_conditions());
    open.extend(requests::odd_accepts());
    let mut all = vec![
        (Setup::Open, open),
        (Setup::Tokens, requests::with_tokens()),
        (Setup::Passwords, requests::with_passwords()),
        (Setup::Cache, requests::of_a_cache()),
    ];
    let lying = content().map(|(name, _)| name).filter(|name| lies(name));
    all.extend(lying.map(|name| (Setup::Lies(name), about(Setup::Lies(name)))));
    all
}

const REALM: &str = "https://auth.example.test/token";
const SERVICE: &str = "registry.example.test";

fn scenario(setup: Setup) -> Scenario {
    let host = |name: &str, rest: &str| format!("[[host]]\nname = \"{name}\"\nscheme = \"http\"\n{rest}\n");
    let repositories: String = stored(setup)
        .iter()
        .map(|name| format!("repositories.\"{}\" = {{ latest = \"{name}\" }}\n", repository_of(name)))
        .collect();
    let registry =
        |rest: &str| host("registry.example", &format!("dialect = \"distribution-2\"\n{rest}\n{repositories}"));
    let hosts = match setup {
        Setup::Open | Setup::Lies(_) => registry(""),
        Setup::Passwords => registry(&format!("access = \"basic\"\naccounts = {{ {USER} = \"{PASSWORD}\" }}")),
        Setup::Tokens => [
            registry(&format!("access = \"token\"\nrealm = \"{REALM}\"\nservice = \"{SERVICE}\"")),
            host("auth.example", "dialect = \"token-server\"\nof = \"registry.example\""),
            host("late.example", "dialect = \"token-server\"\nof = \"registry.example\"\ntoken-lifetime = -10"),
        ]
        .concat(),
        Setup::Cache => {
            [host("cache.example", "dialect = \"distribution-2-cache\"\nof = \"registry.example\""), registry("")]
                .concat()
        }
    };
    let text = format!(
        "title = \"CNCF distribution 2.8\"\nregistry = \"CNCF distribution\"\nyear = \"2024\"\nknown = \"recorded\"\n\
         sources = [\"a running one\"]\nstory = \"None.\"\nlook = [\"Nothing.\"]\n\
         reference = \"registry.example/lab/docker-image\"\nexit = 0\n{hosts}"
    );
    Scenario::from_toml(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// What is fetched from a token server of the lab.
fn token(server: &Endpoint, repository: &str) -> String {
    let answer = server.get(&format!("/token?service={SERVICE}&scope=repository:{repository}:pull"), &[]).expect(200);
    format!("Bearer {}", answer.json()["token"].as_str().expect("a token"))
}

/// The differences of one setup.
fn differences(setup: Setup, requests: &[Request]) -> Vec<String> {
    let tokens = TokenServer::start(TokenOptions { anonymous: None, account: (USER, PASSWORD), field: "token" });
    let access = match setup {
        Setup::Open | Setup::Lies(_) | Setup::Cache => Access::Open,
        Setup::Passwords => Access::Password,
        Setup::Tokens => Access::Token(TokenAccess { realm: REALM.to_owned(), ..tokens.access() }),
    };
    let real = Registry::start(Options {
        access,
        read_only: true,
        storage: Some(filled_with(&stored(setup))),
        ..Options::default()
    });
    let running = Running::start(scenario(setup));
    let lab = running.host("registry.example");
    let what = format!("{setup:?}");
    match setup {
        Setup::Open | Setup::Lies(_) => compare(&what, &Side::open(real.endpoint.clone()), &Side::open(lab), requests),
        Setup::Passwords => {
            let by_password = |who| (who == Credential::Password).then(|| basic_authorization(USER, PASSWORD));
            let real = Side { endpoint: real.endpoint.clone(), authorize: Box::new(by_password) };
            compare(&what, &real, &Side { endpoint: lab, authorize: Box::new(by_password) }, requests)
        }
        Setup::Tokens => {
            let (server, late) = (running.host("auth.example"), running.host("late.example"));
            let of_the_lab = move |who| match who {
                Credential::Token(repository) => Some(token(&server, repository)),
                Credential::ExpiredToken(repository) => Some(token(&late, repository)),
                _ => None,
            };
            let of_the_real_one = move |who| match who {
                Credential::Token(repository) => Some(tokens.authorization(repository, &["pull"])),
                Credential::ExpiredToken(repository) => Some(tokens.expired_authorization(repository, &["pull"])),
                _ => None,
            };
            let real = Side { endpoint: real.endpoint.clone(), authorize: Box::new(of_the_real_one) };
            compare(&what, &real, &Side { endpoint: lab, authorize: Box::new(of_the_lab) }, requests)
        }
        Setup::Cache => {
            let origin = format!("http://{}", real.address);
            let cache = Registry::start(Options { cache_of: Some(origin), ..Options::default() });
            warm(&cache.endpoint, requests);
            compare(&what, &Side::open(cache.endpoint.clone()), &Side::open(running.host("cache.example")), requests)
        }
    }
}

/// Asks for every blob until the cache has it: it stores one while it serves it for the first time, and then answers a
/// little differently.
fn warm(cache: &Endpoint, requests: &[Request]) {
    let paths = requests.iter().filter(|ask| ask.method == "GET" && ask.path.contains("/blobs/sha256:"));
    for request in paths {
        for _ in 0..100 {
            let answer = cache.get(&request.path, &[]);
            if answer.status != 200 || answer.header("Accept-Ranges").is_some() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}

#[track_caller]
fn assert_alike(setup: Setup) {
    let same = |other: &Setup| std::mem::discriminant(other) == std::mem::discriminant(&setup);
    let all = all().into_iter().filter(|(other, _)| same(other));
    let found: Vec<_> = all.flat_map(|(setup, requests)| differences(setup, &requests)).collect();
    assert!(found.is_empty(), "{} answers differ:\n{}", found.len(), found.join("\n"));
}

#[test]
fn the_lab_answers_as_distribution_2_does() {
    assert_alike(Setup::Open);
}

#[test]
fn content_with_a_wrong_digest_is_served_as_distribution_2_serves_it() {
    assert_alike(Setup::Lies(""));
}

#[test]
fn tokens_are_wanted_as_distribution_2_wants_them() {
    assert_alike(Setup::Tokens);
}

#[test]
fn passwords_are_wanted_as_distribution_2_wants_them() {
    assert_alike(Setup::Passwords);
}

#[test]
fn a_cache_answers_as_distribution_2_does() {
    assert_alike(Setup::Cache);
}

/// Checks what stands in a signed docker v1 document, by the key in it (libtrust, `jsonsign.go`).
#[track_caller]
fn assert_signed(answer: &Answer) {
    let document = answer.json();
    let signature = &document["signatures"][0];
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no text in {signature}")).to_owned();
    let decoded = |value: &Value| URL_SAFE_NO_PAD.decode(text(value)).expect("base64");
    let payload = payload_of_signed(&answer.body);
    assert_eq!(
        answer.header("Docker-Content-Digest"),
        Some(digest_of(&payload).as_str()),
        "the digest is the payload's"
    );

    let jwk = &signature["header"]["jwk"];
    let point = [&[4][..], &decoded(&jwk["x"]), &decoded(&jwk["y"])].concat();
    let signed = format!("{}.{}", text(&signature["protected"]), URL_SAFE_NO_PAD.encode(&payload));
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    key.verify(signed.as_bytes(), &decoded(&signature["signature"])).expect("a signature by this key");
}

#[test]
fn docker_v1_documents_are_signed() {
    let real = Registry::start(Options {
        read_only: true,
        storage: Some(filled_with(&stored(Setup::Open))),
        ..Options::default()
    });
    let running = Running::start(scenario(Setup::Open));
    for endpoint in [&real.endpoint, &running.host("registry.example")] {
        for repository in [REPOSITORY, "lab/deepvariant", "legacy/greeting"] {
            assert_signed(&endpoint.get(&format!("/v2/{repository}/manifests/latest"), &[]).expect(200));
        }
    }
}
