//! A lab that runs in this process, and the two sides of a comparison.

use ociscope::internals::{Lab, Scenario};
use tokio::runtime::Runtime;

use super::answer::Comparable;
use super::requests::{Credential, Request};
use crate::support::http::Endpoint;

/// A lab, until it is dropped.
pub struct Running {
    lab: Lab,
    _runtime: Runtime,
}

impl Running {
    pub fn start(scenario: Scenario) -> Self {
        let runtime = Runtime::new().expect("threads");
        let lab = runtime.block_on(Lab::start(Box::leak(Box::new(scenario)), None)).expect("a lab");
        Self { lab, _runtime: runtime }
    }

    /// The way to a host that speaks plain HTTP.
    pub fn host(&self, name: &str) -> Endpoint {
        let routes = self.lab.routes();
        let route = routes.iter().find(|route| route.host == name).unwrap_or_else(|| panic!("no host {name}"));
        Endpoint::plain(route.address)
    }
}

/// One of the two: where it is, and how it is told who asks.
pub struct Side {
    pub endpoint: Endpoint,
    /// The `Authorization` of this credential.
    pub authorize: Box<dyn Fn(Credential) -> Option<String>>,
}

impl Side {
    /// A registry that is open to all.
    pub fn open(endpoint: Endpoint) -> Self {
        Self { endpoint, authorize: Box::new(|_| None) }
    }

    pub fn answer(&self, request: &Request) -> Comparable {
        let authorization = (self.authorize)(request.credential);
        let headers = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let headers: Vec<_> =
            headers.chain(authorization.iter().map(|value| ("Authorization", value.as_str()))).collect();
        Comparable::of(&self.endpoint.send_and_take(request.method, &request.path, &headers, b""))
    }
}

/// Asks both the same, and returns every difference.
#[expect(clippy::print_stdout, reason = "the count is what a reader of the log wants to see")]
pub fn compare(what: &str, real: &Side, lab: &Side, requests: &[Request]) -> Vec<String> {
    let mut found = Vec::new();
    for request in requests {
        let differences = real.answer(request).differences(&lab.answer(request));
        if !differences.is_empty() {
            found.push(format!("{what}: {request:?}\n    {differences}"));
        }
    }
    println!("{what}: {} requests compared, {} answered differently", requests.len(), found.len());
    found
}
