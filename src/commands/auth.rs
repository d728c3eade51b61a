//! `auth`: how a registry asks who one is, and what comes of it, step by step.

use clap::Args;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::fetched::{Refusal, begin, explained, head, object, request_line};
use super::{CommandError, Output};
use crate::auth::realm::Trust;
use crate::diagnosis::{ExitStatus, Finding};
use crate::evidence::{
    Authentication, CredentialForm, CredentialUse, ExchangeId, FailureKind, Method, Outcome, Query, Redactor,
    TokenClaims,
};
use crate::report::{
    Block, Document, Label, Span, authentication_steps, finding_as_json, origin_in_words, plain, trail_as_json,
    trail_in_words,
};
use crate::session::{Conversation, Session};
use crate::text::Untrusted;

/// The name of this form.
const SCHEMA: &str = "ociscope.auth/1";

/// By how many seconds clocks may differ without anybody noticing.
const SKEW: i64 = 30;

/// What `auth` is told.
#[derive(Debug, Args)]
pub struct AuthArguments {
    /// The image that is to be pulled, as any tool writes it
    #[arg(value_name = "REF")]
    pub(super) reference: String,
}

impl AuthArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let mut conversation = begin(session, &self.reference).await?;
        // By HEAD: a pull is not counted, and what is stored does not matter here.
        let mut answer = conversation.answer(&Query::manifest(Method::Head, &[])).await?;
        // Words come with GET alone. What is refused is not counted, and what was granted is used again.
        if matches!(conversation.journal().get(answer).status(), Some(400 | 402 | 403 | 405..=409 | 411..=428 | 430..))
        {
            answer = conversation.answer(&Query::manifest(Method::Get, &[])).await?;
        }
        let (exit, findings) = judged(&conversation, answer);
        let mut redactor = conversation.redactor();
        let mut document = head(&conversation);
        let story = conversation.authentication();
        let registry = conversation.reference().registry().to_string();
        let user = conversation.user().map(|user| user.named_within(60));
        let who = match story.credential {
            CredentialUse::Anonymous => "anonymous".to_owned(),
            CredentialUse::Given => match &user {
                Some(user) => format!("{user}, with the password that was given"),
                None => "with the login that was given".to_owned(),
            },
            CredentialUse::Stored => {
                let form = conversation.trail().chosen().and_then(|step| step.seen.form());
                let form = form.map_or("a credential", CredentialForm::words);
                let origin = origin_in_words(conversation.trail(), &registry).unwrap_or_default();
                let user = user.map(|user| format!("{user}, ")).unwrap_or_default();
                format!("{user}with {form} {origin}")
            }
        };
        document.push(labelled("as", &who));
        document.extend(conversation.withheld().map(|words| labelled("", words)));
        for (number, step) in trail_in_words(conversation.trail(), &registry).iter().enumerate() {
            document.push(labelled(if number == 0 { "stored" } else { "" }, step));
        }
        steps(&conversation, answer, &mut redactor, &mut document);
        document.extend(realm_words(&conversation).map(|words| labelled("realm", &words)));
        document.extend(story.token_claims.iter().flat_map(|claims| claimed(claims, story, &conversation)));
        let (sentence, label) = verdict(story, conversation.journal().get(answer).status());
        document.push(Block::Text(vec![Span::new(sentence, label)]));
        document.push(request_line(&conversation, answer, None, &mut redactor));
        findings.iter().for_each(|finding| explained(finding, &conversation, &mut redactor, &mut document));
        let object = as_json(&conversation, answer, &findings, &mut redactor);
        output.fetched(&document, &object, &mut redactor)?;
        Ok(exit)
    }
}

fn labelled(label: &'static str, words: &str) -> Block {
    Block::Labelled { label, line: vec![plain(words)], command: None }
}

/// What comes of it. Whoever is told that there is nothing of that name has been let in.
fn judged(conversation: &Conversation<'_>, answer: ExchangeId) -> (ExitStatus, Vec<Finding>) {
    let exchange = conversation.journal().get(answer);
    match (exchange.status(), &exchange.failure) {
        (_, Some(failure)) if failure.kind == FailureKind::Interrupted => (ExitStatus::Interrupted, Vec::new()),
        (Some(200..=399 | 404 | 410), None) => (ExitStatus::Success, Vec::new()),
        _ => {
            let refusal = Refusal::judged(answer, conversation.judge(answer, &[]), None);
            (refusal.exit, refusal.findings)
        }
    }
}

fn steps(conversation: &Conversation<'_>, answer: ExchangeId, redactor: &mut Redactor, document: &mut Document) {
    let story = conversation.authentication();
    let steps = authentication_steps(story, conversation.journal());
    if steps.is_empty() {
        let asked = conversation.journal().get(answer).response.is_some();
        let words = if asked { "The registry asks nobody who they are." } else { "There was no answer." };
        document.push(labelled("steps", words));
    }
    for (number, step) in steps.iter().enumerate() {
        let label = if number == 0 { "steps" } else { "" };
        document.push(labelled(label, &redactor.text(step)));
    }
}

/// Whether the realm may have credentials, and why.
fn realm_words(conversation: &Conversation<'_>) -> Option<String> {
    let (host, trust) = conversation.realm()?;
    let host = host.named_within(120);
    let registry = conversation.reference().registry();
    Some(match trust {
        Trust::SameOrigin => format!("{host}, the registry itself; it may have credentials"),
        Trust::KnownPair => format!("{host}, which is known to belong to {registry}; it may have credentials"),
        Trust::TrustedByUser => format!("{host}, which you trust with the credentials for {registry}"),
        Trust::OtherOrigin => {
            format!("{host}, another host, which is given no credentials unless --trust-realm names it")
        }
    })
}

/// What the token says of itself.
fn claimed(claims: &TokenClaims, story: &Authentication, conversation: &Conversation<'_>) -> Vec<Block> {
    let mut rows = Vec::new();
    if let Some(actions) = &claims.actions {
        let actions: Vec<_> = actions.iter().map(|action| action.quoted_within(40)).collect();
        let repository = conversation.reference().repository();
        rows.push(match actions.is_empty() {
            true => labelled("grants", &format!("nothing in {repository}")),
            false => labelled("grants", &format!("{} in {repository}", actions.join(", "))),
        });
    }
    let from = claims.not_before.or(claims.issued_at).and_then(moment);
    let until = claims.expires.and_then(moment);
    rows.extend(match (from, until) {
        (None, None) => None,
        (Some(from), None) => Some(labelled("good", &format!("from {from}"))),
        (None, Some(until)) => Some(labelled("good", &format!("until {until}"))),
        (Some(from), Some(until)) => Some(labelled("good", &format!("from {from} until {until}"))),
    });
    let by = |id: Option<ExchangeId>| conversation.journal().get(id?).response.as_ref()?.date();
    if let (Some(registry), Some(service)) = (by(story.challenged_by), by(story.token))
        && (registry - service).abs() > SKEW
    {
        let words = format!("the registry's clock and the token service's differ by {} s", (registry - service).abs());
        rows.push(labelled("clocks", &words));
    }
    rows
}

fn moment(seconds: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(seconds).ok()?.format(&Rfc3339).ok()
}

fn verdict(story: &Authentication, status: Option<u16>) -> (&'static str, Label) {
    match (&story.outcome, status) {
        (Outcome::NotAsked, Some(200..=399)) => ("✓ nobody is asked who they are", Label::Good),
        (Outcome::NotAsked, Some(404 | 410)) => {
            ("nobody is asked who they are, and there is nothing here", Label::Caution)
        }
        (Outcome::Accepted, Some(200..=399)) => ("✓ let in", Label::Good),
        (Outcome::Accepted, Some(404 | 410)) => {
            ("let in, or at least not refused; there is nothing here", Label::Caution)
        }
        (Outcome::Unjudged, _) => ("✗ something in front of the registry answered", Label::Bad),
        (_, Some(403)) => ("✗ known, and not allowed", Label::Bad),
        (_, None) => ("✗ no answer", Label::Bad),
        _ => ("✗ not let in", Label::Bad),
    }
}

fn outcome_name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::NotAsked => "not_asked",
        Outcome::Accepted => "accepted",
        Outcome::Unjudged => "unjudged",
        Outcome::CredentialsMissing => "credentials_missing",
        Outcome::Rejected => "rejected",
        Outcome::TokenRefused => "token_refused",
        Outcome::TokenUnusable(_) => "token_unusable",
        Outcome::RealmUnreachable => "realm_unreachable",
        Outcome::RealmRefused(_) => "realm_refused",
        Outcome::RealmNotTrusted(_) => "realm_not_trusted",
        Outcome::ChallengeUnusable(_) => "challenge_unusable",
    }
}

fn as_json(
    conversation: &Conversation<'_>,
    answer: ExchangeId,
    findings: &[Finding],
    redactor: &mut Redactor,
) -> Value {
    let story = conversation.authentication();
    let text = |value: &Option<Untrusted>| value.as_ref().map(|value| value.as_str().to_owned());
    let challenge = story.challenge.as_ref().map(|seen| {
        json!({
            "exchange": story.challenged_by,
            "scheme": seen.scheme.as_str(),
            "realm": text(&seen.realm).map(|realm| redactor.text(&realm)),
            "service": text(&seen.service),
            "scope": text(&seen.scope),
            "remarks": seen.remarks.iter().chain(&story.token_remarks).collect::<Vec<_>>(),
        })
    });
    let token = story.token.map(|id| {
        let claims = story.token_claims.as_ref();
        let actions = claims.and_then(|claims| claims.actions.as_ref());
        json!({
            "exchange": id,
            "shape": story.token_shape,
            "actions": actions.map(|all| all.iter().map(|action| action.as_str().to_owned()).collect::<Vec<_>>()),
            "not_before": claims.and_then(|claims| claims.not_before),
            "issued_at": claims.and_then(|claims| claims.issued_at),
            "expires": claims.and_then(|claims| claims.expires),
        })
    });
    let realm = conversation.realm().map(|(host, trust)| {
        let trusted = match trust {
            Trust::SameOrigin => "same_origin",
            Trust::KnownPair => "known_pair",
            Trust::TrustedByUser => "by_user",
            Trust::OtherOrigin => "no",
        };
        json!({ "host": host.as_str(), "trusted": trusted })
    });
    let mut object = object(SCHEMA, conversation, answer);
    object.insert("findings".to_owned(), findings.iter().map(finding_as_json).collect());
    object.insert(
        "credential".to_owned(),
        json!(match story.credential {
            CredentialUse::Anonymous => "anonymous",
            CredentialUse::Given => "given",
            CredentialUse::Stored => "stored",
        }),
    );
    let registry = conversation.reference().registry().to_string();
    object.insert("user".to_owned(), json!(conversation.user().map(|user| user.as_str().to_owned())));
    object.insert("notes".to_owned(), json!(conversation.withheld().collect::<Vec<_>>()));
    let form = conversation.trail().chosen().and_then(|step| step.seen.form());
    object.insert("credential_form".to_owned(), json!(form.map(CredentialForm::name)));
    object.insert("looked_at".to_owned(), trail_as_json(conversation.trail(), &registry));
    object.insert("challenge".to_owned(), json!(challenge));
    object.insert("realm".to_owned(), json!(realm));
    object.insert("token".to_owned(), json!(token));
    object.insert("outcome".to_owned(), json!(outcome_name(&story.outcome)));
    Value::Object(object)
}
