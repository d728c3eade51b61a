use super::{Piece, is_other, known, pieces, whole};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// What was served does not have the digest that was asked for.
    ///
    /// ## What it means
    /// A digest names bytes, and these are others. Every client refuses them. Storage or a cache is damaged, or
    /// something on the way changes what is sent.
    ///
    /// ## How it is recognised
    /// The digest of the bytes that came differs from the one in the reference, or from the one by which an index or a
    /// manifest names them. Layers are checked where the few bytes that are fetched are all of them. Signed docker v1
    /// manifests are left out, because their digest does not cover all of their bytes.
    ///
    /// ## What to do
    /// Ask twice: the same wrong digest both times means storage or cache, another one the way. Then ask without the
    /// proxy or mirror.
    ///
    /// ## References
    /// image-spec, digests; containerd/containerd#4908; distribution/distribution#4890
    "content-does-not-match-digest" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    of_the_reference(case).or_else(|| of_its_pieces(case))
}

/// What the index or the manifest names by its digest.
fn of_its_pieces(case: &Case<'_>) -> Option<Finding> {
    let pieces = pieces(case);
    let other: Vec<_> = pieces.iter().filter_map(|piece| Some((piece, is_other(&piece.part)?))).collect();
    let (Piece { name, needed, part }, (id, _, found)) =
        other.iter().find(|(piece, _)| piece.needed).or(other.first())?;
    let asked = part.digest.as_ref()?;
    let title = format!("what is served for {name} does not have its digest");
    let quote = format!("computed from the bytes: {found}");
    let finding = if *needed {
        Finding::error(ExitStatus::Integrity, title, *id, quote)
    } else {
        Finding::warning(title, *id, quote)
    };
    let more = match other.len() {
        1 => String::new(),
        2 => " One more differs as well.".to_owned(),
        many => format!(" {} more differ as well.", many - 1),
    };
    Some(with_fixes(finding.cause(format!(
        "Asked for was {asked}. What came has the digest {found}.{} Clients refuse it.{more}",
        known(found)
    ))))
}

fn of_the_reference(case: &Case<'_>) -> Option<Finding> {
    let asked = case.reference().digest()?;
    let (id, response, _) = whole(case)?;
    let found = response.body.digest(asked.algorithm());
    if found == *asked {
        return None;
    }
    let title = "what is served does not have the digest that was asked for";
    let finding = Finding::error(ExitStatus::Integrity, title, id, format!("computed from the bytes: {found}"))
        .cause(format!("Asked for was {asked}. What came has the digest {found}.{} Clients refuse it.", known(&found)));
    Some(with_fixes(finding))
}

fn with_fixes(finding: Finding) -> Finding {
    finding
        .fix("Ask again without proxy or mirror, to find out where the bytes change.")
        .fix("Whoever runs the registry has to check its storage and caches.")
}
