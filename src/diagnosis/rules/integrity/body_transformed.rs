use super::encoding;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// The manifest came in an encoding that was not asked for.
    ///
    /// ## What it means
    /// Something compresses what it passes on, a proxy as a rule. Digest and length are over the bytes that are stored,
    /// so clients that do not undo the encoding refuse them, and those that do find a wrong length.
    ///
    /// ## How it is recognised
    /// A `Content-Encoding` on a success, although `identity` was asked for. The digest is not checked then.
    ///
    /// ## What to do
    /// Turn compression off for paths below `/v2/`.
    ///
    /// ## References
    /// RFC 9110 §8.4; quay/quay#1310
    "body-transformed" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, _) = case.served()?;
    let encoding = encoding(case.journal().get(id).response.as_ref()?)?;
    let finding = Finding::warning(
        "it is served in an encoding that was not asked for",
        id,
        format!("content-encoding: {encoding}"),
    )
    .cause(
        "Digest and length are over the bytes as they are stored, so some clients refuse this. The \
         digest was not checked.",
    )
    .fix("Whoever runs the registry, or the proxy in front of it, should turn compression off below /v2/.");
    Some(finding)
}
