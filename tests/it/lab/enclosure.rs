//! With `--lab` nothing leaves this machine, and every form of a report says that it is a simulation.

use std::net::TcpListener;

use crate::support::ociscope::ociscope;
use crate::support::page::Page;

const IMAGE: &str = "gcr.io/deepvariant-docker/deepvariant:0.5.0";
const SIMULATION: &str = "lab scenario gcr-deepvariant: simulated, no network traffic";

#[test]
fn the_first_line_of_a_report_says_that_it_is_a_simulation() {
    for format in ["terminal", "markdown"] {
        let run = ociscope(&["--lab", "probe", IMAGE, "--format", format]).run();
        let first = run.stdout.lines().next().unwrap_or_default();
        assert_eq!((run.status, first), (0, SIMULATION), "{run:?}");
    }
    let page = Page::of(&ociscope(&["--lab", "probe", IMAGE, "--format", "html"]).run().stdout);
    assert!(page.text().trim_start().starts_with(SIMULATION), "{}", page.text());
    let run = ociscope(&["--lab", "probe", IMAGE, "--json"]).run();
    assert_eq!(run.json()["simulation"], "gcr-deepvariant");
}

#[test]
fn the_story_of_the_research_engineer_is_reproduced() {
    let run = ociscope(&["--lab", "probe", IMAGE, "--json", "--platform", "linux/amd64"]).run();
    let report = run.json();
    let probe = |id: &str| {
        let probes = report["probes"].as_array().expect("probes");
        probes.iter().find(|probe| probe["id"] == id).unwrap_or_else(|| panic!("no {id}")).clone()
    };
    for (id, media_type) in [
        ("docker-v1", "application/vnd.docker.distribution.manifest.v1+json"),
        ("docker-config", "application/vnd.docker.container.image.v1+json"),
    ] {
        let probe = probe(id);
        assert_eq!((probe["status"].as_u64(), probe["error"]["code"].as_str()), (Some(404), Some("MANIFEST_UNKNOWN")));
        // In the words that Google's registry used (appc/docker2aci#255).
        let words = format!(
            "Manifest with tag '0.5.0' has media type 'application/vnd.docker.distribution.manifest.v2+json', but \
             client accepts '{media_type}'."
        );
        assert_eq!(probe["error"]["message"], words.as_str());
    }
    assert_eq!(probe("docker-v2")["status"], 200);

    // The configuration: refused where manifests are, found where blobs are.
    let exchanges = report["exchanges"].as_array().expect("exchanges");
    let manifest = exchanges.iter().find_map(|exchange| {
        let text = exchange["response"]["body"]["text"].as_str()?;
        serde_json::from_str::<serde_json::Value>(text).ok().filter(|body| body["config"].is_object())
    });
    let digest = manifest.expect("the manifest")["config"]["digest"].as_str().expect("a digest").to_owned();
    let config = format!("gcr.io/deepvariant-docker/deepvariant@{digest}");
    let run = ociscope(&["--lab", "probe", &config, "--json"]).run();
    let report = run.json();
    assert_eq!((run.status, report["findings"][0]["rule"].as_str()), (11, Some("digest-is-image-id")), "{report}");
    let exchanges = report["exchanges"].as_array().expect("exchanges");
    let at_blobs = exchanges.iter().find(|exchange| exchange["purpose"] == "blob").expect("a request for the blob");
    assert_eq!(at_blobs["response"]["status"], 200);
}

#[test]
fn a_real_server_on_this_machine_is_not_asked() {
    let real = TcpListener::bind("127.0.0.1:0").expect("a port");
    real.set_nonblocking(true).expect("not to wait");
    let address = real.local_addr().expect("its address");
    for reference in [format!("{address}/a/b:c"), format!("localhost:{}/a/b:c", address.port())] {
        let run = ociscope(&["--lab=gcr-deepvariant", "probe", &reference, "--plain-http"]).run();
        assert_eq!(run.status, 15, "{run:?}");
    }
    // A known host at a port that the lab does not serve, which something else may be listening on.
    let run = ociscope(&["--lab=gcr-deepvariant", "probe", &format!("gcr.io:{}/a/b:c", address.port())]).run();
    assert_eq!(run.status, 15, "{run:?}");
    let proxy = format!("http://{address}");
    let run = ociscope(&["--lab", "probe", IMAGE]).env("https_proxy", &proxy).env("all_proxy", &proxy).run();
    assert_eq!(run.status, 0, "{run:?}");
    assert!(real.accept().is_err(), "somebody was asked outside the lab");
}

#[test]
fn options_that_lead_out_of_the_lab_do_not_go_with_it() {
    let run = ociscope(&["--lab", "--resolve", "gcr.io:443:127.0.0.1", "probe", IMAGE]).run();
    assert_eq!(run.status, 2, "{run:?}");
}

#[test]
fn an_unknown_scenario_is_answered_with_the_nearest_names() {
    for arguments in [
        &["--lab=gcr-deepvarient", "probe", IMAGE][..],
        &["--lab", "gcr-deepvarient", "probe", IMAGE],
        &["lab", "show", "gcr-deepvarient"],
        &["lab", "serve", "gcr-deepvarient"],
    ] {
        let run = ociscope(arguments).run();
        assert_eq!(run.status, 2, "{run:?}");
        assert!(run.stderr.contains("did you mean gcr-deepvariant"), "{run:?}");
    }
    let run = ociscope(&["--lab", "probe", "nobody.example/a"]).run();
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("nobody.example") && run.stderr.contains("ociscope lab list"), "{run:?}");
}
