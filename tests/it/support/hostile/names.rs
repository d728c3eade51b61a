//! Names that lead to servers of a test, and an authority that vouches for them.

use tempfile::NamedTempFile;

use super::Server;
use crate::support::certificates::Authority;

/// What a run has to be told so that names lead where a test wants them to.
pub struct Names {
    /// Who signs the certificates of the servers.
    pub authority: Authority,
    file: NamedTempFile,
    rules: Vec<String>,
}

impl Names {
    /// No names yet, and a new authority.
    pub fn new() -> Self {
        let authority = Authority::new();
        let file = NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), &authority.certificate).expect("to write it");
        Self { authority, file, rules: Vec::new() }
    }

    /// Lets `name:port`, or `name` at the port of HTTPS, lead to this server.
    pub fn lead(&mut self, at: &str, server: &Server) {
        self.lead_to_address(at, &server.address.to_string());
    }

    /// Lets them lead to an address at which there is no server of the test.
    pub fn lead_to_address(&mut self, at: &str, address: &str) {
        let port = if at.contains(':') { "" } else { ":443" };
        self.rules.push(format!("{at}{port}:{address}"));
    }

    /// The options that say so.
    pub fn options(&self) -> Vec<&str> {
        let mut options = vec!["--cacert", self.file.path().to_str().expect("a path in UTF-8")];
        for rule in &self.rules {
            options.extend(["--resolve", rule]);
        }
        options
    }
}
