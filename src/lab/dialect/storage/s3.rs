//! Amazon S3.
//!
//! Two credentials in one request are refused: renovatebot/renovate#3877, distribution/distribution#2055. An expired
//! URL: lukejacksonn/react-slack-clone#27. A URL for another method: docker/hub-feedback#1636 has the message,
//! containerd/stargz-snapshotter#167 the status. A missing object: frostealth/yii2-aws-s3#25. The headers are those of
//! Amazon's documentation ("Common response headers", "REST error responses").

use time::OffsetDateTime;

use super::super::ranges::part_of;
use super::{extended, is_signed_for_this_method, object, path_of, signed_in_the_query, validity_of, xml};
use crate::lab::host::{Dialect, Host, Visit, Wanted};
use crate::lab::wire::{Answer, IncomingRequest};

/// See the module.
pub(crate) struct S3;

/// The region of the lab's buckets.
const REGION: &str = "eu-west-1";
const REQUEST: &str = "5C0PE0000000LAB1";
const HOST: &str = "bGFiIGxhYiBsYWIgbGFiIGxhYiBsYWIgbGFiIGxhYiBsYWIgbGFiIGxhYiBsYWI=";

impl Dialect for S3 {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = refusal(visit.request).unwrap_or_else(|| part_of(served(visit), visit.request));
        answer.header("x-amz-id-2", HOST).header("x-amz-request-id", REQUEST).header("Server", "AmazonS3")
    }

    fn signed_address(&self, host: &Host, wanted: &Wanted<'_>) -> Option<String> {
        let query = signed_in_the_query(&path_of(wanted.digest), wanted, REGION);
        Some(format!("{}{query}", host.origin()))
    }
}

fn error(status: u16, elements: &[(&str, &str)]) -> Answer {
    let ids = [("RequestId", REQUEST), ("HostId", HOST)];
    xml(status, &[elements, &ids].concat()).chunked()
}

fn refusal(request: &IncomingRequest) -> Option<Answer> {
    let elements = |code, message| [("Code", code), ("Message", message)];
    if !request.reads() {
        let message = "The specified method is not allowed against this resource.";
        return Some(error(405, &elements("MethodNotAllowed", message)));
    }
    let by_query = request.parameter("X-Amz-Algorithm").or_else(|| request.parameter("Signature")).is_some();
    if !by_query {
        return Some(error(403, &elements("AccessDenied", "Access Denied")));
    }
    if let Some(value) = request.header("authorization") {
        let message = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query \
                       string parameter or the Authorization header should be specified";
        let argument = [("ArgumentName", "Authorization"), ("ArgumentValue", value)];
        return Some(error(400, &[elements("InvalidArgument", message), argument].concat()));
    }
    let now = OffsetDateTime::now_utc();
    if let Some((seconds, until)) = validity_of(request).filter(|(_, until)| *until < now) {
        let (seconds, until, now) = (seconds.to_string(), extended(until), extended(now));
        let times = [("X-Amz-Expires", seconds.as_str()), ("Expires", &until), ("ServerTime", &now)];
        return Some(error(403, &[&elements("AccessDenied", "Request has expired")[..], &times].concat()));
    }
    let seconds = request.parameter("Expires").and_then(|text| text.parse().ok());
    let until = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    if let Some(until) = until.filter(|until| *until < now) {
        let times = [("Expires", extended(until)), ("ServerTime", extended(now))];
        let times = times.each_ref().map(|(name, time)| (*name, time.as_str()));
        return Some(error(403, &[elements("AccessDenied", "Request has expired"), times].concat()));
    }
    if !is_signed_for_this_method(request) {
        let message = "The request signature we calculated does not match the signature you provided. Check your key \
                       and signing method.";
        return Some(error(403, &elements("SignatureDoesNotMatch", message)));
    }
    None
}

fn served(visit: &Visit<'_>) -> Answer {
    let Some(bytes) = object(visit) else {
        let key = visit.request.path.trim_start_matches('/');
        let elements = [("Code", "NoSuchKey"), ("Message", "The specified key does not exist."), ("Key", key)];
        return error(404, &elements);
    };
    // The type with which distribution stores it (`registry/storage/driver/s3-aws`), unless the URL sets another one.
    let typed = visit.request.parameter("response-content-type");
    Answer::with_body(200, typed.as_deref().unwrap_or("application/octet-stream"), bytes)
        .header("Accept-Ranges", "bytes")
}
