use super::pieces;
use crate::diagnosis::encoding::{encoding, is_false_of, is_false_of_the_document};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{ExchangeId, Method};

rule! {
    /// Response has an encoding that was not requested
    ///
    /// ## What it means
    /// Something compresses content in transit, usually a proxy. Digest and length are those of the stored bytes, so
    /// clients that do not decode the body reject it, and clients that do decode it find a wrong length.
    ///
    /// ## How it is recognised
    /// A successful response has a `Content-Encoding` although ociscope requested `identity`: for the manifest, an
    /// index entry, the config or a layer, and its bytes may be in that encoding (otherwise the rule is
    /// `content-encoding-false`). The digest is not checked then.
    ///
    /// ## What to do
    /// Turn off compression for paths below `/v2/`.
    ///
    /// ## References
    /// RFC 9110 §8.4; quay/quay#1310; moby/moby#17595
    "body-transformed" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, _) = case.served()?;
    let own = case.journal().get(id).response.as_ref().filter(|_| !is_false_of_the_document(case));
    let own = own.and_then(encoding).map(|encoding| (id, encoding, None));
    let (id, encoding, name) = own.or_else(|| of_pieces(case))?;
    let what = name.as_deref().unwrap_or("manifest");
    let title = format!("{what} has an encoding that was not requested");
    let finding = Finding::warning(title, id, format!("content-encoding: {encoding}"))
        .cause(
            "Digest and length are those of the stored bytes, so some clients reject this answer. ociscope did not \
             check the digest.",
        )
        .fix("Ask the operator of the registry, or of the proxy in front of it, to turn off compression below /v2/.");
    Some(finding)
}

fn of_pieces(case: &Case<'_>) -> Option<(ExchangeId, String, Option<String>)> {
    pieces(case).into_iter().find_map(|piece| {
        let (id, exchange) = piece.part.answer()?;
        let response = exchange.response.as_ref()?;
        let body = exchange.request.method == Method::Get && piece.part.is_present();
        Some((id, encoding(response).filter(|_| body && !is_false_of(&piece.part))?, Some(piece.name)))
    })
}
