//! The explanation of fields that clients cannot decode.

use super::sentence::listed;
use crate::image::{GoReader, TypeMismatch};

/// The first field, its value, and the clients that reject the document for it; then the other fields.
pub(crate) fn cause(document: &str, mismatches: &[TypeMismatch]) -> Option<String> {
    let first = mismatches.first()?;
    let more: Vec<_> = mismatches.iter().skip(1).map(|one| one.path.named_within(60)).collect();
    let more = if more.is_empty() { String::new() } else { format!(" Also wrong: {}.", listed(&more, 6)) };
    Some(format!(
        "{} is {}; it must be {}. {}{more}",
        first.path.named_within(100),
        first.found,
        first.wanted,
        rejecting_clients(document, first)
    ))
}

/// The first field with its value, as a quote.
pub(crate) fn quote(mismatch: &TypeMismatch) -> String {
    format!("{}: {}", mismatch.path.named_within(100), mismatch.written.printable_within(80))
}

/// The clients that reject the document, with their error message, and those that do not.
fn rejecting_clients(document: &str, mismatch: &TypeMismatch) -> String {
    let all = [GoReader::Docker, GoReader::Containerd, GoReader::ContainersImage];
    let message = message(mismatch);
    if all.iter().all(|reader| mismatch.readers.contains(reader)) {
        return format!(
            "Clients written in Go decode the whole {document} and reject it ({message}): Docker, containerd, Podman \
             and skopeo."
        );
    }
    let refusing: Vec<_> = mismatch.readers.iter().map(|&reader| name(reader).to_owned()).collect();
    let known = |reader: &GoReader| {
        let later = *reader == GoReader::Docker && mismatch.readers.contains(&GoReader::Docker29);
        !later && !mismatch.readers.contains(reader)
    };
    let others: Vec<_> = all.iter().filter(|reader| known(reader)).map(|&reader| name(reader).to_owned()).collect();
    let verb = if mismatch.readers == [GoReader::Containerd] { "rejects" } else { "reject" };
    let refusing = listed(&refusing, 4);
    let others = if others.is_empty() { String::new() } else { format!(" {} do not.", listed(&others, 4)) };
    format!("{refusing} {verb} the {document} because of it ({message}).{others}")
}

fn name(reader: GoReader) -> &'static str {
    match reader {
        GoReader::Docker => "Docker Engine (classic image store)",
        GoReader::Docker29 => "Docker Engine 29 (classic image store)",
        GoReader::Containerd => "containerd (Kubernetes, nerdctl)",
        GoReader::ContainersImage => "Podman, skopeo and CRI-O",
    }
}

/// The beginning of the error message of Go's decoder.
fn message(mismatch: &TypeMismatch) -> String {
    let kind = match mismatch.found {
        "a string" if mismatch.wanted.starts_with("a time") => return "parsing time …".to_owned(),
        "a string" if mismatch.wanted == "base64" => return "illegal base64 data".to_owned(),
        "a string" => "string",
        "an object" => "object",
        "a list" => "array",
        "a boolean" => "bool",
        _ => "number",
    };
    format!("json: cannot unmarshal {kind} into Go struct field")
}
