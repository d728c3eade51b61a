use super::who;
use crate::diagnosis::case::accept::{Served, a_document, asks, stored};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Observation, Variant};
use crate::oci::media_type;

rule! {
    /// Some clients are served docker v1, which is not what is stored.
    ///
    /// ## What it means
    /// For clients that do not name the type that is stored, the registry makes a docker v1 (schema 1) manifest on the
    /// way. Current clients refuse it. Its digest is not that of the stored document, and nothing can be asked for by
    /// it.
    ///
    /// ## How it is recognised
    /// One `Accept` is served docker v1 that it did not ask for, another one the stored document.
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
        let title = format!("it is {}, and this client is served docker v1 instead", a_document(kind));
        Finding::error(ExitStatus::NotAcceptable, title, *id, quote)
    } else {
        Finding::info("some clients are served docker v1, which is not what is stored", *id, quote)
    };
    let digest = |observation: &Observation| match observation.digest() {
        Some(digest) => digest.short().to_owned(),
        None => "no digest".to_owned(),
    };
    let finding = finding
        .because(shown, format!("200 {kind}"))
        .cause(format!(
            "Stored is {} ({}). This registry makes docker v1 ({}) of it for clients that do not name that \
             type; nothing can be pulled by that digest. Served docker v1: {}.",
            a_document(kind),
            digest(&stored),
            digest(served),
            who(downgraded.iter().map(|(variant, ..)| *variant))
        ))
        .fix(format!("Name {kind} in the Accept header, and take digests only from such an answer."));
    Some(finding)
}

/// Those who were served schema 1 without naming it.
fn downgraded<'a>(case: &Case<'a>) -> Vec<Served<'a>> {
    let named = |variant: &Variant| {
        super::names(variant, media_type::DOCKER_V1) || super::names(variant, media_type::DOCKER_V1_SIGNED)
    };
    let served = case.all_served();
    served.iter().filter(|(variant, _, observation)| observation.is_schema1() && !named(variant)).cloned().collect()
}
