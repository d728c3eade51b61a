//! Creates a record without secrets: every text in it passes the filters before the final judgement, display or
//! storage. So a recording contains all that rules and reports see, and nothing else does. The program's own texts are
//! made printable as well: in a recording they are those of its author.
//!
//! Each value is destructured by name, without `..`: a new field does not compile until its treatment is decided.

use std::borrow::Cow;
use std::collections::HashMap;

use bytes::Bytes;

use super::Redactor;
use crate::evidence::record::Record;
use crate::evidence::trail::{
    CredentialPlace, CredentialTrail, Elsewhere, HelperOutcome, NearMiss, PullSecretFault, PullSecretName, Seen,
    TrailStep,
};
use crate::evidence::{
    Authentication, Body, CertificateDetails, CertificateFault, CertificateRequest, ChallengeSeen, Connection,
    Exchange, Failure, FailureKind, Outcome, PresentedCertificate, PresentedChain, ProxyChoice, Purpose, Query, Reply,
    Request, RequestForm, RequestHeader, RequestValue, Response, RunOptions, TlsHandshake, TokenClaims, Withheld,
};
use crate::text::{Untrusted, as_text, is_safe};

/// Makes one of our texts printable. In a record that this program made, it already is.
fn own(word: &mut Cow<'static, str>) {
    if !word.chars().all(is_safe) {
        *word = Untrusted::from(&**word).printable().into();
    }
}

/// Makes a composed text of ours printable.
fn own_text(text: &mut String) {
    if !text.chars().all(is_safe) {
        *text = Untrusted::from(text.as_str()).printable();
    }
}

/// Earlier bodies, with their results: most variants get the same bytes.
#[derive(Default)]
struct Bodies(HashMap<(usize, usize), (Bytes, Option<Body>)>);

impl Redactor {
    /// The record without secrets. Nothing is counted: removed values count where they are shown.
    pub fn sealed(&mut self, record: &Record) -> Record {
        let counts = self.counts.clone();
        for (_, exchange) in record.journal.iter() {
            self.learn_addresses(exchange);
        }
        let mut record = record.clone();
        self.seal_record(&mut record);
        self.counts = counts;
        record
    }

    /// Remembers the addresses of an exchange. They may be signed, and a server may repeat the request in a body.
    pub fn learn_addresses(&mut self, exchange: &Exchange) {
        let url = &exchange.request.url;
        self.learn_url(url);
        let offered = exchange.response.iter().flat_map(|response| response.all("location"));
        for location in offered.filter_map(|location| url.join(location.as_str()).ok()) {
            self.learn_url(&location);
        }
    }

    fn seal_record(&mut self, record: &mut Record) {
        let Record {
            // User input with a secret in it was refused; the rest is parsed by its grammar.
            reference: _,
            mended: _,
            depth: _,
            platform: _,
            one_of_many: _,
            simulation,
            now: _,
            trail,
            bundled_roots: _,
            certs_folders,
            origin: _,
            fell_back_to_http: _,
            authenticated_before,
            authentication,
            journal,
            // The requests; the answers are in the journal.
            matrix: _,
            answered,
            asked,
            stories,
            may_be_plain: _,
            left_out: _,
            unrecorded: _,
            // Checked when it was read.
            provenance: _,
            interrupted: _,
            options,
        } = record;
        simulation.iter_mut().for_each(own);
        let RunOptions {
            platform: _,
            // Words of commands, which are quoted for a shell or left out.
            accept: _,
            credentials_file: _,
            authority_file: _,
            lab: _,
            plain_http: _,
            cleartext_login: _,
            insecure: _,
            credential: _,
            certificate: _,
            public: _,
            login_withheld,
            headers_withheld,
            typed: _,
            follows: _,
        } = options;
        login_withheld.iter_mut().chain(headers_withheld).for_each(|words| self.seal(words));
        self.seal_trail(trail);
        certs_folders.iter_mut().for_each(|folder| self.seal(folder));
        let stories = stories.iter_mut().chain([authentication]).chain(authenticated_before);
        stories.for_each(|story| self.seal_authentication(story));
        for Reply { query, exchanges: _ } in answered.iter_mut().chain(asked) {
            if let Query::Path(_, path, _) | Query::Page(_, Some(path)) = query {
                *path = self.clean(path);
            }
        }
        let mut bodies = Bodies::default();
        journal.change_each(|exchange| self.seal_exchange(exchange, &mut bodies));
    }

    /// Seals one of our texts, which may quote others.
    fn seal(&mut self, text: &mut String) {
        *text = Untrusted::new(self.text(text)).printable();
    }

    fn seal_words(&mut self, words: &mut Untrusted) {
        *words = Untrusted::new(self.clean(words.as_str()));
    }

    fn seal_all<'a>(&mut self, words: impl IntoIterator<Item = &'a mut Untrusted>) {
        words.into_iter().for_each(|words| self.seal_words(words));
    }

    fn seal_exchange(&mut self, exchange: &mut Exchange, bodies: &mut Bodies) {
        let Exchange { request, response, failure, connection, started: _, duration: _, timing: _ } = exchange;
        let Request { purpose, method: _, url, headers, form } = request;
        *url = self.sealed_url(url);
        for RequestHeader { name, value } in headers {
            own_text(name);
            match value {
                RequestValue::Sent(text) => own_text(text),
                RequestValue::Withheld(Withheld { kind: _, scheme: _, shape: _ }) => {}
            }
        }
        if let Some(RequestForm { fields, name, withheld: _ }) = form {
            [fields, name].into_iter().for_each(own_text);
        }
        if let Some(Response { status, reason, http_version, headers, body }) = response {
            own(http_version);
            self.seal_all(reason);
            for (name, value) in headers {
                *value = self.header(name, value);
                own_text(name);
            }
            let is_of_a_token_service = *purpose == Purpose::Token;
            // A token service refuses with messages.
            let may_be_token = is_of_a_token_service && (*status < 400 || body.is_json());
            if let Some(sealed) = self.sealed_body(may_be_token, body, bodies) {
                *body = sealed;
            }
        }
        if let Some(Failure { kind, message }) = failure {
            self.seal_words(message);
            if let FailureKind::Certificate(CertificateFault::WrongName(names)) = kind {
                self.seal_all(names);
            }
        }
        self.seal_connection(connection);
    }

    fn seal_connection(&mut self, connection: &mut Connection) {
        let Connection {
            addresses: _,
            failed,
            remote: _,
            place: _,
            reused: _,
            shared: _,
            reopened: _,
            proxy,
            begins_with,
            tls_fault_ignored,
            presented,
            handshake,
            certificate_request,
            leaf_trusted_by: _,
        } = connection;
        failed.iter_mut().for_each(|(_, words)| self.seal(words));
        if let Some(ProxyChoice { address, because }) = proxy {
            self.seal(address);
            own(because);
        }
        if begins_with.as_ref().is_some_and(|bytes| self.own_secret_in(bytes).is_some()) {
            *begins_with = None;
        }
        if let Some(fault) = tls_fault_ignored {
            self.seal(fault);
        }
        if let Some(PresentedChain { asked_for, certificates, omitted: _, judged_at: _ }) = presented {
            self.seal(asked_for);
            for PresentedCertificate { size: _, sha256, details } in certificates {
                own_text(sha256);
                if let Ok(details) = details {
                    self.seal_certificate(details);
                }
            }
        }
        if let Some(TlsHandshake { version, cipher, protocol }) = handshake {
            [version, cipher].into_iter().for_each(own);
            self.seal_all(protocol);
        }
        if let Some(CertificateRequest { authorities, omitted: _, answered: _ }) = certificate_request {
            self.seal_all(authorities);
        }
    }

    fn seal_certificate(&mut self, details: &mut CertificateDetails) {
        let CertificateDetails {
            subject,
            issuer,
            names,
            omitted_names: _,
            not_before: _,
            not_after: _,
            is_authority: _,
            self_issued: _,
            self_signed: _,
            for_servers: _,
            unknown_critical_extension: _,
            issuer_addresses,
        } = details;
        self.seal_all([subject, issuer].into_iter().chain(names).chain(issuer_addresses));
    }

    /// A body without secrets; `None` if it contains none.
    fn sealed_body(&mut self, may_be_token: bool, body: &Body, before: &mut Bodies) -> Option<Body> {
        let key = (body.bytes.as_ptr() as usize, body.bytes.len());
        let is_shared = !may_be_token && !body.truncated;
        if let Some((_, sealed)) = before.0.get(&key).filter(|_| is_shared) {
            return sealed.clone();
        }
        let shown = if may_be_token {
            Some(self.token_body(&body.bytes).as_str().to_owned())
        } else {
            match as_text(&body.bytes, body.truncated) {
                Some(text) => Some(self.body(text, usize::MAX, body.truncated)),
                // A secret cannot be removed from binary bytes, and none of those are shown.
                None => self.own_secret_in(&body.bytes).map(|_| String::new()),
            }
        };
        let sealed = shown.filter(|shown| shown.as_bytes() != &*body.bytes).map(|shown| body.without_secrets(shown));
        if is_shared {
            before.0.insert(key, (body.bytes.clone(), sealed.clone()));
        }
        sealed
    }

    fn seal_authentication(&mut self, story: &mut Authentication) {
        let Authentication {
            credential: _,
            challenge,
            challenged_by: _,
            token: _,
            token_shape,
            token_claims,
            token_lifetime: _,
            token_remarks,
            over_http: _,
            granted: _,
            outcome,
        } = story;
        if let Some(ChallengeSeen { scheme, realm, service, scope, remarks }) = challenge {
            self.seal_words(scheme);
            self.seal_all(realm.iter_mut().chain(service).chain(scope));
            remarks.iter_mut().for_each(|remark| self.seal(remark));
        }
        token_shape.iter_mut().chain(token_remarks).for_each(|text| self.seal(text));
        if let Some(TokenClaims { not_before: _, issued_at: _, expires: _, audience, actions }) = token_claims {
            self.seal_all(audience.iter_mut().chain(actions.iter_mut().flatten()));
        }
        match outcome {
            Outcome::TokenUnusable(why) | Outcome::RealmRefused(why) | Outcome::ChallengeUnusable(why) => {
                self.seal(why)
            }
            Outcome::RealmNotTrusted(realm) => self.seal_words(realm),
            Outcome::NotAsked
            | Outcome::Accepted
            | Outcome::Unjudged
            | Outcome::CredentialsMissing
            | Outcome::Rejected
            | Outcome::TokenRefused
            | Outcome::RealmUnreachable => {}
        }
    }

    fn seal_trail(&mut self, trail: &mut CredentialTrail) {
        let CredentialTrail { steps, pull_secret: PullSecretName { name, namespace } } = trail;
        name.iter_mut().chain(namespace).for_each(own_text);
        for TrailStep { place: CredentialPlace { file, because: _, reader: _ }, seen } in steps {
            self.seal_words(file);
            self.seal_seen(seen);
        }
    }

    fn seal_seen(&mut self, seen: &mut Seen) {
        match seen {
            Seen::NotThere | Seen::OthersDamaged(_) => {}
            Seen::Unreadable(words) | Seen::Unusable(words) => self.seal(words),
            Seen::NoEntry { others: _, keys } => self.seal_all(keys),
            Seen::NearMiss { key, why, helper: _ } => {
                self.seal_words(key);
                match why {
                    NearMiss::NotPlain(found) => self.seal(found),
                    NearMiss::HubAlias(found) => own(found),
                    NearMiss::Port
                    | NearMiss::Repository
                    | NearMiss::Blank
                    | NearMiss::SameService
                    | NearMiss::Domain => {}
                }
            }
            Seen::Entry { key, form: _, damage: _ } | Seen::Damaged { key, damage: _ } => self.seal_words(key),
            Seen::Empty { key } | Seen::Repeated { key } => self.seal_words(key),
            Seen::BehindHelper { key, helper } => self.seal_all([key, helper]),
            Seen::Helper { helper, server, outcome } => {
                self.seal_all([helper, server]);
                if let HelperOutcome::CannotStart(words) | HelperOutcome::Unusable(words) = outcome {
                    self.seal(words);
                }
            }
            Seen::StoreNotHeeded { helper } => self.seal_words(helper),
            Seen::PullSecret(fault) => match fault {
                PullSecretFault::NotYaml(words) | PullSecretFault::NotConfig(words) => self.seal(words),
                PullSecretFault::NoSecret(names) | PullSecretFault::OnlyNames(names) => self.seal_all(names),
                PullSecretFault::WrongType(name) => self.seal_words(name),
                PullSecretFault::NoData(name) => own(name),
                PullSecretFault::NotBase64 | PullSecretFault::TwiceEncoded => {}
            },
            Seen::Elsewhere { key, why } => {
                self.seal_words(key);
                match why {
                    Elsewhere::SudoUser(user) => self.seal_words(user),
                    Elsewhere::Variable(name) => own(name),
                }
            }
        }
    }
}
