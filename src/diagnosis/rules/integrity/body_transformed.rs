use super::pieces;
use crate::diagnosis::encoding::{encoding, is_false_of, is_false_of_the_document};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{ExchangeId, Method};

rule! {
    /// Something came in an encoding that was not asked for.
    ///
    /// ## What it means
    /// Something compresses what it passes on, a proxy as a rule. Digest and length are over the bytes that are stored,
    /// so clients that do not undo the encoding refuse them, and those that do find a wrong length.
    ///
    /// ## How it is recognised
    /// A `Content-Encoding` on a success, although `identity` was asked for: of the manifest, an entry of the index, the
    /// configuration or a layer, and the bytes may be in that encoding (else it is `content-encoding-false`). The digest
    /// is not checked then.
    ///
    /// ## What to do
    /// Turn compression off for paths below `/v2/`.
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
    let what = name.as_deref().unwrap_or("it");
    let title = format!("{what} is served in an encoding that was not asked for");
    let finding = Finding::warning(title, id, format!("content-encoding: {encoding}"))
        .cause(
            "Digest and length are over the bytes as they are stored, so some clients refuse this. The \
             digest was not checked.",
        )
        .fix("Whoever runs the registry, or the proxy in front of it, should turn compression off below /v2/.");
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
