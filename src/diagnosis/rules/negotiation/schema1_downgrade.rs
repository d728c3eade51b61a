use super::variant_names;
use crate::diagnosis::case::accept::{Served, a_document, asks, stored};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Observation, Variant};
use crate::oci::media_type;

rule! {
    /// Some clients get Docker schema 1 instead of the stored type
    ///
    /// ## What it means
    /// For clients that do not name the stored type, the registry converts it to a Docker schema 1 manifest. Current
    /// clients reject that. Its digest is not that of the stored document, and nothing can be requested by it.
    ///
    /// ## How it is recognised
    /// One `Accept` header gets Docker schema 1 that it did not request, another one the stored document.
    ///
    /// ## What to do
    /// Name the stored type in the `Accept` header, and take digests only from such an answer.
    ///
    /// ## References
    /// distribution-spec, content negotiation; distribution/distribution#1444; cue-labs/oci#22
    "schema1-downgrade" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (_, shown, stored) = stored(case)?;
    let downgraded = downgraded(case);
    let asking =
        downgraded.iter().find(|(variant, _, served)| asks(case, variant) && !variant.accepts(served.served.as_str()));
    let (_, id, served) = asking.or(downgraded.first())?;
    let kind = stored.served.as_str();
    let quote = format!("200 {}", served.served.as_str());
    let finding = if asking.is_some() {
        let title = format!("stored as {}, but this client is served Docker schema 1", a_document(kind));
        Finding::error(ExitStatus::NotAcceptable, title, *id, quote)
    } else {
        Finding::info("some clients get Docker schema 1 instead of the stored type", *id, quote)
    };
    let digest = |observation: &Observation| match observation.digest() {
        Some(digest) => digest.short().to_owned(),
        None => "no digest".to_owned(),
    };
    let finding = finding
        .because(shown, format!("200 {kind}"))
        .cause(format!(
            "The registry stores {} ({}). For clients that do not name this type, it makes Docker schema 1 ({}); \
             nothing can be pulled by that digest. Served Docker schema 1: {}.",
            a_document(kind),
            digest(&stored),
            digest(served),
            variant_names(downgraded.iter().map(|(variant, ..)| *variant))
        ))
        .fix(format!("Name {kind} in the Accept header, and take digests only from such an answer."));
    Some(finding)
}

/// The variants that were served schema 1 without naming it.
fn downgraded<'a>(case: &Case<'a>) -> Vec<Served<'a>> {
    let named = |variant: &Variant| {
        super::names(variant, media_type::DOCKER_V1) || super::names(variant, media_type::DOCKER_V1_SIGNED)
    };
    let served = case.all_served();
    served.iter().filter(|(variant, _, observation)| observation.is_schema1() && !named(variant)).cloned().collect()
}
