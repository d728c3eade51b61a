use crate::diagnosis::case::accept::{asks, stored};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::variant;

rule! {
    /// Image exists only as Docker schema 1
    ///
    /// ## What it means
    /// Docker schema 1 (image manifest version 2, schema 1) is the format of before 2016. The image was never pushed
    /// again, or an old proxy or mirror makes it from a newer one. Docker and containerd no longer accept it.
    ///
    /// ## How it is recognised
    /// The registry serves nothing newer than schema 1, whatever the `Accept` header.
    ///
    /// ## What to do
    /// Push the image again in a current format: `skopeo copy --format v2s2 docker://OLD docker://NEW`. If it comes
    /// through a proxy or mirror, ask the upstream registry directly.
    ///
    /// ## References
    /// moby/moby#50036; docker/cli#4938; google/go-containerregistry#377; wagoodman/dive#541
    "schema1-only-image" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    // Registries convert images for clients that accept anything. Only the answer to current clients shows what there is; a
    // log of another client lacks it.
    if stored(case).is_some() || case.answer(variant::ALL).is_none() {
        return None;
    }
    let all = case.all_served();
    let served: Vec<_> = all.iter().filter(|(_, _, observation)| observation.is_schema1()).collect();
    let asking = served.iter().find(|(variant, ..)| asks(case, variant));
    let (_, id, observation) = asking.or(served.first())?;
    let accepted = asking.is_some() && case.asking()?.accepts(observation.served.as_str());
    let quote = format!("200 {}", observation.served.as_str());
    let finding = if accepted {
        Finding::warning("image is Docker schema 1, which current clients reject", *id, quote)
    } else {
        let title = "image is Docker schema 1, which this client does not accept";
        let finding = Finding::error(ExitStatus::NotAcceptable, title, *id, quote);
        match case.refusal() {
            Some((refusal, _)) => finding.because(refusal, case.words(refusal)),
            None => finding,
        }
    };
    let finding = finding
        .cause(
            "The registry serves nothing newer than Docker schema 1, whatever the Accept header. Current clients no \
             longer accept this format, which is from before 2016. Either the image is that old, or an old proxy or \
             mirror is in between.",
        )
        .fix("Push it again in a current format: skopeo copy --format v2s2 docker://OLD docker://NEW.")
        .fix("If this is a mirror or a proxy, ask its upstream registry directly.");
    Some(finding)
}
