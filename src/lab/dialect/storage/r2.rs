//! Cloudflare R2, where Docker Hub keeps blobs.
//!
//! It takes a forwarded `Authorization` header for an incomplete signature in headers:
//! ciiiii/cloudflare-docker-proxy#100, cmliu/CF-Workers-docker.io#75. The codes and statuses of the other errors are
//! those of Cloudflare's documentation ("R2 error codes", "Presigned URLs"; cloudflare/cloudflare-docs#32436); the
//! messages of `ExpiredRequest` and `Unauthorized` were not found, and are the documentation's explanations of the
//! codes.

use time::OffsetDateTime;

use super::super::ranges::part_of;
use super::{is_signed_for_this_method, object, path_of, signed_in_the_query, validity_of};
use crate::lab::host::{Dialect, Host, Visit, Wanted};
use crate::lab::wire::{Answer, IncomingRequest};

/// See the module.
pub(crate) struct R2;

impl Dialect for R2 {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = refusal(visit.request).unwrap_or_else(|| part_of(served(visit), visit.request));
        answer.header("Server", "cloudflare").header("CF-RAY", "5c09e0001ab00000-LAB")
    }

    fn signed_address(&self, host: &Host, wanted: &Wanted<'_>) -> Option<String> {
        let path = format!("/registry{}", path_of(wanted.digest));
        Some(format!("{}{}", host.origin(), signed_in_the_query(&path, wanted, "auto")))
    }
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    Answer::with_body(status, "application/xml", body)
}

fn refusal(request: &IncomingRequest) -> Option<Answer> {
    if request.headers.contains_key("authorization") && !request.headers.contains_key("x-amz-content-sha256") {
        return Some(error(400, "InvalidRequest", "Missing x-amz-content-sha256"));
    }
    if !request.reads() {
        return Some(error(405, "MethodNotAllowed", "The specified method is not allowed against this resource."));
    }
    if request.parameter("X-Amz-Signature").is_none() {
        return Some(error(401, "Unauthorized", "Missing or invalid authentication credentials."));
    }
    if validity_of(request).is_some_and(|(_, until)| until < OffsetDateTime::now_utc()) {
        return Some(error(403, "ExpiredRequest", "Presigned URL or request signature has expired."));
    }
    if !is_signed_for_this_method(request) {
        let message = "The request signature we calculated does not match the signature you provided. Check your \
                       secret access key and signing method. ";
        return Some(error(403, "SignatureDoesNotMatch", message));
    }
    None
}

fn served(visit: &Visit<'_>) -> Answer {
    let Some(bytes) = object(visit) else {
        return error(404, "NoSuchKey", "The specified key does not exist.");
    };
    let typed = visit.request.parameter("response-content-type");
    Answer::with_body(200, typed.as_deref().unwrap_or("application/octet-stream"), bytes)
        .header("Accept-Ranges", "bytes")
}
