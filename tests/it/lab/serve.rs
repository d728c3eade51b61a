//! `lab serve`: other clients at the registries of the lab.

use std::net::TcpListener;
use std::process::Command;

use ociscope::internals::scenarios;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::ociscope::{Running, ociscope};
use crate::support::search_path;

/// A running `lab serve`, and what it said about itself.
struct Served {
    running: Running,
    told: Value,
}

impl Served {
    fn start(name: &str) -> Self {
        let mut running = ociscope(&["lab", "serve", name, "--json"]).start();
        let told = serde_json::from_str(&running.line_that(|_| true)).expect("one line of JSON");
        Self { running, told }
    }

    /// Where the first host is: `127.0.0.1:PORT`.
    fn address(&self) -> String {
        let address = self.told["hosts"][0]["address"].as_str().expect("an address");
        address.split("//").nth(1).expect("a scheme before it").to_owned()
    }

    /// An image that the first host has.
    fn told_image(&self) -> String {
        let run = ociscope(&["lab", "show", self.told["scenario"].as_str().expect("a name"), "--json"]).run();
        run.json()["scenarios"][0]["hosts"][0]["images"][0].as_str().expect("an image").to_owned()
    }

    fn stop(self) {
        self.running.interrupt();
        assert_eq!(self.running.finish().status, 0);
    }
}

/// Runs another program, and returns what it wrote to standard output.
fn client(program: &str, arguments: &[&str]) -> String {
    let home = TempDir::new().expect("a home folder");
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(search_path()).env("HOME", home.path());
    let output = command.output().unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn curl_and_skopeo_find_a_registry() {
    let lab = Served::start("distribution-3-healthy");
    let address = lab.address();
    let image = lab.told_image();
    let (repository, tag) = image.split_once(':').expect("a tag");

    let base = client("curl", &["-sk", &format!("https://{address}/v2/")]);
    assert_eq!(base, "{}");
    let inspected =
        client("skopeo", &["inspect", "--tls-verify=false", &format!("docker://{address}/{repository}:{tag}")]);
    let inspected: Value = serde_json::from_str(&inspected).expect("JSON");
    assert_eq!(inspected["Name"], format!("{address}/{repository}"));
    assert!(inspected["RepoTags"].as_array().expect("tags").iter().any(|other| other == tag));
    lab.stop();
}

/// With tokens, passwords, redirects and all: what is called healthy can be pulled by another client, too.
#[test]
fn skopeo_gets_along_with_everything_that_is_healthy() {
    let healthy: Vec<_> = scenarios().filter(|scenario| scenario.name.ends_with("-healthy")).collect();
    assert!(healthy.len() > 30, "{}", healthy.len());
    for scenario in healthy {
        let lab = Served::start(&scenario.name);
        let (host, image) = scenario.reference.split_once('/').expect("a host");
        let named = |told: &&Value| told["origin"].as_str().is_some_and(|origin| origin.ends_with(&format!("/{host}")));
        let hosts = lab.told["hosts"].as_array().expect("hosts");
        // Docker Hub answers under another name than it is called by.
        let told = hosts.iter().find(named).unwrap_or(&hosts[0]);
        let address = told["address"].as_str().and_then(|address| address.split("//").nth(1)).expect("an address");
        let reference = format!("docker://{address}/{image}");
        let platform = ["--override-os", "linux", "--override-arch", "amd64"];
        let mut arguments = [&platform[..], &["inspect", "--no-tags", "--tls-verify=false"]].concat();
        let accounts = scenario.hosts().into_iter().flat_map(|host| host.accounts);
        let credentials = accounts.map(|(name, password)| format!("{name}:{password}")).next();
        arguments.extend(credentials.iter().flat_map(|credentials| ["--creds", credentials.as_str()]));
        arguments.push(&reference);
        let inspected: Value = serde_json::from_str(&client("skopeo", &arguments)).expect("JSON");
        assert_eq!(inspected["Os"], "linux", "{}: {inspected}", scenario.name);
        lab.stop();
    }
}

#[test]
fn clients_that_trust_the_authority_need_no_other_way() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("authority.pem");
    let file = file.to_str().expect("a path that is text");
    let mut running = ociscope(&["lab", "serve", "gcr-deepvariant", "--authority", file]).start();
    let said = running.line_that(|line| line.contains("is at"));
    let address = said.rsplit("is at https://").next().expect("an address").trim().to_owned();
    let port = address.rsplit(':').next().expect("a port");
    let connect = format!("gcr.io:443:127.0.0.1:{port}");
    // Who asks by the real name is told real names, and who asks by an address is told addresses.
    let by_name = client("curl", &["-s", "-i", "--cacert", file, "--connect-to", &connect, "https://gcr.io/v2/"]);
    assert!(by_name.contains("realm=\"https://gcr.io/v2/token\""), "{by_name}");
    let by_address = client("curl", &["-s", "-i", "--cacert", file, &format!("https://{address}/v2/")]);
    assert!(by_address.contains(&format!("realm=\"https://{address}/v2/token\"")), "{by_address}");
    running.interrupt();
    assert_eq!(running.finish().status, 0);
}

#[test]
fn a_port_that_is_taken_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its address").port().to_string();
    let run = ociscope(&["lab", "serve", "gcr-deepvariant", "--port", &port]).run();
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.stderr.contains(&format!("port {port} is in use")), "{run:?}");
}

#[test]
fn the_first_port_can_be_chosen() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("its address").port().to_string();
    drop(free);
    let mut running = ociscope(&["lab", "serve", "gcr-deepvariant", "--port", &port]).start();
    let said = running.line_that(|line| line.contains("is at"));
    assert!(said.contains(&format!("https://gcr.io is at https://127.0.0.1:{port}")), "{said}");
    running.interrupt();
    assert_eq!(running.finish().status, 0);
}
