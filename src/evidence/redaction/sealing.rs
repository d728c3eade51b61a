//! A record without secrets: every text of it goes through the nets before it is judged for the last time, shown or kept.
//! So a recording holds all that rules and reports see, and nothing else does.
//!
//! Each value is taken apart by name, without `..`: a new field does not compile until it is decided what becomes of it.

use std::collections::HashMap;

use bytes::Bytes;

use super::Redactor;
use crate::evidence::record::Record;
use crate::evidence::trail::{
    CredentialPlace, CredentialTrail, Elsewhere, HelperOutcome, NearMiss, PullSecretFault, PullSecretName, Seen,
    TrailStep,
};
use crate::evidence::{
    Answered, Authentication, Body, CertificateDetails, CertificateFault, CertificateRequest, ChallengeSeen,
    Connection, Exchange, Failure, FailureKind, Handshake, Outcome, PresentedCertificate, PresentedChain, ProxyChoice,
    Purpose, Query, Request, Response, TokenClaims,
};
use crate::text::{Untrusted, as_text};

/// Bodies that came before, with what became of them: most variants are served the same bytes.
#[derive(Default)]
struct Bodies(HashMap<(usize, usize), (Bytes, Option<Body>)>);

impl Redactor {
    /// The record without secrets. Nothing is counted: what is taken out counts where it is shown.
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

    /// Keeps in mind the addresses of an exchange. They may be signed, and a server may repeat in a body what it was asked.
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
            // What was typed was refused where it has a secret in it.
            reference: _,
            mended: _,
            depth: _,
            platform: _,
            reads_small_layers: _,
            simulation: _,
            now: _,
            trail,
            bundled_roots: _,
            certs_folders,
            origin: _,
            fell_back_to_http: _,
            authentication,
            journal,
            // What was sent; the answers are in the journal.
            matrix: _,
            answered,
            asked,
            stories,
            may_be_plain: _,
            left_out: _,
            interrupted: _,
            options: _,
        } = record;
        self.seal_trail(trail);
        certs_folders.iter_mut().for_each(|folder| self.seal(folder));
        stories.iter_mut().chain([authentication]).for_each(|story| self.seal_authentication(story));
        for Answered { query, exchanges: _ } in answered.iter_mut().chain(asked) {
            if let Query::Path(_, path, _) = query {
                self.seal(path);
            }
        }
        let mut bodies = Bodies::default();
        journal.change_each(|exchange| self.seal_exchange(exchange, &mut bodies));
    }

    fn seal(&mut self, text: &mut String) {
        *text = self.clean(text);
    }

    fn seal_words(&mut self, words: &mut Untrusted) {
        *words = Untrusted::new(self.clean(words.as_str()));
    }

    fn seal_all<'a>(&mut self, words: impl IntoIterator<Item = &'a mut Untrusted>) {
        words.into_iter().for_each(|words| self.seal_words(words));
    }

    fn seal_exchange(&mut self, exchange: &mut Exchange, bodies: &mut Bodies) {
        let Exchange { request, response, failure, connection, started: _, duration: _, timing: _ } = exchange;
        let Request { purpose, method: _, url, headers: _, withheld: _, form: _ } = request;
        *url = self.sealed_url(url);
        if let Some(Response { status, reason, http_version: _, headers, body }) = response {
            self.seal_all(reason);
            for (name, value) in headers {
                *value = self.header(name, value);
            }
            let is_of_a_token_service = *purpose == Purpose::Token;
            // A service refuses with words.
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
        if let Some(ProxyChoice { address, because: _ }) = proxy {
            self.seal(address);
        }
        if begins_with.as_ref().is_some_and(|bytes| self.own_secret_in(bytes).is_some()) {
            *begins_with = None;
        }
        if let Some(fault) = tls_fault_ignored {
            self.seal(fault);
        }
        if let Some(PresentedChain { asked_for, certificates, omitted: _, judged_at: _ }) = presented {
            self.seal(asked_for);
            for PresentedCertificate { size: _, sha256: _, details } in certificates {
                if let Ok(details) = details {
                    self.seal_certificate(details);
                }
            }
        }
        if let Some(Handshake { version: _, cipher: _, protocol }) = handshake {
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

    /// A body without secrets; `None` where there are none in it.
    fn sealed_body(&mut self, may_be_token: bool, body: &Body, before: &mut Bodies) -> Option<Body> {
        let key = (body.bytes.as_ptr() as usize, body.bytes.len());
        if let Some((_, sealed)) = before.0.get(&key).filter(|_| !may_be_token && !body.truncated) {
            return sealed.clone();
        }
        let shown = if may_be_token {
            Some(self.token_body(&body.bytes).as_str().to_owned())
        } else {
            match as_text(&body.bytes, body.truncated) {
                Some(text) => Some(self.body(text, usize::MAX, body.truncated)),
                // A secret cannot be taken out of other bytes, and nothing of those is shown.
                None => self.own_secret_in(&body.bytes).map(|_| String::new()),
            }
        };
        let sealed = shown.filter(|shown| shown.as_bytes() != &*body.bytes).map(|shown| body.without_secrets(shown));
        before.0.insert(key, (body.bytes.clone(), sealed.clone()));
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
        let CredentialTrail { steps, pull_secret: PullSecretName { name: _, namespace: _ } } = trail;
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
                if let NearMiss::NotPlain(found) = why {
                    self.seal(found);
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
                PullSecretFault::NoData(_) | PullSecretFault::NotBase64 | PullSecretFault::TwiceEncoded => {}
            },
            Seen::Elsewhere { key, why } => {
                self.seal_words(key);
                if let Elsewhere::SudoUser(user) = why {
                    self.seal_words(user);
                }
            }
        }
    }
}
