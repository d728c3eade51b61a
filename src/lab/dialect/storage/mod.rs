//! Object storage: registries redirect their clients here for blobs, with a URL that is valid for a few minutes.
//!
//! The signature in the URL is the only credential. A client that also forwards its `Authorization` header is refused,
//! in XML, which no registry client parses. Each storage finds an object by the 64 hexadecimal digits in the path, in
//! the repositories of the registry that its host is `of`.

pub(super) mod azure;
pub(super) mod cloudfront;
pub(super) mod r2;
pub(super) mod s3;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time};

use crate::lab::host::{Visit, Wanted};
use crate::lab::wire::{Answer, IncomingRequest};
use crate::oci::{Algorithm, Digest};

/// The validity of a signed URL, in seconds: the default of distribution's `registry/storage/driver/s3-aws`.
const VALIDITY: i64 = 1200;

/// The object with the digest in the path: a blob, or a manifest of a registry that stores those here too.
fn object(visit: &Visit<'_>) -> Option<Bytes> {
    let hex = |part: &&str| part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digits = visit.request.path.split(|other: char| !other.is_ascii_alphanumeric()).rfind(hex)?;
    let digest = format!("sha256:{digits}");
    visit.other_host()?.store().repositories.values().find_map(|repository| {
        let manifest = repository.manifests.get(&digest).map(|stored| &stored.bytes);
        repository.blobs.get(&digest).or(manifest).cloned()
    })
}

/// The path of a blob in the storage of CNCF distribution (`registry/storage/paths.go`).
fn path_of(digest: &str) -> String {
    let digits = digest.rsplit(':').next().unwrap_or_default();
    let first = digits.get(..2).unwrap_or_default();
    format!("/docker/registry/v2/blobs/sha256/{first}/{digits}/data")
}

/// 64 hexadecimal digits instead of a real signature, which the lab cannot make. Like a real one, they depend on the
/// method and the path.
fn signature(method: &str, path: &str) -> String {
    let digest = Digest::of(Algorithm::Sha256, format!("{method}\n{path}").as_bytes()).to_string();
    digest.trim_start_matches("sha256:").to_owned()
}

/// Returns whether a URL with an AWS signature version 4 is signed for the method of the request. A foreign signature
/// counts as one for `GET`.
fn is_signed_for_this_method(request: &IncomingRequest) -> bool {
    let signed = request.parameter("X-Amz-Signature").unwrap_or_default();
    let for_head = signed == signature("HEAD", &request.path);
    for_head == request.is_head()
}

/// The path and query of a URL with an AWS signature version 4 (AWS, "Authenticating requests: using query
/// parameters").
fn signed_in_the_query(path: &str, wanted: &Wanted<'_>, region: &str) -> String {
    let date = compact(at(wanted.at));
    let day = date.get(..8).unwrap_or_default();
    let typed = wanted.media_type.map(|media_type| {
        let encoded: String = url::form_urlencoded::byte_serialize(media_type.as_bytes()).collect();
        format!("&response-content-type={encoded}")
    });
    format!(
        "{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F{day}%2F{region}%2Fs3%2F\
         aws4_request&X-Amz-Date={date}&X-Amz-Expires={VALIDITY}&X-Amz-SignedHeaders=host{}&X-Amz-Signature={}",
        typed.unwrap_or_default(),
        signature(wanted.method, path),
    )
}

/// The validity of such a URL in seconds, and its end, if the URL has them.
fn validity_of(request: &IncomingRequest) -> Option<(i64, OffsetDateTime)> {
    let seconds = request.parameter("X-Amz-Expires")?.parse().ok()?;
    let signed = moment(&request.parameter("X-Amz-Date")?)?;
    Some((seconds, signed.checked_add(Duration::seconds(seconds))?))
}

/// An error in Amazon's format: `<Error>` with these elements.
fn xml(status: u16, elements: &[(&str, &str)]) -> Answer {
    let elements: String = elements.iter().map(|(name, text)| format!("<{name}>{}</{name}>", escaped(text))).collect();
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{elements}</Error>");
    Answer::with_body(status, "application/xml", body)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Converts seconds since 1970 to a time.
fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Formats a time as `20240506T070809Z`.
fn compact(time: OffsetDateTime) -> String {
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// Formats a time as `2024-05-06T07:08:09Z`.
fn extended(time: OffsetDateTime) -> String {
    let text = compact(time);
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    format!("{}-{}-{}T{}:{}:{}Z", part(0..4), part(4..6), part(6..8), part(9..11), part(11..13), part(13..15))
}

/// Parses a date and time in UTC, with or without punctuation.
fn moment(text: &str) -> Option<OffsetDateTime> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<u8>().ok();
    let year = digits.get(..4)?.parse().ok()?;
    let date = Date::from_calendar_date(year, Month::try_from(part(4..6)?).ok()?, part(6..8)?).ok()?;
    let time = Time::from_hms(part(8..10)?, part(10..12)?, part(12..14)?).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc())
}
