//! `auth`: how a registry asks who one is, and what comes of it, step by step.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::envelope::Asked;
use super::fetched::{NotFetched, begin, explained, head, request_line};
use super::{CommandError, CommandSpec, Group, Output, Overview};
use crate::auth::realm::Trust;
use crate::diagnosis::{ExitStatus, Finding};
use crate::evidence::{
    Authentication, CredentialForm, CredentialUse, ExchangeId, FailureKind, Method, Outcome, Query, Redactor,
    TokenClaims,
};
use crate::report::{
    Block, Form, Label, Layout, Published, Span, WrittenStep, authentication_steps, origin_in_words, plain,
    trail_in_words, written_trail,
};
use crate::session::{Conversation, Session};
use crate::text::Untrusted;

/// By how many seconds clocks may differ without anybody noticing.
const SKEW: i64 = 30;

/// The description of `auth`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Cause,
        at: (2, 0),
        usage: "auth REF",
        about: "challenge, token, what it grants",
    }),
    examples: &[
        ("auth", "of the image that the prompt names"),
        ("auth ghcr.io/example/greeting:1.0", "a registry that gives tokens to everybody"),
    ],
    forms: &[Published::of::<WrittenAuth>()],
    asks_a_registry: true,
    ..CommandSpec::named("auth")
};

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
        let (sentence, label) = match exit {
            ExitStatus::Interrupted => ("? interrupted", Label::Caution),
            _ => verdict(story, conversation.journal().get(answer).status()),
        };
        document.push(Block::Text(vec![Span::new(sentence, label)]));
        document.push(request_line(&conversation, answer, None, &mut redactor));
        findings.iter().for_each(|finding| explained(finding, &conversation, &mut redactor, &mut document));
        let object = WrittenAuth::of(&conversation, answer, &findings, &mut redactor).to_json();
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
            let refusal = NotFetched::judged(answer, conversation.judge(answer, &[]), None);
            (refusal.exit, refusal.findings)
        }
    }
}

fn steps(conversation: &Conversation<'_>, answer: ExchangeId, redactor: &mut Redactor, document: &mut Layout) {
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

/// How a registry asks for credentials, and what came of it.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenAuth {
    #[serde(flatten)]
    asked: Asked,
    /// Who asked: an anonymous client, the user whose name and password were given, or the user who has logged in on this
    /// machine.
    credential: WrittenCredential,
    /// The user whose password is used, given or stored; null where there is none.
    user: Option<String>,
    /// What was given for another registry and therefore not sent, a sentence each.
    notes: Vec<String>,
    /// What the stored credential consists of; null where none is used.
    credential_form: Option<WrittenCredentialForm>,
    /// Where a credential was looked for, step by step; empty where one was given or none was to be used.
    looked_at: Vec<WrittenStep>,
    /// The challenge that was answered or could not be; null where the registry asked for nothing.
    challenge: Option<WrittenChallenge>,
    /// The host of the token service, and whether it may have credentials; null where there is none that may be asked.
    realm: Option<WrittenRealm>,
    /// The answer of the token service; null where it was not asked. Times are seconds since 1970; null where the token does
    /// not say.
    token: Option<WrittenToken>,
    /// How it ended.
    outcome: WrittenOutcome,
}

impl Form for WrittenAuth {
    const NAME: &'static str = "auth";
    const TITLE: &'static str = "Output of `ociscope auth REF --json`";
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum WrittenCredential {
    Anonymous,
    Given,
    Stored,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum WrittenCredentialForm {
    Password,
    IdentityToken,
    RegistryToken,
}

/// A challenge.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenChallenge {
    /// The exchange whose 401 carried it.
    exchange: Option<ExchangeId>,
    /// The scheme.
    scheme: String,
    /// Where a token can be had.
    realm: Option<String>,
    /// The service that the token is for.
    service: Option<String>,
    /// The scope that the registry proposed.
    scope: Option<String>,
    /// What is odd about it.
    remarks: Vec<String>,
}

/// A token service.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenRealm {
    /// The host.
    host: String,
    /// Whether it may have credentials, and why.
    trusted: WrittenTrust,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum WrittenTrust {
    SameOrigin,
    KnownPair,
    ByUser,
    No,
}

/// A token.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenToken {
    /// The exchange that brought it.
    exchange: ExchangeId,
    /// What is known of the token, in words.
    shape: Option<String>,
    /// What it grants in the repository.
    actions: Option<Vec<String>>,
    /// The start of its validity.
    not_before: Option<i64>,
    /// When it was issued.
    issued_at: Option<i64>,
    /// The end of its validity.
    expires: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum WrittenOutcome {
    NotAsked,
    Accepted,
    Unjudged,
    CredentialsMissing,
    Rejected,
    TokenRefused,
    TokenUnusable,
    RealmUnreachable,
    RealmRefused,
    RealmNotTrusted,
    ChallengeUnusable,
}

impl WrittenOutcome {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::NotAsked => Self::NotAsked,
            Outcome::Accepted => Self::Accepted,
            Outcome::Unjudged => Self::Unjudged,
            Outcome::CredentialsMissing => Self::CredentialsMissing,
            Outcome::Rejected => Self::Rejected,
            Outcome::TokenRefused => Self::TokenRefused,
            Outcome::TokenUnusable(_) => Self::TokenUnusable,
            Outcome::RealmUnreachable => Self::RealmUnreachable,
            Outcome::RealmRefused(_) => Self::RealmRefused,
            Outcome::RealmNotTrusted(_) => Self::RealmNotTrusted,
            Outcome::ChallengeUnusable(_) => Self::ChallengeUnusable,
        }
    }
}

impl WrittenAuth {
    fn of(conversation: &Conversation<'_>, answer: ExchangeId, findings: &[Finding], redactor: &mut Redactor) -> Self {
        let story = conversation.authentication();
        let text = |value: &Option<Untrusted>| value.as_ref().map(|value| value.as_str().to_owned());
        let challenge = story.challenge.as_ref().map(|seen| WrittenChallenge {
            exchange: story.challenged_by,
            scheme: seen.scheme.as_str().to_owned(),
            realm: text(&seen.realm).map(|realm| redactor.text(&realm)),
            service: text(&seen.service),
            scope: text(&seen.scope),
            remarks: seen.remarks.iter().chain(&story.token_remarks).cloned().collect(),
        });
        let claims = story.token_claims.as_ref();
        let actions = claims.and_then(|claims| claims.actions.as_ref());
        let token = story.token.map(|id| WrittenToken {
            exchange: id,
            shape: story.token_shape.clone(),
            actions: actions.map(|all| all.iter().map(|action| action.as_str().to_owned()).collect()),
            not_before: claims.and_then(|claims| claims.not_before),
            issued_at: claims.and_then(|claims| claims.issued_at),
            expires: claims.and_then(|claims| claims.expires),
        });
        let realm = conversation.realm().map(|(host, trust)| WrittenRealm {
            host: host.as_str().to_owned(),
            trusted: match trust {
                Trust::SameOrigin => WrittenTrust::SameOrigin,
                Trust::KnownPair => WrittenTrust::KnownPair,
                Trust::TrustedByUser => WrittenTrust::ByUser,
                Trust::OtherOrigin => WrittenTrust::No,
            },
        });
        let form = conversation.trail().chosen().and_then(|step| step.seen.form());
        Self {
            asked: Asked::of(conversation, answer, findings),
            credential: match story.credential {
                CredentialUse::Anonymous => WrittenCredential::Anonymous,
                CredentialUse::Given => WrittenCredential::Given,
                CredentialUse::Stored => WrittenCredential::Stored,
            },
            user: conversation.user().map(|user| user.as_str().to_owned()),
            notes: conversation.withheld().map(str::to_owned).collect(),
            credential_form: form.map(|form| match form {
                CredentialForm::Password => WrittenCredentialForm::Password,
                CredentialForm::IdentityToken => WrittenCredentialForm::IdentityToken,
                CredentialForm::RegistryToken => WrittenCredentialForm::RegistryToken,
            }),
            looked_at: written_trail(conversation.trail(), &conversation.reference().registry().to_string()),
            challenge,
            realm,
            token,
            outcome: WrittenOutcome::of(&story.outcome),
        }
    }
}
