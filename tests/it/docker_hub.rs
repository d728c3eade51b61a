//! Docker Hub as it is known to be: it answers elsewhere, challenges everybody, has its token service on another host,
//! and counts each GET of a manifest as a pull. The servers are stand-ins at its names, on the loopback device.

use crate::support::content::{Document, docker_image, docker_image_of_layers_only, media_type};
use crate::support::hostile::{Names, Server, answer, refusal, token, unauthorized};
use crate::support::ociscope::{Run, probe, probe_with_input};

const CHALLENGE: &str = "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",\
                         scope=\"repository:library/alpine:pull\"";
/// What CNCF distribution 3 says to whoever does not name the type of an OCI manifest.
const HIDDEN: &str = "OCI manifest found, but accept header does not support OCI manifests";

/// A registry that shows its image to whoever names its type, and tells everybody else that it is hidden.
fn hub(names: &mut Names, head_finds_it: bool) -> (Server, Server) {
    let image = docker_image("amd64");
    let registry = Server::answering_over_tls(&names.authority, &["registry-1.docker.io"], move |sent| {
        if sent.all("Authorization").is_empty() {
            unauthorized(CHALLENGE)
        } else if sent.all("Accept").join(",").contains(media_type::DOCKER_V2)
            && (sent.method != "HEAD" || head_finds_it)
        {
            serve(&image)
        } else {
            refusal("404 Not Found", &[], "MANIFEST_UNKNOWN", HIDDEN)
        }
    });
    let tokens = Server::answering_over_tls(&names.authority, &["auth.docker.io"], |_| token("token-of-this-test"));
    names.lead("registry-1.docker.io:443", &registry);
    names.lead("auth.docker.io:443", &tokens);
    (registry, tokens)
}

fn serve(image: &Document) -> Vec<u8> {
    let headers = [("Content-Type", image.media_type), ("Docker-Content-Digest", image.digest.as_str())];
    answer("200 OK", &headers, &image.bytes)
}

fn methods(registry: &Server) -> (usize, usize) {
    let count = |method: &str| registry.requests().iter().filter(|sent| sent.method == method).count();
    (count("HEAD"), count("GET"))
}

fn text(names: &Names, reference: &str) -> Run {
    let arguments = [&["probe", "--platform", "linux/amd64"], &names.options()[..], &[reference]].concat();
    crate::support::ociscope::ociscope(&arguments).run()
}

#[test]
fn variants_go_by_head_and_each_answer_is_fetched_once() {
    let mut names = Names::new();
    let (registry, tokens) = hub(&mut names, true);
    let run = probe("alpine", &names.options());
    assert_eq!(run.status, 0, "{run:?}");
    // Two variants went ahead and were refused; then all twelve with the token; then one GET for each of two answers.
    assert_eq!(methods(&registry), (14, 2), "{run:?}");
    assert_eq!(tokens.requests().len(), 1);

    let report = run.report();
    assert_eq!(report.0["reference"]["registry"], "docker.io");
    assert_eq!(report.0["reference"]["repository"], "library/alpine");
    assert_eq!(report.probe("all")["method"], "HEAD");
    assert_eq!(report.probe("all")["digest"], docker_image("amd64").digest);
    assert_eq!(report.probe("none")["error"]["message"], HIDDEN, "the words are from the GET that repeats it");
}

#[test]
fn what_it_cost_is_said() {
    let mut names = Names::new();
    let _servers = hub(&mut names, true);
    let run = text(&names, "alpine");
    let flowing = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flowing.contains("counts each GET of a manifest as a pull; this run used 1 pull."), "{run:?}");
    assert!(flowing.contains("added the registry docker.io · added the namespace library/"), "{run:?}");
}

#[test]
fn its_token_service_may_have_the_password_and_no_other_host_gets_it() {
    let mut names = Names::new();
    let (registry, tokens) = hub(&mut names, true);
    let options = [&["--username", "alice", "--password-stdin"], &names.options()[..]].concat();
    let run = probe_with_input("alpine", &options, "a-long-password");
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(tokens.header_values("Authorization").len(), 1);
    assert!(tokens.header_values("Authorization")[0].starts_with("Basic "));
    registry.assert_never_told("a-long-password");
    run.assert_hides(&["a-long-password", "token-of-this-test"]);
}

#[test]
fn a_head_that_finds_nothing_where_get_does_is_told() {
    let mut names = Names::new();
    let image = docker_image_of_layers_only("amd64");
    let registry = Server::answering_over_tls(&names.authority, &["registry.test"], move |sent| {
        if sent.method == "HEAD" { refusal("403 Forbidden", &[], "DENIED", "no HEAD here") } else { serve(&image) }
    });
    names.lead("registry.test:443", &registry);
    let run = probe("registry.test/team/app:1.0", &names.options());
    assert_eq!(run.status, 0, "{run:?}");
    let rules: Vec<_> = run.report().list("findings").iter().map(|finding| finding["rule"].clone()).collect();
    assert!(rules.iter().any(|rule| rule == "head-not-supported"), "{rules:?}");
}
