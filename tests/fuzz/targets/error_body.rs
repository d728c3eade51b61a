//! Bodies of refusals, in whichever form: what is taken from them, and the words of markup.

use bytes::Bytes;
use ociscope::internals::{Body, Response, Untrusted, body_kind, error_entries, markup_words};

pub fn run(data: &[u8]) {
    let (kind, body) = data.split_first().unwrap_or((&0, &[]));
    let types = ["application/json", "text/html", "text/plain", "application/xml", ""];
    let content_type = types[usize::from(*kind) % types.len()];
    let response = Response {
        status: 404,
        reason: None,
        http_version: "HTTP/1.1".into(),
        headers: vec![("content-type".to_owned(), Untrusted::from(content_type))],
        body: Body::whole(Bytes::copy_from_slice(body)),
    };
    for entry in error_entries(&response) {
        super::assert_printable(&entry.message.printable_within(300));
    }
    super::assert_printable(body_kind(&response).words());
    if let Some(words) = markup_words(&response) {
        super::assert_printable(&words.printable());
    }
}
