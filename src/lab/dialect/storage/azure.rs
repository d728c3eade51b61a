//! Azure Blob Storage, with URLs that have a shared access signature.
//!
//! A forwarded `Authorization` header: Azure/acr#217, Azure/iothub-explorer#58. An expired signature:
//! blrchen/azure-speed-test#12, microsoft/AzureStorageExplorer#1614. A missing blob: Azure/WALinuxAgent#2311, whose 215
//! bytes include a byte order mark. No signature: Microsoft, "Remediate anonymous read access to blob data". The URLs
//! are those of ghcr.io (2023).

use time::OffsetDateTime;

use super::super::ranges::part_of;
use super::{at, extended, moment, object, signature};
use crate::lab::clock::for_headers;
use crate::lab::host::{Dialect, Host, Visit, Wanted};
use crate::lab::wire::{Answer, IncomingRequest};

/// See the module.
pub(crate) struct Azure;

const REQUEST: &str = "5c09e000-1ab0-0000-1ab0-5c09e0000000";
/// The validity of a signed URL, in seconds.
const VALIDITY: i64 = 600;

impl Dialect for Azure {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = refusal(visit.request).unwrap_or_else(|| part_of(served(visit), visit.request));
        answer
            .header("Server", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0")
            .header("x-ms-request-id", REQUEST)
            .header("x-ms-version", "2019-12-12")
    }

    fn signed_address(&self, host: &Host, wanted: &Wanted<'_>) -> Option<String> {
        let path = format!("/registry/blobs/{}", wanted.digest);
        let until = extended(at(wanted.at + VALIDITY)).replace(':', "%3A");
        let typed = wanted.media_type.map(|media_type| {
            let encoded: String = url::form_urlencoded::byte_serialize(media_type.as_bytes()).collect();
            format!("&rsct={encoded}")
        });
        // `sp=r` allows reads, with any method.
        let signature = signature("any", &path);
        let typed = typed.unwrap_or_default();
        let query = format!("se={until}&sig={signature}{typed}&sp=r&spr=https&sr=b&sv=2019-12-12");
        Some(format!("{}{path}?{query}", host.origin()))
    }
}

/// An error, with `more` after the message.
fn error(status: u16, code: &str, message: &str, more: &str) -> Answer {
    let time = extended(OffsetDateTime::now_utc()).replace('Z', ".0000000Z");
    let body = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}\n\
         RequestId:{REQUEST}\nTime:{time}</Message>{more}</Error>"
    );
    let mut answer = Answer::with_body(status, "application/xml", body);
    answer.set("x-ms-error-code", code);
    answer
}

fn refusal(request: &IncomingRequest) -> Option<Answer> {
    if request.headers.contains_key("authorization") {
        let message =
            "Authentication information is not given in the correct format. Check the value of Authorization header.";
        return Some(error(400, "InvalidAuthenticationInfo", message, ""));
    }
    if !request.reads() {
        let message = "The resource doesn't support specified Http Verb.";
        return Some(error(405, "UnsupportedHttpVerb", message, ""));
    }
    if request.parameter("sig").is_none() {
        let message = "Public access is not permitted on this storage account.";
        return Some(error(409, "PublicAccessNotPermitted", message, ""));
    }
    let now = OffsetDateTime::now_utc();
    let until = request.parameter("se").and_then(|text| moment(&text)).filter(|until| *until < now)?;
    let (until, now) = (for_headers(until), for_headers(now));
    let detail = match request.parameter("st").and_then(|text| moment(&text)) {
        Some(start) => format!(
            "Signature not valid in the specified time frame: Start [{}] - Expiry [{until}] - Current [{now}]",
            for_headers(start)
        ),
        None => format!("Signed expiry time [{until}] must be after signed start time [{now}]"),
    };
    let message = "Server failed to authenticate the request. Make sure the value of Authorization header is formed \
                   correctly including the signature.";
    let detail = format!("<AuthenticationErrorDetail>{detail}</AuthenticationErrorDetail>");
    Some(error(403, "AuthenticationFailed", message, &detail))
}

fn served(visit: &Visit<'_>) -> Answer {
    let Some(bytes) = object(visit) else {
        return error(404, "BlobNotFound", "The specified blob does not exist.", "");
    };
    let typed = visit.request.parameter("rsct");
    Answer::with_body(200, typed.as_deref().unwrap_or("application/octet-stream"), bytes)
        .header("Accept-Ranges", "bytes")
        .header("x-ms-blob-type", "BlockBlob")
}
