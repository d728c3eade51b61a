use crate::diagnosis::case::accept::{a_document, stored};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::Observation;
use crate::image::Descriptor;
use crate::oci::Digest;

rule! {
    /// Digest of the tag depends on the `Accept` header
    ///
    /// ## What it means
    /// The registry serves one document to clients that accept indexes, and another one, most often the image for
    /// linux/amd64, to clients that do not. Both digests are right, each for its document. Tools that compare them
    /// report changes that did not happen.
    ///
    /// ## How it is recognised
    /// Two `Accept` headers get documents with two digests, neither of them schema 1.
    ///
    /// ## What to do
    /// Compare digests only under the same `Accept` header, and pin the digest of the list or index.
    ///
    /// ## References
    /// distribution/distribution#2395; containerd/containerd#4397; containers/skopeo#1075
    "digest-depends-on-accept" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (_, shown, stored) = stored(case)?;
    let digest = stored.digest()?.clone();
    let served = case.all_served();
    let other = served.iter().find(|(_, _, observation)| {
        !observation.is_schema1() && observation.digest().is_some_and(|other| *other != digest)
    });
    let (variant, id, other) = other.cloned()?;
    let found = other.digest()?;
    let (stored_kind, other_kind) = (stored.served.as_str(), other.served.as_str());
    let reading = match child_of(&stored, found) {
        Some(child) => {
            let platform = child.platform.map(|platform| format!(" for {}", platform.text().named_within(40)));
            format!(
                " It is the image{} in that {}.",
                platform.unwrap_or_default(),
                super::media_type::plain_words(stored_kind).unwrap_or("index")
            )
        }
        None if stored_kind == other_kind => {
            " Both have the same type: the tag was moved in between, or two servers disagree.".to_owned()
        }
        None => String::new(),
    };
    let title = "digest depends on the Accept header";
    // A registry may serve a list or one of its images, but only one document of each type.
    let finding = if stored_kind == other_kind {
        Finding::warning(title, id, found.to_string())
    } else {
        Finding::info(title, id, found.to_string())
    };
    let finding = finding
        .because(shown, digest.to_string())
        .cause(format!(
            "Current clients get {} with the digest {}. A client that asks for {} gets {} with the digest {}.{reading}",
            a_document(stored_kind),
            digest.short(),
            variant.words(),
            a_document(other_kind),
            found.short()
        ))
        .fix("Compare digests only under the same Accept header, and pin the digest that current clients get.");
    Some(finding)
}

/// The entry of an index with this digest.
fn child_of(index: &Observation, digest: &Digest) -> Option<Descriptor> {
    let entries = index.document.as_ref()?.manifests();
    entries.into_iter().find(|entry| entry.digest.as_str() == digest.to_string())
}
