//! The way through authentication, step by step, in sentences. What a server said in them is printable, and what is secret
//! in addresses is for the caller to take out.

use crate::evidence::{Authentication, CredentialUse, Journal, Outcome};

/// What the registry asked for, what was answered, and how it ended. Empty where it asked for nothing.
pub fn authentication_steps(story: &Authentication, journal: &Journal) -> Vec<String> {
    let Some(challenged_by) = story.challenged_by else { return Vec::new() };
    let mut steps = Vec::new();
    if let Some(seen) = &story.challenge {
        let mut challenge = format!("#{}  Challenge: {}", challenged_by, seen.scheme.quoted_within(40));
        let named = [("realm", &seen.realm), ("service", &seen.service), ("scope", &seen.scope)];
        for (name, value) in named {
            challenge.extend(value.as_ref().map(|value| format!(", {name} {}", value.quoted_within(160))));
        }
        steps.push(format!("{challenge}."));
        steps.extend(seen.remarks.iter().cloned());
    } else {
        steps.push(format!("#{}  The registry returned 401.", challenged_by));
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
        steps.push(format!("#{}  Token request {who}: {came}{shape}.", token));
        steps.extend(story.token_remarks.iter().cloned());
    }
    let end = match &story.outcome {
        Outcome::NotAsked => return steps,
        Outcome::Accepted => "The credentials were accepted.".to_owned(),
        Outcome::Unjudged => {
            "Something in front of the registry answered, so it is unknown whether the credentials are valid."
                .to_owned()
        }
        Outcome::CredentialsMissing if story.is_withheld() => {
            "It requires a user name and password, and yours were not sent over plain HTTP.".to_owned()
        }
        Outcome::CredentialsMissing => "It requires a user name and password; none are available.".to_owned(),
        Outcome::Rejected => "The credentials were rejected: 401 again.".to_owned(),
        Outcome::TokenRefused => "The token service rejected the request.".to_owned(),
        Outcome::TokenUnusable(reason) => format!("The token service's answer is unusable: {reason}."),
        Outcome::RealmUnreachable => "The token service cannot be reached.".to_owned(),
        Outcome::RealmRefused(reason) => format!("The token service is not asked: {reason}."),
        Outcome::RealmNotTrusted(host) => {
            format!("The token service was not asked: {} is not trusted with the credentials.", host.named_within(120))
        }
        Outcome::ChallengeUnusable(reason) => format!("The challenge cannot be answered: {reason}."),
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
            let expected = format!("#1  Challenge: “{shown}”, service “{shown}”, scope “{shown}”.");
            assert_eq!(steps(word, word, word)[0], expected);
        }
    }
}
