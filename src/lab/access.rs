//! The identities of clients, and the tokens that they send.
//!
//! The tokens have the format of real ones (a JWT with an access list, distribution's token specification), so that
//! code which decodes tokens can decode these. They are not signed: a registry of the lab accepts every token that it
//! can parse, and no token gives access to anything outside the lab.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::clock::rfc3339;
use super::host::{Host, Visit};
use super::wire::{Authorization, IncomingRequest};

/// The claims of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Token {
    /// The issuer.
    pub iss: String,
    /// The account; empty for an anonymous client.
    pub sub: String,
    /// The service that the token is for.
    pub aud: String,
    /// The time of issue, in seconds since 1970.
    pub iat: i64,
    /// The start of its validity, in seconds since 1970.
    pub nbf: i64,
    /// The end of its validity, in seconds since 1970.
    pub exp: i64,
    /// The grants. Not every service lists them in its tokens.
    #[serde(default)]
    pub access: Vec<Grant>,
}

/// One entry of a token's access list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// `repository` or `registry`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The name of the repository.
    pub name: String,
    /// The actions, such as `pull`.
    pub actions: Vec<String>,
}

/// The identity of a client, as its credentials prove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    /// A client without credentials.
    Anonymous,
    /// An account, with the right password.
    Account(String),
    /// A client with a valid token.
    Bearer(Token),
    /// A client with a token that is expired, or not valid yet.
    ExpiredBearer(Token),
    /// A client with a wrong password, or with a token that cannot be parsed.
    Rejected,
}

impl Identity {
    /// The identity of the client that sends this request to this host.
    pub fn of(request: &IncomingRequest, host: &Host) -> Self {
        match request.authorization() {
            Authorization::Missing => Self::Anonymous,
            Authorization::Basic { user, password } if host.accounts().get(&user) == Some(&password) => {
                Self::Account(user)
            }
            Authorization::Bearer(text) => match Token::read(&text) {
                Some(token) if token.exp <= host.now() || token.nbf > host.now() + LEEWAY => Self::ExpiredBearer(token),
                Some(token) => Self::Bearer(token),
                None => Self::Rejected,
            },
            Authorization::Basic { .. } | Authorization::Other => Self::Rejected,
        }
    }
}

impl Visit<'_> {
    /// The identity of the client.
    pub fn identity(&self) -> Identity {
        Identity::of(self.request, self.host)
    }
}

/// How many seconds before its validity a token is accepted (distribution, `registry/auth/token/token.go`).
const LEEWAY: i64 = 60;
/// The default lifetime of tokens, in seconds.
const LIFETIME: i64 = 300;

impl Token {
    /// A token for an account, with these grants.
    pub fn new(host: &Host, service: &str, account: &str, access: Vec<Grant>) -> Self {
        let now = host.now();
        Self {
            iss: host.name().to_owned(),
            sub: account.to_owned(),
            aud: service.to_owned(),
            iat: now,
            nbf: now,
            exp: now + host.token_lifetime().unwrap_or(LIFETIME),
            access,
        }
    }

    /// Sets the lifetime, unless the scenario specifies one.
    pub fn with_default_lifetime(mut self, seconds: i64, host: &Host) -> Self {
        self.exp = self.iat + host.token_lifetime().unwrap_or(seconds);
        self
    }

    /// Encodes the token.
    pub fn write(&self) -> String {
        written(&serde_json::to_value(self).unwrap_or_default())
    }

    /// Encodes the token without its access list, as services do whose tokens only identify the client.
    pub fn write_without_access(&self) -> String {
        let mut payload = serde_json::to_value(self).unwrap_or_default();
        if let Some(fields) = payload.as_object_mut() {
            fields.remove("access");
        }
        written(&payload)
    }

    /// Decodes a token.
    pub fn read(text: &str) -> Option<Self> {
        let payload = text.split('.').nth(1)?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }

    /// The lifetime in seconds, from issue to expiry.
    pub fn lifetime(&self) -> i64 {
        self.exp - self.iat
    }

    /// The time of issue, as token services write it (RFC 3339).
    pub fn issued_at(&self) -> String {
        rfc3339(self.iat)
    }

    /// Returns whether the token grants pulls from a repository.
    pub fn grants_pull(&self, repository: &str) -> bool {
        let mut grants = self.access.iter();
        grants.any(|grant| {
            grant.kind == "repository"
                && grant.name == repository
                && grant.actions.iter().any(|action| action == "pull")
        })
    }
}

fn written(payload: &serde_json::Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(br#"{"typ":"JWT","alg":"none"}"#);
    format!("{header}.{}.{}", URL_SAFE_NO_PAD.encode(payload.to_string()), URL_SAFE_NO_PAD.encode("lab"))
}

/// The scopes in the query of a token request: every `scope` parameter, split at its spaces, as type, name and actions.
/// Malformed scopes are skipped.
pub(crate) fn scopes(request: &IncomingRequest) -> Vec<Grant> {
    let parameters = request.parameters("scope");
    let scopes = parameters.iter().flat_map(|parameter| parameter.split(' '));
    let read = |scope: &str| {
        let (rest, actions) = scope.rsplit_once(':')?;
        let (kind, name) = rest.split_once(':')?;
        let actions = actions.split(',').map(str::to_owned).collect();
        Some(Grant { kind: kind.to_owned(), name: name.to_owned(), actions })
    };
    scopes.filter_map(read).collect()
}
