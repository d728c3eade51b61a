//! `auth`: the authentication handshake with a registry, step by step.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::envelope::Asked;
use super::fetched::{NotFetched, begin, explained, head, request_line};
use super::{CommandError, CommandSpec, FROM, Group, Output, Overview};
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

/// The most seconds by which clocks may differ without a remark.
const SKEW: i64 = 30;

/// The description of `auth`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Cause,
        at: (2, 0),
        usage: "auth REF",
        about: "challenge, token, granted scope",
    }),
    one_shot: &[
        ("ociscope auth ghcr.io/acme/api:1.4.2", ""),
        ("ociscope auth --anonymous ghcr.io/acme/api:1.4.2", "without credentials"),
        ("ociscope auth --pull-secret secret.yaml r.example.com/app:1", "as Kubernetes would"),
    ],
    examples: &[
        ("auth", "for the current image"),
        ("auth ghcr.io/example/greeting:1.0", "a registry with tokens for anonymous users"),
    ],
    forms: &[Published::of::<WrittenAuth>()],
    asks_a_registry: true,
    ..CommandSpec::named("auth")
};

/// The arguments of `auth`.
#[derive(Debug, Args)]
pub struct AuthArguments {
    /// Image reference
    #[arg(value_name = "REF", required_unless_present = FROM)]
    pub(super) reference: Option<String>,
}

impl AuthArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let mut conversation = begin(session, self.reference.as_deref()).await?;
        let leading = conversation.leading_query();
        let mut answer = conversation.answer(&leading).await?;
        // Only GET brings an error message. Refusals are not counted, and the token is reused.
        let by_get = Query::manifest(Method::Get, &[]);
        if leading != by_get
            && matches!(
                conversation.journal().get(answer).status(),
                Some(400 | 402 | 403 | 405..=409 | 411..=428 | 430..)
            )
        {
            answer = conversation.answer(&by_get).await?;
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
                Some(user) => format!("{user}, with the given password"),
                None => "with the given login".to_owned(),
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

/// The exit status and the errors. A 404 means that the request was authorized.
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
        let words = if asked { "The registry does not require authentication." } else { "There was no answer." };
        document.push(labelled("steps", words));
    }
    for (number, step) in steps.iter().enumerate() {
        let label = if number == 0 { "steps" } else { "" };
        document.push(labelled(label, &redactor.text(step)));
    }
}

/// The host of the realm, and whether it may receive credentials.
fn realm_words(conversation: &Conversation<'_>) -> Option<String> {
    let (host, trust) = conversation.realm()?;
    let host = host.named_within(120);
    let registry = conversation.reference().registry();
    Some(match trust {
        Trust::SameOrigin => format!("{host}, the registry itself; it may receive credentials"),
        Trust::KnownPair => format!("{host}, a known token service of {registry}; it may receive credentials"),
        Trust::TrustedByUser => format!("{host}, which you trust with the credentials for {registry}"),
        Trust::OtherOrigin => {
            format!("{host}, another host; it receives credentials only if --trust-realm names it")
        }
    })
}

/// The claims of the token: actions and validity.
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
        (Some(from), None) => Some(labelled("valid", &format!("from {from}"))),
        (None, Some(until)) => Some(labelled("valid", &format!("until {until}"))),
        (Some(from), Some(until)) => Some(labelled("valid", &format!("from {from} until {until}"))),
    });
    let by = |id: Option<ExchangeId>| conversation.journal().get(id?).response.as_ref()?.date();
    if let (Some(registry), Some(service)) = (by(story.challenged_by), by(story.token))
        && (registry - service).abs() > SKEW
    {
        let words = format!("the clocks of registry and token service differ by {} s", (registry - service).abs());
        rows.push(labelled("clocks", &words));
    }
    rows
}

fn moment(seconds: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(seconds).ok()?.format(&Rfc3339).ok()
}

fn verdict(story: &Authentication, status: Option<u16>) -> (&'static str, Label) {
    match (&story.outcome, status) {
        (Outcome::NotAsked, Some(200..=399)) => ("✓ no authentication required", Label::Good),
        (Outcome::NotAsked, Some(404 | 410)) => ("no authentication required, but not found", Label::Caution),
        (Outcome::Accepted, Some(200..=399)) => ("✓ authorized", Label::Good),
        (Outcome::Accepted, Some(404 | 410)) => ("authorized, or at least not refused, but not found", Label::Caution),
        (Outcome::Unjudged, _) => ("✗ something in front of the registry answered", Label::Bad),
        (_, Some(403)) => ("✗ authenticated, but not authorized", Label::Bad),
        (_, None) => ("✗ no answer", Label::Bad),
        _ => ("✗ not authenticated", Label::Bad),
    }
}

/// An authentication handshake.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenAuth {
    #[serde(flatten)]
    asked: Asked,
    /// The credentials: none, the given user name and password, or those stored on this machine.
    credential: WrittenCredential,
    /// The user name of the credentials; null if there is none.
    user: Option<String>,
    /// Credentials and headers for another registry, which were not sent; a sentence each.
    notes: Vec<String>,
    /// The form of the stored credentials; null if none are used.
    credential_form: Option<WrittenCredentialForm>,
    /// The places where credentials were looked up; empty if they were given or none were to be used.
    looked_at: Vec<WrittenStep>,
    /// The challenge; null if the registry sent none.
    challenge: Option<WrittenChallenge>,
    /// The token service; null if there is none that may be used.
    realm: Option<WrittenRealm>,
    /// The answer of the token service; null if it was not used. Times are seconds since 1970; null if the token has none.
    token: Option<WrittenToken>,
    /// The outcome.
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
    /// The exchange with the 401.
    exchange: Option<ExchangeId>,
    /// The scheme.
    scheme: String,
    /// The address of the token service.
    realm: Option<String>,
    /// The service that the token is for.
    service: Option<String>,
    /// The proposed scope.
    scope: Option<String>,
    /// Remarks on deviations.
    remarks: Vec<String>,
}

/// A token service.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenRealm {
    /// The host.
    host: String,
    /// Whether it may receive credentials, and why.
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
    /// The exchange with the token.
    exchange: ExchangeId,
    /// The form of the token, in words.
    shape: Option<String>,
    /// The granted actions in the repository.
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
