//! A case for tests, built from the answers of servers.

mod image;
mod reply;

pub(crate) use image::{GZIP_LAYER, TestImage, gzip};
pub(crate) use reply::{Canned, answer, failed, refused, served};

use super::{Case, Finding, Judgement, catalogue, engine, judge};
use crate::evidence::testing::unanswered;
use crate::evidence::{
    ChallengeSeen, CredentialPlace, CredentialTrail, CredentialUse, Depth, Exchange, ExchangeId, Matrix, Method,
    Outcome, PlaceReason, Purpose, Query, Reader, Record, Reply, Request, RequestHeader, Seen, TrailStep, Variant,
    variant,
};
use crate::oci::{Algorithm, Digest, Reference, Scheme, media_type};
use crate::text::Untrusted;

/// The recorded Docker v2 manifest, without its line breaks.
pub(crate) const DOCKER_IMAGE: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":242,"digest":"sha256:e201c3f4dcec1faef9adb479ca25a933e86e2c259391e81471d18c0e706a9b66"},"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":96,"digest":"sha256:8c895b07f45979367be9aad25590e7fab0d086203b512f7f189d9b84ca389c12"}]}"#;
/// The same image as an OCI manifest.
pub(crate) const OCI_IMAGE: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":242,"digest":"sha256:e201c3f4dcec1faef9adb479ca25a933e86e2c259391e81471d18c0e706a9b66"},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":96,"digest":"sha256:8c895b07f45979367be9aad25590e7fab0d086203b512f7f189d9b84ca389c12"}]}"#;
/// A schema 1 document, as registries generate it for old clients.
pub(crate) const DOCKER_V1: &str = r#"{"schemaVersion":1,"name":"demo/app","tag":"stable","architecture":"amd64","fsLayers":[{"blobSum":"sha256:8c895b07f45979367be9aad25590e7fab0d086203b512f7f189d9b84ca389c12"}],"history":[{"v1Compatibility":"{}"}],"signatures":[]}"#;
/// A registry's answer for a missing tag or digest, without details.
pub(crate) const UNKNOWN: &str = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
/// CNCF distribution's answer to clients that do not accept an OCI manifest.
pub(crate) const OCI_MANIFEST_FOUND: &str = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"OCI manifest found, but accept header does not support OCI manifests"}]}"#;
/// CNCF distribution 2.8's answer to clients that do not accept an OCI index.
pub(crate) const OCI_INDEX_FOUND: &str = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"OCI index found, but accept header does not support OCI indexes"}]}"#;

/// An index or list of this type with one entry for each digest and platform. Digests may be abbreviated; zeros follow.
pub(crate) fn index_of(kind: &str, entries: &[(&str, &str)]) -> String {
    let of_the_same_family =
        if kind == media_type::DOCKER_LIST { media_type::DOCKER_V2 } else { media_type::OCI_MANIFEST };
    let entry = |(digest, platform): &(&str, &str)| {
        let mut parts = platform.split('/');
        let (os, architecture) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let variant = parts.next().map(|variant| format!(r#","variant":"{variant}""#)).unwrap_or_default();
        let attestation = r#","annotations":{"vnd.docker.reference.type":"attestation-manifest"}"#;
        let attestation = if os == "unknown" { attestation } else { "" };
        let digest = match digest.strip_prefix("sha256:") {
            Some(digits) => format!("sha256:{digits:0<64}"),
            None => (*digest).to_owned(),
        };
        format!(
            r#"{{"mediaType":"{}","size":522,"digest":"{digest}","platform":{{"os":"{os}","architecture":"{architecture}"{variant}}}{attestation}}}"#,
            of_the_same_family
        )
    };
    let entries: Vec<_> = entries.iter().map(entry).collect();
    format!(r#"{{"schemaVersion":2,"mediaType":"{kind}","manifests":[{}]}}"#, entries.join(","))
}

/// The digest of a document.
pub(crate) fn digest_of(text: &str) -> Digest {
    Digest::of(Algorithm::Sha256, text.as_bytes())
}

/// A run under construction.
pub(crate) struct Scene {
    probes: Vec<(Variant, Option<ExchangeId>)>,
    pairs: Vec<(ExchangeId, ExchangeId)>,
    pub record: Record,
}

/// A run for this reference, without any request yet.
pub(crate) fn scene(reference: &str) -> Scene {
    let reference = Reference::parse(reference).unwrap();
    Scene {
        probes: Variant::twelve().into_iter().map(|variant| (variant, None)).collect(),
        pairs: Vec::new(),
        record: Record::new(reference, Depth::Probe, "linux/amd64".parse().unwrap()),
    }
}

impl Scene {
    /// Makes the client one that accepts these types.
    pub(crate) fn asking(mut self, types: &[&str]) -> Self {
        let types: Vec<_> = types.iter().map(|&kind| kind.to_owned()).collect();
        self.probes.push((Variant::asked(&types), None));
        self
    }

    /// Sets the answer to these variants.
    pub(crate) fn to(mut self, variants: &[&str], reply: &Canned) -> Self {
        for index in 0..self.probes.len() {
            if variants.contains(&self.probes[index].0.id()) {
                self.probes[index].1 = Some(self.enter(Purpose::Manifest(self.probes[index].0.id()), reply));
            }
        }
        self
    }

    /// Sets the answer to all variants that have none yet.
    pub(crate) fn others(self, reply: &Canned) -> Self {
        let open = self.probes.iter().filter(|(_, exchange)| exchange.is_none());
        let open: Vec<_> = open.map(|(variant, _)| variant.id()).collect();
        self.to(&open, reply)
    }

    /// Sets the answer to HEAD, in addition to the current client's GET.
    pub(crate) fn head(mut self, reply: &Canned) -> Self {
        let head = self.enter(Purpose::Manifest(variant::ALL), &reply.clone().by_head());
        let get = self.probes.iter().find(|(variant, _)| variant.id() == variant::ALL);
        self.pairs.push((head, get.and_then(|(_, exchange)| *exchange).unwrap()));
        self
    }

    /// Sets the answer to the question whether the digest is that of a blob.
    pub(crate) fn blob(self, reply: &Canned) -> Self {
        let question = Query::HasBlob(self.record.reference.digest().unwrap().clone());
        self.told(question, &[reply.clone().by_head()])
    }

    /// Makes the run a diagnosis, which asks more than a probe.
    pub(crate) fn diagnosed(mut self) -> Self {
        self.record.depth = Depth::Diagnosis;
        self
    }

    /// Sets the answer to a question of a diagnosis: one answer, or the pages of a list. Empty if a limit prevented the
    /// request.
    pub(crate) fn told(mut self, question: Query, replies: &[Canned]) -> Self {
        let purpose = question.purpose();
        let (path, selector) = match &question {
            Query::Child(digest, _) => (self.record.reference.repository().to_owned(), Some(digest.to_string())),
            Query::Elsewhere(other) => (other.repository().to_owned(), Some(other.selector())),
            _ => (self.record.reference.repository().to_owned(), None),
        };
        let selector = selector.map(|selector| format!("/v2/{path}/manifests/{selector}"));
        let exchanges = replies.iter().map(|reply| self.enter_at(purpose, selector.as_deref(), reply)).collect();
        self.record.answered.push(Reply { query: question, exchanges });
        self
    }

    /// Sets the answer to a request for a child by this method.
    pub(crate) fn child(self, digest: &Digest, method: Method, reply: &Canned) -> Self {
        let reply = if method == Method::Head { reply.clone().by_head() } else { reply.clone() };
        self.told(Query::Child(digest.clone(), method), &[reply])
    }

    /// Sets the tags of the repository, all on one page.
    pub(crate) fn tags(self, tags: &[&str]) -> Self {
        let list = serde_json::json!({ "name": self.record.reference.repository(), "tags": tags }).to_string();
        self.told(Query::Tags, &[answer(200, "application/json", &list)])
    }

    /// Sets the answer for another repository of the same registry.
    pub(crate) fn in_repository(self, repository: &str, reply: &Canned) -> Self {
        let other = self.record.reference.with_repository(repository).unwrap();
        self.told(Query::Elsewhere(other), std::slice::from_ref(reply))
    }

    /// Gives credentials.
    pub(crate) fn with_credentials(mut self) -> Self {
        self.record.authentication.credential = CredentialUse::Given;
        self
    }

    /// Sets the credential search on this machine, in one file.
    pub(crate) fn trail(mut self, because: PlaceReason, reader: Reader, seen: Vec<Seen>) -> Self {
        let place = CredentialPlace { file: Untrusted::from("~/file"), because, reader };
        let steps: Vec<_> = seen.into_iter().map(|seen| TrailStep { place: place.clone(), seen }).collect();
        self.record.trail = CredentialTrail { steps, ..CredentialTrail::default() };
        if self.record.trail.chosen().is_some() {
            self.record.authentication.credential = CredentialUse::Stored;
        }
        self
    }

    /// Sets a challenge, and the outcome of the authentication.
    pub(crate) fn challenged(mut self, scheme: &str, realm: &str, outcome: Outcome) -> Self {
        self.record.authentication.challenge = Some(ChallengeSeen {
            scheme: Untrusted::from(scheme),
            realm: Some(Untrusted::from(realm)),
            service: None,
            scope: None,
            remarks: Vec::new(),
        });
        let challenge = answer(
            401,
            "application/json",
            r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#,
        );
        self.record.authentication.challenged_by = Some(self.enter(Purpose::Manifest(variant::ALL), &challenge));
        self.record.authentication.outcome = outcome;
        self
    }

    /// Sets the answer of the token server.
    pub(crate) fn token(mut self, reply: &Canned) -> Self {
        self.record.authentication.token =
            Some(self.enter(Purpose::Token, &reply.clone().from("https://auth.example.net/token")));
        self
    }

    /// Sets the answer of a token server at another address.
    pub(crate) fn token_at(mut self, realm: &str, reply: &Canned) -> Self {
        self.record.authentication.token = Some(self.enter(Purpose::Token, &reply.clone().from(realm)));
        self
    }

    /// Sets the answer that contained the challenge.
    pub(crate) fn challenge_was(&mut self, reply: &Canned) {
        self.record.authentication.challenged_by = Some(self.enter(Purpose::Manifest(variant::ALL), reply));
    }

    fn enter(&mut self, purpose: Purpose, reply: &Canned) -> ExchangeId {
        self.enter_at(purpose, None, reply)
    }

    /// Records an exchange, for this path of the registry if it is not that of the reference.
    fn enter_at(&mut self, purpose: Purpose, path: Option<&str>, reply: &Canned) -> ExchangeId {
        for address in &reply.redirected_from {
            let redirect = Canned { method: reply.method, ..answer(307, "", "").from(address) };
            self.enter_at(purpose, path, &redirect);
        }
        let scheme = self.record.reference.scheme().unwrap_or(Scheme::Https).as_str();
        let own = format!(
            "{scheme}://{}/v2/{}/manifests/{}",
            self.record.reference.registry(),
            self.record.reference.repository(),
            self.record.reference.selector()
        );
        let own = match path {
            Some(path) => format!("{scheme}://{}{path}", self.record.reference.registry()),
            None => own,
        };
        let accept = match purpose {
            Purpose::Manifest(id) => {
                let probe = self.probes.iter().find(|(variant, _)| variant.id() == id);
                probe.map(|(variant, _)| variant.accept().join(", ")).filter(|lines| !lines.is_empty())
            }
            Purpose::Child | Purpose::Comparison => Some(media_type::CURRENT.join(", ")),
            _ => None,
        };
        let headers = accept.map(|accept| RequestHeader::sent("accept", accept)).into_iter();
        let headers = headers.chain(reply.request_headers.iter().cloned()).collect();
        let empty = unanswered(reply.url.as_deref().unwrap_or(&own));
        self.record.journal.enter(Exchange {
            request: Request { purpose, method: reply.method, headers, ..empty.request },
            response: reply.response.clone(),
            failure: reply.failure.clone(),
            connection: reply.connection.clone(),
            ..empty
        })
    }

    /// The record of the run.
    pub(crate) fn recorded(&self) -> Record {
        let matrix = Matrix::new(self.probes.clone(), self.pairs.clone(), &self.record.journal);
        Record { matrix, ..self.record.clone() }
    }

    /// Passes the case to a function.
    pub(crate) fn case<T>(&self, look: impl FnOnce(&Case<'_>) -> T) -> T {
        look(&Case::new(&self.recorded()))
    }

    /// The finding of one rule, unless another rule replaces it, regardless of earlier causes.
    #[track_caller]
    pub(crate) fn finding(&self, rule: &str) -> Option<Finding> {
        let at = catalogue().iter().position(|other| other.name == rule).unwrap_or_else(|| panic!("no rule {rule}"));
        let finding =
            self.case(|case| engine::examine(catalogue(), &engine::replacing(catalogue()), case).swap_remove(at));
        finding.iter().for_each(|finding| note(rule, finding));
        finding
    }

    /// The result of all rules.
    pub(crate) fn judge(&self) -> Judgement {
        let judgement = self.case(judge);
        judgement.findings.iter().for_each(|finding| note(finding.rule, finding));
        judgement
    }

    /// The names of the rules with a finding, most important first, and the exit status.
    pub(crate) fn verdict(&self) -> (Vec<&'static str>, u8) {
        let judgement = self.judge();
        (judgement.findings.iter().map(|finding| finding.rule).collect(), judgement.exit_status().code())
    }
}

/// The environment variable that names the file which collects the rules with a finding in a test, and the titles.
pub(crate) const FOUND: &str = "OCISCOPE_FOUND_RULES";

/// Checks the invariants of a finding, and records its rule and title if the environment asks for it.
#[track_caller]
fn note(rule: &str, finding: &Finding) {
    assert!(!finding.cause.is_empty(), "{rule} does not say why: {finding:?}");
    if let Some(path) = std::env::var_os(FOUND) {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
        // In one write, because tests run concurrently.
        let line = format!("{rule}\t{}\n", finding.title.replace('\n', " "));
        std::io::Write::write_all(&mut file.unwrap(), line.as_bytes()).unwrap();
    }
}
