//! Answers a challenge: once, and with credentials only for servers that may receive them.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use url::Url;

use super::Credentials;
use super::challenge::{Challenge, Challenges, Kind, read_challenges};
use super::realm::{self, Realm, Trust, TrustedRealms};
use super::scope::{Remark, Scope};
use super::token::{Token, TokenProblem, read_token};
use crate::evidence::{
    ChallengeSeen, CredentialUse, Exchange, FailureKind, GrantForm, Method, Outcome, OverHttp, Purpose, RequestForm,
    SecretKind, Shape, TokenClaims, Withheld,
};
use crate::oci::{Place, media_type};
use crate::text::{Secret, Untrusted};
use crate::transport::{Ask, BodyLimit, Form, HeaderText, Reach, Transport};

/// The authorization for further requests to the registry.
#[derive(Debug, Clone)]
pub enum Grant {
    /// User name and password, base64-encoded.
    Basic(Secret),
    /// A token.
    Bearer(Secret),
}

impl Grant {
    /// A grant of a recorded run, whose value is not recorded.
    pub fn worthless(form: GrantForm) -> Self {
        match form {
            GrantForm::Basic => Self::Basic(Secret::new("")),
            GrantForm::Bearer => Self::Bearer(Secret::new("")),
        }
    }

    /// The kind of authorization, without its value.
    pub fn form(&self) -> GrantForm {
        match self {
            Self::Basic(_) => GrantForm::Basic,
            Self::Bearer(_) => GrantForm::Bearer,
        }
    }

    /// The `Authorization` header: its value, and what is recorded of it.
    pub fn header(&self) -> HeaderText {
        let (kind, scheme, value) = match self {
            Self::Basic(value) => (SecretKind::Password, GrantForm::Basic, value.reveal()),
            Self::Bearer(value) => (SecretKind::Token, GrantForm::Bearer, value.reveal()),
        };
        HeaderText::Secret {
            recorded: Withheld { kind, scheme: Some(scheme), shape: Some(Shape::of(value)) },
            value: Secret::new(format!("{} {value}", scheme.as_str())),
        }
    }

    /// The secret of the grant, so that it can be kept out of all output.
    pub fn secret(&self) -> &Secret {
        match self {
            Self::Basic(value) | Self::Bearer(value) => value,
        }
    }
}

/// Answers the challenge of one registry, for one repository or for none.
#[derive(Clone, Copy)]
pub struct Authenticator<'a> {
    /// The client that sends the token request.
    pub transport: &'a Transport,
    /// The credentials for this registry, if there are any.
    pub credentials: Option<&'a Credentials>,
    /// The source of the credentials.
    pub credential: CredentialUse,
    /// `true` if the user allowed sending them over plain HTTP to a server that is not on this machine.
    pub may_go_in_clear: bool,
    /// The realms that may receive them in addition to the registry.
    pub trusted: &'a TrustedRealms<'a>,
    /// The registry.
    pub registry: &'a Url,
    /// The repository of the request; `None` for a request to the registry itself, such as `/v2/` or its catalog.
    pub repository: Option<&'a str>,
}

/// The result of answering a challenge.
#[derive(Debug)]
pub struct Handshake {
    /// The challenge.
    pub challenge: Option<ChallengeSeen>,
    /// The exchange with the token service, if there was one.
    pub token: Option<Exchange>,
    /// The description of the token.
    pub token_shape: Option<String>,
    /// The claims of the token.
    pub token_claims: Option<TokenClaims>,
    /// The lifetime in seconds, if the response names one.
    pub token_lifetime: Option<u64>,
    /// The problems of the token service's response, each in a sentence. A short lifetime is not among them.
    pub token_remarks: Vec<String>,
    /// The authorization for further requests.
    pub grant: Option<Grant>,
    /// The treatment of the credentials, sent or withheld, on a connection over which they would be readable.
    pub over_http: Option<OverHttp>,
    /// The outcome. [`Outcome::Accepted`] until the registry rejects it.
    pub outcome: Outcome,
}

impl Handshake {
    pub(super) fn without_grant(challenge: Option<ChallengeSeen>, outcome: Outcome) -> Self {
        Self {
            challenge,
            token: None,
            token_shape: None,
            token_claims: None,
            token_lifetime: None,
            token_remarks: Vec::new(),
            grant: None,
            over_http: None,
            outcome,
        }
    }

    /// The same with what can be said about the token.
    pub(super) fn described(self, token: Option<&Token>, repository: Option<&str>) -> Self {
        let odd =
            token.into_iter().flat_map(Token::problems).filter(|&&problem| problem != TokenProblem::LifetimeShort);
        let token_remarks = odd.map(|problem| format!("Token service: {}.", problem.sentence())).collect();
        Self {
            token_shape: token.map(|token| match token.grant_in_words() {
                Some(grant) => format!("{}, {grant}", token.shape()),
                None => token.shape(),
            }),
            token_claims: token.and_then(|token| token.claims(repository?)),
            token_lifetime: token.and_then(Token::stated_lifetime),
            token_remarks,
            ..self
        }
    }
}

impl Authenticator<'_> {
    /// Answers the 401 of an exchange. Over plain HTTP to a server that is not on this machine, it answers without the
    /// credentials, unless they are allowed there.
    pub async fn answer(&self, refused: &Exchange) -> Handshake {
        let over_http = self.over_http(self.registry).await;
        let mut answered = self.heeding(over_http).answer_with_these(refused).await;
        let sends = |answered: &Handshake| answered.grant.is_some() || answered.token.is_some();
        let heeded = over_http.filter(|over| matches!(over, OverHttp::Withheld(_)) || sends(&answered));
        answered.over_http = answered.over_http.or(heeded);
        answered
    }

    /// The treatment of the credentials for a URL. `None` if they are not readable on the way, or there are none.
    async fn over_http(&self, url: &Url) -> Option<OverHttp> {
        self.credentials?;
        if url.scheme() != "http" || self.transport.stays_here(url).await {
            return None;
        }
        Some(if self.may_go_in_clear { OverHttp::Sent } else { OverHttp::Withheld }(self.credential))
    }

    /// Drops the credentials if they are to be withheld.
    fn heeding(self, over_http: Option<OverHttp>) -> Self {
        let is_withheld = matches!(over_http, Some(OverHttp::Withheld(_)));
        Self { credentials: self.credentials.filter(|_| !is_withheld), ..self }
    }

    async fn answer_with_these(&self, refused: &Exchange) -> Handshake {
        let values = refused.response.iter().flat_map(|response| response.all("www-authenticate"));
        let challenges = read_challenges(values.map(|value| value.as_str().as_bytes()));
        if let Some(Credentials::RegistryToken(token)) = self.credentials {
            // It is what a token service would issue, so none is contacted, whatever realm the registry names.
            let seen = challenges.best().or(challenges.all().first()).map(|one| seen(one, &challenges, None));
            let grant = Some(Grant::Bearer(token.clone()));
            return Handshake { grant, ..Handshake::without_grant(seen, Outcome::Accepted) };
        }
        let Some(challenge) = challenges.best() else {
            let outcome = Outcome::ChallengeUnusable(why_unusable(&challenges));
            let seen = challenges.all().first().map(|challenge| seen(challenge, &challenges, None));
            return Handshake::without_grant(seen, outcome);
        };
        match challenge.kind() {
            Kind::Bearer => self.fetch_token(challenge, &challenges, refused).await,
            Kind::Basic | Kind::Other => self.basic(challenge, &challenges),
        }
    }

    fn basic(&self, challenge: &Challenge, challenges: &Challenges) -> Handshake {
        let seen = Some(seen(challenge, challenges, None));
        match self.credentials {
            None => Handshake::without_grant(seen, Outcome::CredentialsMissing),
            Some(credentials) => match credentials.basic() {
                Some(basic) => {
                    let grant = Some(Grant::Basic(basic));
                    Handshake { grant, ..Handshake::without_grant(seen, Outcome::Accepted) }
                }
                None => {
                    let words = "it requires a user name and password, but the credential is an identity token, which \
                                 only token services accept";
                    Handshake::without_grant(seen, Outcome::ChallengeUnusable(words.to_owned()))
                }
            },
        }
    }

    async fn fetch_token(&self, challenge: &Challenge, challenges: &Challenges, refused: &Exchange) -> Handshake {
        let scope = match self.repository {
            Some(repository) => Some(Scope::for_challenge(repository, challenge.scope())),
            None => Scope::without_repository(challenge.scope()),
        };
        let mut seen = seen(challenge, challenges, scope.as_ref());
        let realm = challenge.realm().cloned().unwrap_or_default();
        let place = refused.connection.place.unwrap_or(Place::ELSEWHERE);
        let realm = match realm::judge(&realm, self.registry, self.trusted, place) {
            Ok(realm) => realm,
            Err(refusal) => return Handshake::without_grant(Some(seen), Outcome::RealmRefused(refusal.to_string())),
        };
        seen.remarks.extend(realm.remarks().iter().map(|remark| remark.sentence().to_owned()));
        if self.credentials.is_some() && !realm.may_receive_credentials() {
            return Handshake::without_grant(Some(seen), Outcome::RealmNotTrusted(realm.trust_name()));
        }
        // The token service is a separate server, wherever the registry is.
        let over_http = self.over_http(realm.url()).await;
        let request = self.heeding(over_http).token_request(&realm, challenge, scope.as_ref(), refused);
        let exchange = self.transport.send(request).await;
        let (outcome, token) = judge_token(&exchange);
        Handshake {
            grant: token.as_ref().map(|token| Grant::Bearer(token.value().clone())),
            token: Some(exchange),
            over_http,
            ..Handshake::without_grant(Some(seen), outcome).described(token.as_ref(), self.repository)
        }
    }

    /// The request for a token (distribution token specification). It never follows redirects, so that neither
    /// credentials nor token can be sent elsewhere.
    fn token_request(&self, realm: &Realm, challenge: &Challenge, scope: Option<&Scope>, refused: &Exchange) -> Ask {
        let service = challenge.service().map(|service| ("service", service.as_str()));
        let asked = service.into_iter().chain(scope.map(|scope| ("scope", scope.as_str())));
        let mut url = realm.url().clone();
        let mut headers = vec![(ACCEPT, HeaderText::Plain(media_type::JSON.to_owned()))];
        if let Some(basic) = self.credentials.and_then(Credentials::basic) {
            headers.push((AUTHORIZATION, Grant::Basic(basic).header()));
        }
        let form = match self.credentials {
            // Service and scope are form fields here (distribution specification, OAuth2 token authentication).
            Some(Credentials::IdentityToken(token)) => {
                headers.push((CONTENT_TYPE, HeaderText::Plain("application/x-www-form-urlencoded".to_owned())));
                Some(refreshing(asked, token))
            }
            _ => {
                url.query_pairs_mut().extend_pairs(asked);
                None
            }
        };
        let method = if form.is_some() { Method::Post } else { Method::Get };
        let reach = match realm.why() {
            Trust::SameOrigin => Reach::Anywhere,
            _ if url.host_str() == self.registry.host_str() => Reach::SameHost,
            Trust::TrustedByUser => Reach::NamedFrom(Place::LOOPBACK),
            Trust::KnownPair | Trust::OtherOrigin => Reach::after(refused),
        };
        Ask { purpose: Purpose::Token, method, url, headers, form, body: BodyLimit::TOKEN, reach }
    }
}

/// The form that requests a token with an identity token (RFC 6749, section 6).
fn refreshing<'a>(asked: impl Iterator<Item = (&'a str, &'a str)>, token: &Secret) -> Form {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "refresh_token").append_pair("client_id", "ociscope").extend_pairs(asked);
    let value: String = url::form_urlencoded::byte_serialize(token.reveal().as_bytes()).collect();
    let name = "refresh_token".to_owned();
    let recorded = RequestForm { fields: form.finish(), name, withheld: SecretKind::IdentityToken };
    Form { recorded, value: Secret::new(value) }
}

pub(super) fn judge_token(exchange: &Exchange) -> (Outcome, Option<Token>) {
    if let Some(failure) = exchange.failure.as_ref().filter(|failure| failure.kind == FailureKind::ForbiddenAddress) {
        let words = format!(
            "its name resolves to an address to which a registry may not send clients: {}",
            failure.message.printable()
        );
        return (Outcome::RealmRefused(words), None);
    }
    let Some(response) = &exchange.response else { return (Outcome::RealmUnreachable, None) };
    match response.status {
        300..=399 => {
            let words = "it redirects, but token requests never follow redirects".to_owned();
            return (Outcome::TokenUnusable(words), None);
        }
        400..=499 => return (Outcome::TokenRefused, None),
        _ => {}
    }
    if let Some(failure) = &exchange.failure {
        return (Outcome::TokenUnusable(failure.message.printable()), None);
    }
    match read_token(response.status, response.header("content-type"), &response.body.bytes) {
        Ok(token) => (Outcome::Accepted, Some(token)),
        Err(error) => (Outcome::TokenUnusable(error.to_string()), None),
    }
}

fn why_unusable(challenges: &Challenges) -> String {
    match challenges.all() {
        [] => "it does not say how to authenticate (no readable WWW-Authenticate header)".to_owned(),
        [only] => {
            format!("it requires {}, which registry clients do not support", only.scheme().quoted_within(40))
        }
        _ => "it offers no authentication scheme that registry clients support".to_owned(),
    }
}

pub(super) fn seen(challenge: &Challenge, challenges: &Challenges, scope: Option<&Scope>) -> ChallengeSeen {
    let mut remarks: Vec<String> = challenges.problems().iter().map(|problem| problem.sentence()).collect();
    // A single word for all scopes is the convention of this registry, and no problem for clients.
    let scope = scope.map(Scope::remark).filter(|remark| **remark != Remark::Opaque);
    remarks.extend(scope.and_then(Remark::sentence));
    let copied = |value: Option<&Untrusted>| value.cloned();
    ChallengeSeen {
        scheme: challenge.scheme().clone(),
        realm: copied(challenge.realm()),
        service: copied(challenge.service()),
        scope: copied(challenge.scope()),
        remarks,
    }
}
