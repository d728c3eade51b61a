//! The redactor: a secret that is known is in nothing that comes out, however it stood in what went in.

use ociscope::internals::{Redactor, Secret, Untrusted};

const SECRET: &str = "CANARYpw+x/y=z:%\"\\'&<end";

pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    // The input says where the secret goes.
    let text = text.replace('\u{1}', SECRET).replace('\u{2}', "Q0FOQVJZcHcreC95PXo6JSJcJyY8ZW5k");
    let secret = Secret::new(SECRET);
    let mut redactor = Redactor::new([("password", &secret)]);
    let header = redactor.header("location", &Untrusted::from(text.as_str()));
    let token = redactor.token_body(text.as_bytes());
    let outputs = [
        redactor.text(&text),
        redactor.body(&text, 1 << 20, true),
        redactor.known_values(&text),
        redactor.text(&text),
        redactor.known_values(header.as_str()),
        redactor.known_values(token.as_str()),
    ];
    for shown in outputs {
        assert!(!shown.contains(SECRET), "{shown:?}");
        assert!(!shown.contains("Q0FOQVJZcHcreC95PXo6JSJcJyY8ZW5k"), "{shown:?}");
    }
}
