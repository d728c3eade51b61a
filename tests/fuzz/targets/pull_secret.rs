//! Pull secrets, in YAML and JSON.

use ociscope::internals::read_pull_secret;

pub fn run(data: &[u8]) {
    match read_pull_secret(data).1 {
        Ok(config) => {
            let _ = config.keys().count();
        }
        Err(fault) => super::assert_printable(&fault.words()),
    }
}
