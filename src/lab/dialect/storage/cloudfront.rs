//! Amazon CloudFront in front of a bucket, with signed URLs, as quay.io uses it.
//!
//! It neither forwards nor refuses an `Authorization` header (Amazon, "Request behaviour for S3 origins"). The URLs:
//! rpardini/docker-registry-proxy#26 (2020). Without a signature: jasonsims/aws-cloudfront-sign#74. The signature does
//! not cover the method, so `HEAD` is answered.

use time::OffsetDateTime;

use super::super::ranges::part_of;
use super::{object, signature, xml};
use crate::lab::host::{Dialect, Host, Visit, Wanted};
use crate::lab::wire::{Answer, IncomingRequest};

/// See the module.
pub(crate) struct CloudFront;

/// The validity of a signed URL, in seconds.
const VALIDITY: i64 = 600;

impl Dialect for CloudFront {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = match refusal(visit.request) {
            Some(answer) => answer.header("Server", "CloudFront").header("X-Cache", "Error from cloudfront"),
            None => part_of(served(visit), visit.request).header("Server", "AmazonS3"),
        };
        answer
            .header("Via", "1.1 5c09e0001ab05c09e0001ab05c09e000.cloudfront.net (CloudFront)")
            .header("X-Amz-Cf-Id", "bGFiIGxhYiBsYWIgbGFiIGxhYiBsYWIgbGFiIGxhYiBsYWIgbGFiIGw==")
    }

    fn signed_address(&self, host: &Host, wanted: &Wanted<'_>) -> Option<String> {
        let digits = wanted.digest.rsplit(':').next().unwrap_or_default();
        let path = format!("/sha256/{}/{digits}", digits.get(..2).unwrap_or_default());
        let until = wanted.at + VALIDITY;
        let signature = signature("any", &path);
        Some(format!(
            "{}{path}?Expires={until}&Signature={signature}__&Key-Pair-Id=APKAEXAMPLE0LAB00000",
            host.origin()
        ))
    }
}

fn refusal(request: &IncomingRequest) -> Option<Answer> {
    let denied = |code, message| xml(403, &[("Code", code), ("Message", message)]);
    if request.parameter("Key-Pair-Id").is_none() {
        return Some(denied("MissingKey", "Missing Key-Pair-Id query parameter or cookie value"));
    }
    let until: i64 = request.parameter("Expires")?.parse().ok()?;
    (until < OffsetDateTime::now_utc().unix_timestamp()).then(|| denied("AccessDenied", "Access denied"))
}

fn served(visit: &Visit<'_>) -> Answer {
    let Some(bytes) = object(visit) else {
        let key = visit.request.path.trim_start_matches('/');
        let elements = [("Code", "NoSuchKey"), ("Message", "The specified key does not exist."), ("Key", key)];
        return xml(404, &elements).header("X-Cache", "Error from cloudfront");
    };
    Answer::with_body(200, "application/octet-stream", bytes)
        .header("Accept-Ranges", "bytes")
        .header("X-Cache", "Miss from cloudfront")
}
