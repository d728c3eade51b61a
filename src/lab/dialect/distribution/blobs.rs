//! Blobs, and parts of them, as Go's `http.ServeContent` serves them.

use bytes::Bytes;
use serde_json::json;

use super::route::wrong_with_digest;
use super::{Answer, Distribution, Generation};
use crate::lab::host::{Visit, Wanted};
use crate::lab::schema1;
use crate::lab::wire::IncomingRequest;
use crate::oci::media_type::DOCKER_V2;

impl Distribution {
    /// The error for a malformed digest, whatever the request.
    pub(super) fn wrong_digest(&self, digest: &str) -> Option<Answer> {
        let detail = self.detail(json!({}), wrong_with_digest(digest)?.to_owned());
        Some(self.error(400, "DIGEST_INVALID", "provided digest did not match uploaded content", detail))
    }

    pub(super) fn blob(&self, visit: &Visit<'_>, name: &str, digest: &str) -> Answer {
        if let Some(answer) = self.origin_refuses_blob(visit, name, digest) {
            return answer;
        }
        let Some(blob) = self.find_blob(visit, name, digest) else {
            return self.error(404, "BLOB_UNKNOWN", "blob unknown to registry", Some(json!(digest)));
        };
        let wanted = Wanted { method: visit.request.method.as_str(), digest, media_type: None, at: visit.host.now() };
        match visit.address_in_storage(&wanted) {
            Some(address) => redirect_to(visit.request, address),
            None => served(visit.request, digest, blob, self.generation),
        }
    }

    /// Looks up a stored blob. 2.8 also stores the empty layer that it adds to converted Docker schema 1 manifests.
    fn find_blob(&self, visit: &Visit<'_>, name: &str, digest: &str) -> Option<Bytes> {
        let repository = self.store(visit)?.repository(name)?;
        if let Some(blob) = repository.blobs.get(digest) {
            return Some(blob.clone());
        }
        if self.generation == Generation::Three || digest != schema1::EMPTY_LAYER {
            return None;
        }
        let mut images = repository.manifests.values().filter(|stored| stored.media_type == DOCKER_V2);
        let needs_it = images.any(|image| {
            let converted = schema1::convert(repository, name, "", image);
            converted.is_some_and(|signed| String::from_utf8_lossy(&signed.bytes).contains(schema1::EMPTY_LAYER))
        });
        (needs_it && self.role == super::Role::Registry).then(|| Bytes::from_static(schema1::EMPTY_LAYER_BYTES))
    }
}

/// The redirect to the storage, as Go's `http.Redirect` writes it (`registry/storage/blobserver.go`). The registry does
/// not relay blobs if clients can fetch them from the storage.
fn redirect_to(request: &IncomingRequest, address: String) -> Answer {
    let body = format!("<a href=\"{}\">Temporary Redirect</a>.\n\n", address.replace('&', "&amp;"));
    let answer = Answer::with_body(307, "text/html; charset=utf-8", body).header("Location", address);
    // Go writes no body for HEAD, so it sets no Content-Length.
    if request.is_head() { answer.chunked() } else { answer }
}

fn served(request: &IncomingRequest, digest: &str, blob: Bytes, generation: Generation) -> Answer {
    let tag = format!("\"{digest}\"");
    // An empty header counts as a missing one.
    let header = |name: &str| request.header(name).filter(|value| !value.is_empty());
    let same = |name: &str, weakly: bool| {
        let tags = header(name)?.split(',').map(str::trim);
        let strip = |tag: &'_ str| tag.strip_prefix("W/").filter(|_| weakly).map(str::to_owned);
        Some(
            tags.into_iter()
                .any(|other| other == "*" || other == tag || strip(other).is_some_and(|other| other == tag)),
        )
    };
    let about = |answer: Answer| {
        answer
            .header("Cache-Control", "max-age=31536000")
            .header("Docker-Content-Digest", digest)
            .header("Etag", tag.clone())
    };
    if same("if-match", false) == Some(false) {
        // The length is set before the condition is evaluated.
        let answer = Answer { body: blob, cut: Some(0), ..Answer::new(412) };
        return about(answer.header("Content-Type", "application/octet-stream"));
    }
    if same("if-none-match", true) == Some(true) {
        return about(Answer::new(304));
    }
    let whole =
        |body: Bytes| about(Answer::with_body(200, "application/octet-stream", body).header("Accept-Ranges", "bytes"));
    let wanted = header("range").filter(|_| header("if-range").is_none_or(|other| other == tag));
    let Some(wanted) = wanted else { return whole(blob) };
    let ranges = match ranges(wanted, blob.len()) {
        Ok(ranges) => ranges,
        Err(wrong) => return not_satisfiable(&about, &blob, wrong, generation),
    };
    // Ranges that add up to more than the blob get the whole blob.
    if ranges.is_empty() || ranges.iter().map(|(_, length)| length).sum::<usize>() > blob.len() {
        return whole(blob);
    }
    let partial = |content_type: &str, body: Bytes| {
        about(Answer::with_body(206, content_type, body).header("Accept-Ranges", "bytes"))
    };
    let said = |&(start, length): &(usize, usize)| {
        // For an empty range, the end is one before the start.
        let end = i64::try_from(start + length).unwrap_or(i64::MAX) - 1;
        format!("bytes {start}-{end}/{}", blob.len())
    };
    match ranges.as_slice() {
        [one @ (start, length)] => {
            partial("application/octet-stream", blob.slice(*start..start + length)).header("Content-Range", said(one))
        }
        several => {
            let boundary = super::random_hex(30);
            let mut body = Vec::new();
            for (number, range @ (start, length)) in several.iter().enumerate() {
                let line_end = if number > 0 { "\r\n" } else { "" };
                let head = format!(
                    "{line_end}--{boundary}\r\nContent-Range: {}\r\nContent-Type: application/octet-stream\r\n\r\n",
                    said(range)
                );
                body.extend_from_slice(head.as_bytes());
                body.extend_from_slice(&blob[*start..start + length]);
            }
            body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
            partial(&format!("multipart/byteranges; boundary={boundary}"), body.into())
        }
    }
}

/// The error in a range header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// The header cannot be parsed.
    Syntax,
    /// The range is past the end of the blob.
    NoOverlap,
}

/// The answer to an invalid range. The common builds of 2.8 keep the length and the other headers of the blob, so the
/// answer ends too early. The builds of 3 use Go 1.23, which removes them.
fn not_satisfiable(about: &dyn Fn(Answer) -> Answer, blob: &Bytes, wrong: Wrong, generation: Generation) -> Answer {
    let text = match wrong {
        Wrong::Syntax => "invalid range\n",
        Wrong::NoOverlap => "invalid range: failed to overlap\n",
    };
    let mut answer = about(Answer::with_body(416, "text/plain; charset=utf-8", text));
    match generation {
        Generation::Two => {
            // Go's server writes no text that is longer than the Content-Length.
            let written = if text.len() <= blob.len() { text } else { "" };
            let mut body = written.as_bytes().to_vec();
            body.resize(blob.len(), 0);
            answer.cut = Some(written.len());
            answer.body = body.into();
        }
        Generation::Three => {
            answer.remove("Cache-Control");
            answer.remove("Etag");
        }
    }
    match wrong {
        Wrong::Syntax => answer,
        Wrong::NoOverlap => answer.header("Content-Range", format!("bytes */{}", blob.len())),
    }
}

/// Parses ranges like Go's `parseRange`, into starts and lengths. Ranges past the end are skipped, unless all are.
fn ranges(text: &str, size: usize) -> Result<Vec<(usize, usize)>, Wrong> {
    let number = |text: &str| -> Result<usize, Wrong> {
        let text = text.strip_prefix('+').unwrap_or(text);
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse().map_err(|_| Wrong::Syntax) } else { Err(Wrong::Syntax) }
    };
    let mut found = Vec::new();
    let mut beyond = false;
    for range in text.strip_prefix("bytes=").ok_or(Wrong::Syntax)?.split(',').map(str::trim) {
        if range.is_empty() {
            continue;
        }
        let (start, end) = range.split_once('-').ok_or(Wrong::Syntax)?;
        match (start.trim(), end.trim()) {
            ("", suffix) => {
                let length = number(suffix)?.min(size);
                found.push((size - length, length));
            }
            (start, end) => {
                let start = number(start)?;
                if start >= size {
                    beyond = true;
                    continue;
                }
                let last = if end.is_empty() { size - 1 } else { number(end)? };
                if last < start {
                    return Err(Wrong::Syntax);
                }
                found.push((start, last.saturating_add(1).min(size) - start));
            }
        }
    }
    if beyond && found.is_empty() { Err(Wrong::NoOverlap) } else { Ok(found) }
}
