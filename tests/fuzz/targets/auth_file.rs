//! Files of Docker and Podman: whatever stands there, a refusal says nothing of it.

use ociscope::internals::Config;

pub fn run(data: &[u8]) {
    match Config::read(data) {
        Ok(config) => {
            let _ = config.keys().count();
        }
        Err(why) => super::assert_printable(&why),
    }
}
