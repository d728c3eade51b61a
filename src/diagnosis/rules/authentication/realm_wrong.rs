use crate::diagnosis::case::credentials::story;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, Failure, FailureKind, Outcome};
use crate::oci::Origin;
use crate::oci::address::{AddressClass, address_class, is_private_name};

rule! {
    /// Registry names a token service that cannot be right
    ///
    /// ## What it means
    /// Without a token, no client can pull. A token service on another host is normal. The registry is misconfigured if
    /// its realm is plain HTTP while the registry uses HTTPS, if it is not an address, if only the operator's own
    /// network knows its name, or if nothing there issues tokens.
    ///
    /// ## How it is recognised
    /// The realm of the challenge was rejected before anything was sent there, or the server at the realm has no token
    /// service; or the realm is a private name or address that is unreachable, while the registry's is not private; or
    /// the realm is the registry's own host at another port, where nothing answers.
    ///
    /// ## What to do
    /// The registry operator has to correct the realm: `external_url` in Harbor and GitLab, `auth.token.realm` in
    /// distribution, and `X-Forwarded-Proto` if there is a proxy in front of the registry.
    ///
    /// ## References
    /// goharbor/harbor#3114; goharbor/harbor#20028; RFC 9110 §11.6.1
    "realm-wrong" in Authentication, instead_of: ["realm-unreachable"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let authentication = story(case)?;
    let fix = "Ask the registry operator to correct the realm in the configuration.";
    if let Outcome::RealmRefused(reason) = &authentication.outcome {
        let id = authentication.challenged_by?;
        let title = "registry names an unusable token service";
        let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
            .cause(format!("Nothing was sent to the token service: {reason}."))
            .fix(fix);
        return Some(finding);
    }
    if let Some((id, failure)) = private_service(case) {
        let service = case.host_of(id);
        let registry = case.reference().registry();
        let title = "token service has a private name or address";
        let finding = Finding::error(ExitStatus::Unauthenticated, title, id, failure.message.clone())
            .because(authentication.challenged_by?, case.words(authentication.challenged_by?))
            .cause(format!(
                "{registry} names {service} as its token service. That is a private name or address, which does not \
                 work from here: {}.",
                failure.message.printable_within(160)
            ))
            .fix(fix)
            .fix(format!("If you have access to that network, connect to it (VPN) and make {service} resolve there."));
        return Some(finding);
    }
    if let Some((id, failure)) = port_left_out(case) {
        let service = case.host_of(id);
        let registry = case.reference().registry();
        let finding = Finding::error(
            ExitStatus::Unauthenticated,
            "realm lacks the registry's port",
            id,
            failure.message.clone(),
        )
        .because(authentication.challenged_by?, case.words(authentication.challenged_by?))
        .likely()
        .cause(format!(
            "The registry answers at {registry} and names {service} as its token service: the same host at another \
             port, where nothing answers ({}). Most likely its own address was configured without the port.",
            failure.message.printable_within(160)
        ))
        .fix(fix);
        return Some(finding);
    }
    let absent = |status: u16| matches!(status, 404 | 405 | 410);
    let (id, response) = case.token_answer().filter(|(_, response)| absent(response.status))?;
    if authentication.outcome != Outcome::TokenRefused {
        return None;
    }
    let service = case.host_of(id);
    let title = format!("no token service at {service}");
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
        .likely()
        .cause(format!(
            "The registry names {service} as its token service, but the request for a token got {}. Most likely the \
             realm is wrong.",
            response.status
        ))
        .fix(fix);
    Some(finding)
}

/// The failed request to a token service on the registry's own host, at another port than the one in the registry's
/// address.
fn port_left_out<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Failure)> {
    let authentication = story(case).filter(|authentication| authentication.outcome == Outcome::RealmUnreachable)?;
    let service = authentication.token?;
    let exchange = case.journal().get(service);
    let failure = exchange.failure.as_ref()?;
    let realm = Origin::of(&exchange.request.url)?;
    let registry = case.reference().registry();
    let is_silent = matches!(failure.kind, FailureKind::Refused | FailureKind::Unreachable | FailureKind::Timeout(_));
    let left_out = realm.host() == registry.name() && registry.port().is_some_and(|port| port != realm.port());
    (is_silent && left_out).then_some((service, failure))
}

/// The failed request to a token service with a private name or address, if the registry itself does not have one.
fn private_service<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Failure)> {
    let authentication = story(case).filter(|authentication| authentication.outcome == Outcome::RealmUnreachable)?;
    let (registry, service) = (authentication.challenged_by?, authentication.token?);
    let failure = case.journal().get(service).failure.as_ref()?;
    let is_silent = matches!(
        failure.kind,
        FailureKind::Dns | FailureKind::Refused | FailureKind::Unreachable | FailureKind::Timeout(_)
    );
    // Judged by the addresses as they are written: a public name may resolve differently from place to place.
    let is_private = |id: ExchangeId| {
        let url = &case.journal().get(id).request.url;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let address = host.parse().map(address_class);
        is_private_name(&host) || matches!(address, Ok(AddressClass::Private | AddressClass::Loopback))
    };
    let inside = is_private(service) && !is_private(registry);
    (is_silent && inside).then_some((service, failure))
}
