//! The story of the credentials in one run: who asked, what was answered, and how it ended.

use super::{ExchangeId, GrantForm};
use crate::text::Untrusted;
use serde::{Deserialize, Serialize};

/// What happened about credentials. Filled while the requests are made, read by the rules.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Authentication {
    /// Whether the user brought credentials.
    pub credential: CredentialUse,
    /// The challenge that was answered, or could not be.
    pub challenge: Option<ChallengeSeen>,
    /// The exchange whose 401 carried it.
    pub challenged_by: Option<ExchangeId>,
    /// The exchange with the token server.
    pub token: Option<ExchangeId>,
    /// What is known of the token: its form, its lifetime, what it grants. Nothing of its value.
    pub token_shape: Option<String>,
    /// What the token says of itself, where that can be read.
    pub token_claims: Option<TokenClaims>,
    /// How many seconds the token is good for, where its service says so.
    pub token_lifetime: Option<u64>,
    /// What is odd about the token service's answer, each in a sentence.
    pub token_remarks: Vec<String>,
    /// What became of the login where it would have been, or was, readable on the way.
    pub over_http: Option<OverHttp>,
    /// What may be sent since then.
    #[serde(default)]
    pub granted: Option<GrantForm>,
    /// How it ended.
    pub outcome: Outcome,
}

/// What became of a login for a server that is asked over plain HTTP and is not on this machine. Whose it was is in it; the
/// run itself is anonymous where the login was withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OverHttp {
    /// It was not sent.
    Withheld(CredentialUse),
    /// It was sent, because that was asked for.
    Sent(CredentialUse),
}

impl OverHttp {
    /// What a report says of it, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Withheld(CredentialUse::Stored) => {
                "Your stored login was not sent over plain HTTP; --allow-cleartext-login sends it, for one command and \
                 registry."
            }
            Self::Withheld(_) => {
                "Your login was not sent over plain HTTP; --allow-cleartext-login sends it, for one command and registry."
            }
            Self::Sent(_) => "CLEARTEXT: the login was sent over plain HTTP; everyone on the way could read it.",
        }
    }
}

/// What a JSON Web Token says of itself (RFC 7519 §4.1; distribution token specification), as far as rules need it:
/// neither its value nor whose it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenClaims {
    /// From when on it is good (`nbf`), in seconds since 1970.
    pub not_before: Option<i64>,
    /// When it was made (`iat`), in seconds since 1970.
    pub issued_at: Option<i64>,
    /// Until when it is good (`exp`), in seconds since 1970.
    pub expires: Option<i64>,
    /// Whom it is for (`aud`); empty where it does not say.
    #[serde(default, with = "crate::text::raw")]
    pub audience: Vec<Untrusted>,
    /// What it lets its holder do in the repository that was asked about. `None` where it says nothing of repositories.
    #[serde(default, with = "crate::text::raw")]
    pub actions: Option<Vec<Untrusted>>,
}

/// Who is asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum CredentialUse {
    /// Nobody in particular.
    #[default]
    Anonymous,
    /// The user whose name and password were given for this run.
    Given,
    /// Whoever has logged in on this machine: the credential was found in a file or came from a helper.
    Stored,
}

/// A challenge (RFC 9110 §11.6.1), as far as it matters to people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChallengeSeen {
    /// `Basic`, `Bearer`, as the server wrote it.
    #[serde(with = "crate::text::raw")]
    pub scheme: Untrusted,
    /// Where a token can be had.
    #[serde(default, with = "crate::text::raw")]
    pub realm: Option<Untrusted>,
    /// The service that the token is for.
    #[serde(default, with = "crate::text::raw")]
    pub service: Option<Untrusted>,
    /// The scope that the server proposed; ours is built for the repository that was asked for.
    #[serde(default, with = "crate::text::raw")]
    pub scope: Option<Untrusted>,
    /// What is odd about it, each in a sentence.
    pub remarks: Vec<String>,
}

/// How authentication ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The registry did not ask for anything.
    NotAsked,
    /// What was sent was accepted, as far as the answer is no longer 401.
    Accepted,
    /// Something was sent, and something in front of the registry answered: whether it is good is not known.
    Unjudged,
    /// The registry wants a user name and a password, and none were given.
    CredentialsMissing,
    /// User name and password, or the token, were sent to the registry, which answered 401 again.
    Rejected,
    /// The token server refused.
    TokenRefused,
    /// The token server answered, but not with a token that can be used; the reason.
    TokenUnusable(String),
    /// The token server could not be reached.
    RealmUnreachable,
    /// The realm may not be used at all; the reason.
    RealmRefused(String),
    /// The realm is another origin, and nobody said that it may have the credentials; what `--trust-realm` would be given.
    RealmNotTrusted(#[serde(with = "crate::text::raw")] Untrusted),
    /// There was a 401 without a challenge that can be answered; the reason.
    ChallengeUnusable(String),
}

impl Authentication {
    /// Takes note of what became of the login. Where it was withheld, the run is that of an anonymous client.
    pub fn note_over_http(&mut self, over_http: Option<OverHttp>) {
        if matches!(over_http, Some(OverHttp::Withheld(_))) {
            self.credential = CredentialUse::Anonymous;
        }
        self.over_http = over_http.or(self.over_http);
    }

    /// Whether a login was withheld.
    pub fn is_withheld(&self) -> bool {
        matches!(self.over_http, Some(OverHttp::Withheld(_)))
    }

    /// Where a run begins.
    pub fn not_asked(credential: CredentialUse) -> Self {
        Self {
            credential,
            challenge: None,
            challenged_by: None,
            token: None,
            token_shape: None,
            token_claims: None,
            token_lifetime: None,
            token_remarks: Vec::new(),
            over_http: None,
            granted: None,
            outcome: Outcome::NotAsked,
        }
    }
}
