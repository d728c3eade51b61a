//! Object storage: where registries send their clients for blobs, by an address that is good for a few minutes.
//!
//! The signature in the address is all that is asked for. A client that also sends what it sent to the registry is
//! refused, and is refused in XML, which no client of a registry reads: that is how a forwarded `Authorization` header
//! is met. Each of the stores finds what it is asked for by the 64 hexadecimal digits in the path, in the repositories
//! of the registry that its host is `of`.

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

/// For how many seconds an address is good: what `registry/storage/driver/s3-aws` of distribution asks for by default.
const GOOD_FOR: i64 = 1200;

/// What is stored under the digest in the path: a blob, or a manifest of a registry that keeps those here too.
fn object(visit: &Visit<'_>) -> Option<Bytes> {
    let hex = |part: &&str| part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digits = visit.request.path.split(|other: char| !other.is_ascii_alphanumeric()).rfind(hex)?;
    let digest = format!("sha256:{digits}");
    visit.other_host()?.store().repositories.values().find_map(|repository| {
        let manifest = repository.manifests.get(&digest).map(|stored| &stored.bytes);
        repository.blobs.get(&digest).or(manifest).cloned()
    })
}

/// Where CNCF distribution keeps a blob (`registry/storage/paths.go`).
fn path_of(digest: &str) -> String {
    let digits = digest.rsplit(':').next().unwrap_or_default();
    let first = digits.get(..2).unwrap_or_default();
    format!("/docker/registry/v2/blobs/sha256/{first}/{digits}/data")
}

/// 64 hexadecimal digits in the place of a signature. Nobody could make the real ones here; these too are others for
/// another method or path.
fn signature(method: &str, path: &str) -> String {
    let digest = Digest::of(Algorithm::Sha256, format!("{method}\n{path}").as_bytes()).to_string();
    digest.trim_start_matches("sha256:").to_owned()
}

/// Whether an address that was signed by Amazon's fourth method is good for the method of the request. What was signed
/// elsewhere than here is taken for signed for `GET`.
fn is_signed_for_this_method(request: &IncomingRequest) -> bool {
    let signed = request.parameter("X-Amz-Signature").unwrap_or_default();
    let for_head = signed == signature("HEAD", &request.path);
    for_head == request.is_head()
}

/// What stands in an address that is signed by Amazon's fourth method (AWS, "Authenticating requests: using query
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
         aws4_request&X-Amz-Date={date}&X-Amz-Expires={GOOD_FOR}&X-Amz-SignedHeaders=host{}&X-Amz-Signature={}",
        typed.unwrap_or_default(),
        signature(wanted.method, path),
    )
}

/// How many seconds such an address is good for, and until when, where it says so.
fn good_until(request: &IncomingRequest) -> Option<(i64, OffsetDateTime)> {
    let seconds = request.parameter("X-Amz-Expires")?.parse().ok()?;
    let signed = moment(&request.parameter("X-Amz-Date")?)?;
    Some((seconds, signed.checked_add(Duration::seconds(seconds))?))
}

/// The error of a store that speaks Amazon's language: `<Error>` with these elements.
fn xml(status: u16, elements: &[(&str, &str)]) -> Answer {
    let elements: String = elements.iter().map(|(name, text)| format!("<{name}>{}</{name}>", escaped(text))).collect();
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{elements}</Error>");
    Answer::with_body(status, "application/xml", body)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A moment that is given in seconds since 1970.
fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// `20240506T070809Z`.
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

/// `2024-05-06T07:08:09Z`.
fn extended(time: OffsetDateTime) -> String {
    let text = compact(time);
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    format!("{}-{}-{}T{}:{}:{}Z", part(0..4), part(4..6), part(6..8), part(9..11), part(11..13), part(13..15))
}

/// A date and time in UTC, with or without punctuation.
fn moment(text: &str) -> Option<OffsetDateTime> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<u8>().ok();
    let year = digits.get(..4)?.parse().ok()?;
    let date = Date::from_calendar_date(year, Month::try_from(part(4..6)?).ok()?, part(6..8)?).ok()?;
    let time = Time::from_hms(part(8..10)?, part(10..12)?, part(12..14)?).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc())
}
