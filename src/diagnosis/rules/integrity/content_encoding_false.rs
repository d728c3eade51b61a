use super::pieces;
use crate::diagnosis::encoding::{encoding, is_false_of, is_false_of_the_document};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, Response, is_in_encoding};

rule! {
    /// `Content-Encoding` names an encoding that was not applied
    ///
    /// ## What it means
    /// The header tells clients to decode the body. These bytes are the stored ones, so decoding fails (`gzip: invalid
    /// header`) or yields other bytes with a wrong digest. Nothing compresses the content in transit: something adds
    /// the header, most often a rule in the proxy, or metadata of the storage that describes how a layer is compressed.
    ///
    /// ## How it is recognised
    /// A successful response has a `Content-Encoding`, and its bytes have the requested or announced digest, or do not
    /// begin as that encoding does. It is an error for gzip, which Go clients decode by default, and a warning for
    /// other encodings and for entries that the pull does not need.
    ///
    /// ## What to do
    /// Stop the proxy or whatever else is in front of the registry from sending the header below `/v2/`, or correct the
    /// metadata in the storage. Turning off compression does not help.
    ///
    /// ## References
    /// RFC 9110 §8.4; docker-archive/docker-registry#369; golang net/http, Transport.DisableCompression
    "content-encoding-false" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let document = || {
        let (id, exchange) = case.decisive().filter(|_| is_false_of_the_document(case))?;
        Some((id, exchange.response.as_ref()?, "manifest".to_owned(), true))
    };
    let piece = || {
        let mut wrong: Vec<_> = pieces(case).into_iter().filter(|piece| is_false_of(&piece.part)).collect();
        wrong.sort_by_key(|piece| !piece.needed);
        let piece = wrong.into_iter().next()?;
        let (id, exchange) = piece.part.answer()?;
        Some((id, exchange.response.as_ref()?, piece.name, piece.needed))
    };
    let (id, response, name, needed): (ExchangeId, &Response, String, bool) = document().or_else(piece)?;
    let named = encoding(response)?;
    let is_gzip = matches!(named.to_ascii_lowercase().as_str(), "gzip" | "x-gzip");
    let is_plain = is_in_encoding(&response.body.bytes, &named) == Some(false);
    let title = format!("{name} has Content-Encoding {named}, but is not encoded");
    let quote = format!("content-encoding: {named}");
    let finding = if needed && is_gzip {
        Finding::error(ExitStatus::Integrity, title, id, quote)
    } else {
        Finding::warning(title, id, quote)
    };
    let (what, effect) = if is_plain {
        ("the bytes are not in that encoding", "fail: gzip: invalid header")
    } else {
        (
            "the bytes as sent have the right digest, so this is their stored form",
            "get other bytes, with a different digest",
        )
    };
    let who =
        if is_gzip { "Docker, containerd, podman and other Go clients decode gzip" } else { "Clients that decode it" };
    let joined = if is_gzip { " and" } else { "" };
    Some(
        finding
            .cause(format!(
                "Content-Encoding is {named}, but {what}: only the header is wrong. {who}{joined} {effect}."
            ))
            .fix("Remove the Content-Encoding header below /v2/, in the proxy or in the storage metadata."),
    )
}
