use super::{Piece, digest_remark, pieces, whole, wrong_bytes};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Content does not match its digest
    ///
    /// ## What it means
    /// A digest identifies bytes, and these are different bytes. Every client rejects them. Either the storage or a
    /// cache is damaged, or something changes the content in transit.
    ///
    /// ## How it is recognised
    /// The digest of the received bytes differs from the one in the reference, or from the one by which an index or a
    /// manifest names them. Layers are checked if the few bytes that ociscope fetches are all of them. Signed Docker
    /// schema 1 manifests are left out, because their digest does not cover all of their bytes.
    ///
    /// ## What to do
    /// Request it twice: the same wrong digest both times points to the storage or a cache, a different one to the
    /// transfer. Then retry without the proxy or mirror.
    ///
    /// ## References
    /// image-spec, digests; containerd/containerd#4908; distribution/distribution#4890
    "content-does-not-match-digest" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    of_the_reference(case).or_else(|| of_its_pieces(case))
}

/// The finding about content that the index or the manifest names.
fn of_its_pieces(case: &Case<'_>) -> Option<Finding> {
    let pieces = pieces(case);
    let other: Vec<_> = pieces.iter().filter_map(|piece| Some((piece, wrong_bytes(&piece.part)?))).collect();
    let (Piece { name, needed, part }, (id, _, found)) =
        other.iter().find(|(piece, _)| piece.needed).or(other.first())?;
    let asked = part.digest.as_ref()?;
    let title = format!("{name} does not match its digest");
    let quote = format!("body has the digest {found}");
    let finding = if *needed {
        Finding::error(ExitStatus::Integrity, title, *id, quote)
    } else {
        Finding::warning(title, *id, quote)
    };
    let more = match other.len() {
        1 => String::new(),
        2 => " 1 more differs as well.".to_owned(),
        many => format!(" {} more differ as well.", many - 1),
    };
    Some(with_fixes(finding.cause(format!(
        "The requested digest is {asked}, that of the served bytes {found}.{} Clients reject them.{more}",
        digest_remark(found)
    ))))
}

fn of_the_reference(case: &Case<'_>) -> Option<Finding> {
    let asked = case.reference().digest()?;
    let (id, response, _) = whole(case)?;
    let found = response.body.digest(asked.algorithm());
    if found == *asked {
        return None;
    }
    let title = "content does not match the requested digest";
    let finding =
        Finding::error(ExitStatus::Integrity, title, id, format!("body has the digest {found}")).cause(format!(
            "The requested digest is {asked}, that of the served bytes {found}.{} Clients reject them.",
            digest_remark(&found)
        ));
    Some(with_fixes(finding))
}

fn with_fixes(finding: Finding) -> Finding {
    finding
        .fix("Retry without the proxy or mirror to find out where the bytes change.")
        .fix("Ask the operator of the registry to check its storage and caches.")
}
