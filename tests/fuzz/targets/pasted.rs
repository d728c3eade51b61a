//! What people paste: whatever it is, nothing in the explanation acts on a terminal, and a secret that was copied along is
//! not in it.

use ociscope::explain;
use ociscope::internals::{Untrusted, text_of};

const SECRET: &str = "CANARYpw";

pub fn run(data: &[u8]) {
    let text = text_of(data);
    let pasted = format!("{}\ndocker login -u me -p {SECRET} r.test\n", text.as_str());
    for text in [text, Untrusted::new(pasted)] {
        let (json, shown) = match explain(text.as_str()) {
            Ok(explanation) => {
                (explanation.to_json(), explanation.to_json()["text"].as_str().unwrap_or_default().to_owned())
            }
            Err(unknown) => (unknown.to_json(), unknown.to_string()),
        };
        shown.lines().for_each(super::assert_printable);
        let has_own = text.as_str().matches(SECRET).count() > 1;
        assert!(has_own || !json.to_string().contains(SECRET), "{json}");
    }
}
