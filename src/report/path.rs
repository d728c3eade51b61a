//! The way through authentication, step by step, in sentences. What a server said in them is printable, and what is secret
//! in addresses is for the caller to take out.

use crate::evidence::{Authentication, CredentialUse, Journal, Outcome};

/// What the registry asked for, what was answered, and how it ended. Empty where it asked for nothing.
pub fn authentication_steps(story: &Authentication, journal: &Journal) -> Vec<String> {
    let Some(challenged_by) = story.challenged_by else { return Vec::new() };
    let mut steps = Vec::new();
    if let Some(seen) = &story.challenge {
        let mut challenge = format!("#{}  The registry asks for {}", challenged_by, seen.scheme.quoted_within(40));
        let named = [("realm", &seen.realm), ("service", &seen.service), ("scope", &seen.scope)];
        for (name, value) in named {
            challenge.extend(value.as_ref().map(|value| format!(", {name} {}", value.quoted_within(160))));
        }
        steps.push(format!("{challenge}."));
        steps.extend(seen.remarks.iter().cloned());
    } else {
        steps.push(format!("#{}  The registry answers 401.", challenged_by));
    }
    let who = match story.credential {
        CredentialUse::Anonymous if story.is_withheld() => "without the login, which was not sent over plain HTTP",
        CredentialUse::Anonymous => "without credentials",
        CredentialUse::Given => "with your credentials",
        CredentialUse::Stored => "with the stored credential",
    };
    if let Some(token) = story.token {
        let exchange = journal.get(token);
        let came = match (exchange.status(), &exchange.failure) {
            (Some(status), _) => status.to_string(),
            (None, Some(failure)) => failure.message.printable_within(160),
            (None, None) => "no answer".to_owned(),
        };
        let shape = story.token_shape.as_ref().map(|shape| format!(": a token ({shape})")).unwrap_or_default();
        steps.push(format!("#{}  The token service is asked {who}: {came}{shape}.", token));
        steps.extend(story.token_remarks.iter().cloned());
    }
    let end = match &story.outcome {
        Outcome::NotAsked => return steps,
        Outcome::Accepted => "What was sent is accepted.".to_owned(),
        Outcome::Unjudged => {
            "Something in front of the registry answered, so it is not known whether what was sent is good.".to_owned()
        }
        Outcome::CredentialsMissing if story.is_withheld() => {
            "It wants a user name and a password, and yours were not sent over plain HTTP.".to_owned()
        }
        Outcome::CredentialsMissing => "It wants a user name and a password, and there are none.".to_owned(),
        Outcome::Rejected => "What was sent is refused with 401 again.".to_owned(),
        Outcome::TokenRefused => "The token service refuses.".to_owned(),
        Outcome::TokenUnusable(reason) => format!("The answer of the token service cannot be used: {reason}."),
        Outcome::RealmUnreachable => "The token service cannot be reached.".to_owned(),
        Outcome::RealmRefused(reason) => format!("The token service is not asked: {reason}."),
        Outcome::RealmNotTrusted(host) => {
            format!("The token service is not asked: nobody said that {} may have them.", host.named_within(120))
        }
        Outcome::ChallengeUnusable(reason) => format!("There is no way to answer: {reason}."),
    };
    steps.push(end);
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::ChallengeSeen;
    use crate::text::Untrusted;

    fn steps(scheme: &str, service: &str, scope: &str) -> Vec<String> {
        let seen = ChallengeSeen {
            scheme: scheme.into(),
            realm: None,
            service: Some(service.into()),
            scope: Some(scope.into()),
            remarks: Vec::new(),
        };
        let mut journal = Journal::default();
        let challenged_by = journal.enter(crate::evidence::testing::answered("http://r.test/", 401, &[], ""));
        let story = Authentication {
            challenged_by: Some(challenged_by),
            challenge: Some(seen),
            outcome: Outcome::Accepted,
            ..Authentication::not_asked(CredentialUse::Anonymous)
        };
        authentication_steps(&story, &journal)
    }

    /// A plain word would read as a sentence of ours: "the registry asks for nothing, service granted".
    #[test]
    fn scheme_service_and_scope_of_a_challenge_are_quoted() {
        for word in ["Bearer", "nothing", "granted", "registry.test", "repository:a/b:pull", "✓", "a, scope b", "x”y"]
        {
            let shown = Untrusted::from(word).printable().replace('”', "\"");
            let expected = format!("#1  The registry asks for “{shown}”, service “{shown}”, scope “{shown}”.");
            assert_eq!(steps(word, word, word)[0], expected);
        }
    }
}
