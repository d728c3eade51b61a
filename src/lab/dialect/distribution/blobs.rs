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
    /// What is said of a digest that is none, whatever is asked of it.
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
            Some(address) => sent_on(visit.request, address),
            None => served(visit.request, digest, blob, self.generation),
        }
    }

    /// A blob that is stored. 2.8 also stores the empty layer that it puts into docker v1 documents.
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

/// What `http.Redirect` of Go writes (`registry/storage/blobserver.go`): where the storage can be asked itself, the
/// registry does not pass on what it says.
fn sent_on(request: &IncomingRequest, address: String) -> Answer {
    let body = format!("<a href=\"{}\">Temporary Redirect</a>.\n\n", address.replace('&', "&amp;"));
    let answer = Answer::with_body(307, "text/html; charset=utf-8", body).header("Location", address);
    // Nothing is written, so nothing is counted.
    if request.is_head() { answer.chunked() } else { answer }
}

fn served(request: &IncomingRequest, digest: &str, blob: Bytes, generation: Generation) -> Answer {
    let tag = format!("\"{digest}\"");
    // An empty header is as good as none.
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
        // Its length was said before anybody looked at the condition.
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
    // Who asks for more than there is gets everything.
    if ranges.is_empty() || ranges.iter().map(|(_, length)| length).sum::<usize>() > blob.len() {
        return whole(blob);
    }
    let partial = |content_type: &str, body: Bytes| {
        about(Answer::with_body(206, content_type, body).header("Accept-Ranges", "bytes"))
    };
    let said = |&(start, length): &(usize, usize)| {
        // One before the start, where nothing is left at the end.
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

/// Why there is no part of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// It cannot be understood.
    Syntax,
    /// There is nothing there.
    NoOverlap,
}

/// The builds of 2.8 that are around leave the length and the other headers of the blob standing, so that its answer
/// ends too early. Those of 3 are made with a Go that takes them back (1.23).
fn not_satisfiable(about: &dyn Fn(Answer) -> Answer, blob: &Bytes, wrong: Wrong, generation: Generation) -> Answer {
    let text = match wrong {
        Wrong::Syntax => "invalid range\n",
        Wrong::NoOverlap => "invalid range: failed to overlap\n",
    };
    let mut answer = about(Answer::with_body(416, "text/plain; charset=utf-8", text));
    match generation {
        Generation::Two => {
            // Go's server writes nothing of what is more than was said.
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

/// Go's `parseRange`: starts and lengths. What lies behind the end is left out, unless everything does.
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
