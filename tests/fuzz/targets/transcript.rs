//! The output of other programs: whatever is in it, it is read or refused, what was read can be read again, and a secret that
//! was copied along is not in it.

use ociscope::internals::Recording;

const SECRET: &str = "CANARYpw0123456789";

pub fn run(data: &[u8]) {
    let curl = format!(
        "\n$ curl -v -u me:{SECRET} https://r.test/v2/a/b/manifests/1\n> GET /v2/a/b/manifests/1 HTTP/1.1\n> Host: r.test\n> \
         X-Api-Key: {SECRET}\n>\n< HTTP/1.1 404 Not Found\n< X-Said: {SECRET}\n<\nnot with {SECRET}\n"
    );
    let has_own = data.windows(6).any(|window| window == b"CANARY");
    for bytes in [data.to_vec(), [data, curl.as_bytes()].concat()] {
        let Ok(recording) = Recording::read(&bytes) else { continue };
        let runs: Vec<_> =
            recording.runs.iter().map(|run| Recording::written_run(run).expect("a run is JSON")).collect();
        for run in &runs {
            assert!(has_own || !run.get().contains("CANARY"), "{run}");
        }
        let written = recording.write(&runs).expect("a recording is JSON");
        Recording::read(written.as_bytes()).expect("what was written is read");
    }
}
