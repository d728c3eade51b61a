//! The authentication of one run: the credentials, the handshake, and its outcome.

use super::{ExchangeId, GrantForm};
use crate::text::Untrusted;
use serde::{Deserialize, Serialize};

/// The authentication trace. Filled while requests are made, read by the rules.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Authentication {
    /// The source of the user's credentials, if any.
    pub credential: CredentialUse,
    /// The challenge that was answered, or could not be.
    pub challenge: Option<ChallengeSeen>,
    /// The exchange whose 401 carried it.
    pub challenged_by: Option<ExchangeId>,
    /// The exchange with the token service.
    pub token: Option<ExchangeId>,
    /// The facts about the token: its form, its lifetime, its grants. Nothing of its value.
    pub token_shape: Option<String>,
    /// The token's own claims, if they are readable.
    pub token_claims: Option<TokenClaims>,
    /// The token's lifetime in seconds, if the service states it.
    pub token_lifetime: Option<u64>,
    /// Anomalies of the token service's answer, a sentence each.
    pub token_remarks: Vec<String>,
    /// The fate of a login that would have been, or was, readable on the network.
    pub over_http: Option<OverHttp>,
    /// The form of the grant obtained.
    #[serde(default)]
    pub granted: Option<GrantForm>,
    /// The outcome.
    pub outcome: Outcome,
}

/// The fate of a login for a server that is reached over plain HTTP and is not on this machine, with its source; the
/// run itself is anonymous if the login was withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OverHttp {
    /// It was not sent.
    Withheld(CredentialUse),
    /// It was sent, as requested.
    Sent(CredentialUse),
}

impl OverHttp {
    /// A sentence for reports.
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

/// The claims of a JSON Web Token (RFC 7519 §4.1; distribution token specification) that rules need: neither its value
/// nor its subject.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenClaims {
    /// The start of its validity (`nbf`), in seconds since 1970.
    pub not_before: Option<i64>,
    /// The time of issue (`iat`), in seconds since 1970.
    pub issued_at: Option<i64>,
    /// The end of its validity (`exp`), in seconds since 1970.
    pub expires: Option<i64>,
    /// The audience (`aud`); empty if it has none.
    #[serde(default, with = "crate::text::raw")]
    pub audience: Vec<Untrusted>,
    /// The actions that it grants in the requested repository. `None` if it does not mention repositories.
    #[serde(default, with = "crate::text::raw")]
    pub actions: Option<Vec<Untrusted>>,
}

/// The source of a run's credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialUse {
    /// An anonymous run.
    #[default]
    Anonymous,
    /// A user name and password given for this run.
    Given,
    /// A login stored on this machine: the credential was found in a file or came from a helper.
    Stored,
}

/// A challenge (RFC 9110 §11.6.1), as far as it matters to people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChallengeSeen {
    /// `Basic`, `Bearer`, as the server wrote it.
    #[serde(with = "crate::text::raw")]
    pub scheme: Untrusted,
    /// The realm, from which tokens are obtained.
    #[serde(default, with = "crate::text::raw")]
    pub realm: Option<Untrusted>,
    /// The service that the token is for.
    #[serde(default, with = "crate::text::raw")]
    pub service: Option<Untrusted>,
    /// The scope that the server proposed; ours is built for the requested repository.
    #[serde(default, with = "crate::text::raw")]
    pub scope: Option<Untrusted>,
    /// Anomalies, a sentence each.
    pub remarks: Vec<String>,
}

/// The outcome of authentication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The registry did not require authentication.
    NotAsked,
    /// The credentials were accepted: the answer is no longer 401.
    Accepted,
    /// Credentials were sent, and something in front of the registry answered, so their validity is unknown.
    Unjudged,
    /// The registry requires a user name and password, and none were given.
    CredentialsMissing,
    /// The registry answered 401 again to the user name and password, or to the token.
    Rejected,
    /// The token service refused.
    TokenRefused,
    /// The token service answered, but without a usable token; the reason.
    TokenUnusable(String),
    /// The token service could not be reached.
    RealmUnreachable,
    /// The realm must not be used at all; the reason.
    RealmRefused(String),
    /// The realm is on another origin, and the user has not allowed it to receive the credentials; the value for
    /// `--trust-realm`.
    RealmNotTrusted(#[serde(with = "crate::text::raw")] Untrusted),
    /// A 401 came without a usable challenge; the reason.
    ChallengeUnusable(String),
}

impl Authentication {
    /// Records the fate of the login. If it was withheld, the run is that of an anonymous client.
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

    /// The initial state of a run.
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
