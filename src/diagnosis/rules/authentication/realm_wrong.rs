use crate::diagnosis::case::credentials::story;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, Failure, FailureKind, Outcome};
use crate::oci::Origin;
use crate::oci::address::{AddressClass, address_class, is_private_name};

rule! {
    /// The registry names a token service that cannot be the right one.
    ///
    /// ## What it means
    /// Without a token nobody can pull. That the token service is on another host is normal; that it is plain HTTP
    /// behind an HTTPS registry, no address at all, a name that only the operator's own network knows, or nothing that
    /// gives out tokens, is a fault of the registry's set-up.
    ///
    /// ## How it is recognised
    /// The realm of the challenge was refused before anything was sent there, or what answers at it has no token
    /// service; or the realm is a private name or address that cannot be reached, and the registry is not; or it is the
    /// registry's own host at another port, where nobody answers.
    ///
    /// ## What to do
    /// Whoever runs the registry has to correct the realm: `external_url` in Harbor and GitLab, `auth.token.realm` in
    /// distribution, and `X-Forwarded-Proto` where a proxy stands in front.
    ///
    /// ## References
    /// goharbor/harbor#3114; goharbor/harbor#20028; RFC 9110 §11.6.1
    "realm-wrong" in Authentication, instead_of: ["realm-unreachable"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let story = story(case)?;
    let fix = "Whoever runs the registry has to correct the realm in its configuration.";
    if let Outcome::RealmRefused(reason) = &story.outcome {
        let id = story.challenged_by?;
        let title = "the registry names a token service that cannot be used";
        let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
            .cause(format!("Nothing was sent to it: {reason}."))
            .fix(fix);
        return Some(finding);
    }
    if let Some((id, failure)) = only_known_inside(case) {
        let service = case.host_of(id);
        let registry = case.reference().registry();
        let title = "the registry names a token service that only its own network knows";
        let finding = Finding::error(ExitStatus::Unauthenticated, title, id, failure.message.clone())
            .because(story.challenged_by?, case.words(story.challenged_by?))
            .cause(format!(
                "{registry} sends its clients to {service} for a token. That is a private name or address, which means \
                 nothing here: {}.",
                failure.message.printable_within(160)
            ))
            .fix(fix)
            .fix(format!("If you belong to that network: connect to it (VPN), and have {service} resolve there."));
        return Some(finding);
    }
    if let Some((id, failure)) = port_left_out(case) {
        let service = case.host_of(id);
        let registry = case.reference().registry();
        let finding = Finding::error(
            ExitStatus::Unauthenticated,
            "the realm lacks the registry's port",
            id,
            failure.message.clone(),
        )
        .because(story.challenged_by?, case.words(story.challenged_by?))
        .likely()
        .cause(format!(
            "The registry answers at {registry} and sends its clients to {service} for a token: the same host at another \
             port, where nobody answers ({}). Most likely its own address was set without the port.",
            failure.message.printable_within(160)
        ))
        .fix(fix);
        return Some(finding);
    }
    let absent = |status: u16| matches!(status, 404 | 405 | 410);
    let (id, response) = case.token_answer().filter(|(_, response)| absent(response.status))?;
    if story.outcome != Outcome::TokenRefused {
        return None;
    }
    let service = case.host_of(id);
    let title = format!("there is no token service at {service}, where the registry says it is");
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
        .likely()
        .cause(format!(
            "The request for a token was answered with {}. Most likely the realm is wrong.",
            response.status
        ))
        .fix(fix);
    Some(finding)
}

/// The failed request to a token service on the registry's own host, at another port, where the registry has a port of its
/// own.
fn port_left_out<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Failure)> {
    let story = story(case).filter(|story| story.outcome == Outcome::RealmUnreachable)?;
    let service = story.token?;
    let exchange = case.journal().get(service);
    let failure = exchange.failure.as_ref()?;
    let realm = Origin::of(&exchange.request.url)?;
    let registry = case.reference().registry();
    let nobody = matches!(failure.kind, FailureKind::Refused | FailureKind::Unreachable | FailureKind::Timeout(_));
    let left_out = realm.host() == registry.name() && registry.port().is_some_and(|port| port != realm.port());
    (nobody && left_out).then_some((service, failure))
}

/// The failed request to a token service with a name or an address of somebody's own network, where the registry itself
/// is not in such a network.
fn only_known_inside<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Failure)> {
    let story = story(case).filter(|story| story.outcome == Outcome::RealmUnreachable)?;
    let (registry, service) = (story.challenged_by?, story.token?);
    let failure = case.journal().get(service).failure.as_ref()?;
    let not_there = matches!(
        failure.kind,
        FailureKind::Dns | FailureKind::Refused | FailureKind::Unreachable | FailureKind::Timeout(_)
    );
    // By what is written in the addresses: what a public name leads to may differ from place to place.
    let is_private = |id: ExchangeId| {
        let url = &case.journal().get(id).request.url;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let address = host.parse().map(address_class);
        is_private_name(&host) || matches!(address, Ok(AddressClass::Private | AddressClass::Loopback))
    };
    let inside = is_private(service) && !is_private(registry);
    (not_there && inside).then_some((service, failure))
}
