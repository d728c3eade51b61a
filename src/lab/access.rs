//! Who asks, and what tokens say.
//!
//! The tokens are like those that registries issue (a JWT with an access list, distribution's token specification), so
//! that what reads them has something to read. They are not signed: a registry of the lab believes every token that it
//! can read, and none opens anything but the lab.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::clock::rfc3339;
use super::host::{Host, Visit};
use super::wire::{Authorization, IncomingRequest};

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Token {
    /// Who issued it.
    pub iss: String,
    /// The account; empty for nobody in particular.
    pub sub: String,
    /// The service that it is for.
    pub aud: String,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// From when on it is good.
    pub nbf: i64,
    /// Until when it is good.
    pub exp: i64,
    /// What it grants. Not every service says that in its tokens.
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
    /// `pull` and others.
    pub actions: Vec<String>,
}

/// Who sends a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// Somebody who does not say.
    Nobody,
    /// An account, with its right password.
    Account(String),
    /// The holder of a token.
    Holder(Token),
    /// The holder of a token that is not good any more, or not yet.
    HolderOfExpired(Token),
    /// Somebody with a wrong password, or with a token that says nothing.
    Impostor,
}

impl Who {
    /// Who sends this request to this host.
    pub fn asks(request: &IncomingRequest, host: &Host) -> Self {
        match request.authorization() {
            Authorization::Missing => Self::Nobody,
            Authorization::Basic { user, password } if host.accounts().get(&user) == Some(&password) => {
                Self::Account(user)
            }
            Authorization::Bearer(text) => match Token::read(&text) {
                Some(token) if token.exp <= host.now() || token.nbf > host.now() + LEEWAY => {
                    Self::HolderOfExpired(token)
                }
                Some(token) => Self::Holder(token),
                None => Self::Impostor,
            },
            Authorization::Basic { .. } | Authorization::Other => Self::Impostor,
        }
    }
}

impl Visit<'_> {
    /// Who asks.
    pub fn who(&self) -> Who {
        Who::asks(self.request, self.host)
    }
}

/// How many seconds too early a token may come (distribution, `registry/auth/token/token.go`).
const LEEWAY: i64 = 60;
/// For how long tokens are good where nothing else is said, in seconds.
const LIFETIME: i64 = 300;

impl Token {
    /// A token for somebody, with these grants.
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

    /// The same, good for so many seconds, unless the scenario says for how many.
    pub fn usually_good_for(mut self, seconds: i64, host: &Host) -> Self {
        self.exp = self.iat + host.token_lifetime().unwrap_or(seconds);
        self
    }

    /// The token as it travels.
    pub fn write(&self) -> String {
        written(&serde_json::to_value(self).unwrap_or_default())
    }

    /// The token without its access list, as services write it whose tokens say only who asks.
    pub fn write_without_access(&self) -> String {
        let mut payload = serde_json::to_value(self).unwrap_or_default();
        if let Some(fields) = payload.as_object_mut() {
            fields.remove("access");
        }
        written(&payload)
    }

    /// Reads a token.
    pub fn read(text: &str) -> Option<Self> {
        let payload = text.split('.').nth(1)?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }

    /// For how many seconds it was good when it was issued.
    pub fn lifetime(&self) -> i64 {
        self.exp - self.iat
    }

    /// When it was issued, as token services write it (RFC 3339).
    pub fn issued_at(&self) -> String {
        rfc3339(self.iat)
    }

    /// Whether it grants to pull from a repository.
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

/// The scopes that are asked for in the query of a token request: every `scope` parameter, split at its spaces, as
/// type, name and actions. What is none is left out.
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
