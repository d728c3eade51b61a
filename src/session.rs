//! What one run remembers, and the one place where doing and judging meet.
//!
//! The session turns what the user said into requests, has the answers judged, asks what the rules still want to know,
//! and makes the report. It knows nothing of terminals.

mod simulation;

use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::join_all;
use http::header::HeaderName;
use tokio::sync::watch;
use url::Url;

use crate::auth::{Credentials, Grant, TrustedRealms};
use crate::diagnosis::{Case, Circumstances, Judgement, Question, judge, reading, shell_quoted};
use crate::evidence::{
    Authentication, CredentialUse, Exchange, ExchangeId, FailureKind, Journal, Observation, Outcome, Redactor, Secret,
    Variant, variant,
};
use crate::knowledge::{known_registry, realm_pairs};
use crate::lab::Lab;
use crate::oci::{Digest, Origin, Platform, Reference, Scheme};
use crate::probe::{Plan, Probed, Prober};
use crate::registry::{RegistryClient, Target};
use crate::report::{Material, Report, build};
use crate::transport::{Limits, Options, ResolveTo, Roots, Stop, Transport, TransportError};

pub use simulation::{LabChoice, SimulationError};

/// What the user said about how to ask, for every command alike.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The platform that is wanted.
    pub platform: Platform,
    /// The credentials for the registry.
    pub credentials: Option<Credentials>,
    /// Hosts that may receive them beside the registry.
    pub trusted_realms: Vec<String>,
    /// Speak plain HTTP to the registry.
    pub plain_http: bool,
    /// Let certificate faults of the registry pass.
    pub insecure: bool,
    /// A file with further trusted authorities.
    pub authority_file: Option<PathBuf>,
    /// Connect elsewhere for these hosts.
    pub resolve: Vec<ResolveTo>,
    /// Headers to send to the registry.
    pub headers: Vec<(HeaderName, Secret)>,
    /// How long the whole run may take.
    pub timeout: Option<Duration>,
    /// Ask the lab in the place of the network.
    pub lab: Option<LabChoice>,
}

impl Settings {
    /// The options that make a report of the same again, each with a blank before it. Nothing that may be secret, and
    /// nothing that names this machine, is among them.
    fn words(&self, accept: &[String]) -> String {
        let mut words: Vec<String> = accept.iter().map(|line| format!("--accept {}", shell_quoted(line))).collect();
        if self.platform != Platform::of_this_machine() {
            words.push(format!("--platform {}", self.platform));
        }
        if self.credentials.is_some() {
            words.push("--username NAME --password-stdin".to_owned());
        }
        words.extend(self.plain_http.then(|| "--plain-http".to_owned()));
        words.extend(self.insecure.then(|| "--insecure".to_owned()));
        words.iter().map(|word| format!(" {word}")).collect()
    }
}

/// Why a run could not even begin.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Nothing can be sent.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// There is no lab to ask.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    /// The reference does not make an address. The reference grammar should not let this happen.
    #[error("{0} does not make an address that can be asked")]
    Address(String),
}

/// One run.
pub struct Session {
    settings: Settings,
    stop: watch::Receiver<Option<Stop>>,
}

/// The most rounds of questions that rules may ask.
const QUESTION_ROUNDS: usize = 3;

impl Session {
    /// A session with these settings, which ends early when `stop` says so.
    pub fn new(settings: Settings, stop: watch::Receiver<Option<Stop>>) -> Self {
        Self { settings, stop }
    }

    /// Sends every Accept variant against a reference, and says what the answers mean. `accept` describes the client
    /// that asks; where it is empty, a current one does.
    ///
    /// The redactor knows the secrets of the run; what is made of the report goes through it once more.
    ///
    /// # Errors
    /// Where nothing could be sent at all. Whatever goes wrong afterwards is in the report.
    pub async fn probe(&self, reference: &Reference, accept: &[String]) -> Result<(Report, Redactor), SessionError> {
        let lab = match self.settings.lab {
            Some(choice) => Some(choice.start(reference).await?),
            None => None,
        };
        let transport = Transport::new(self.transport_options(reference, lab.as_ref()), self.stop.clone())?;
        let mut run = Run { session: self, reference, transport: &transport, journal: Journal::default() };
        let (base, probed, fell_back_to_http) = run.probe(accept).await?;
        let circumstances = Circumstances {
            known: known_registry(reference.registry().name()),
            bundled_roots: transport.roots() == Some(Roots::Bundled),
            fell_back_to_http,
            platform: self.settings.platform.clone(),
        };
        let client = RegistryClient { transport: &transport, target: run.target(base.clone()) };
        let (mut judgement, sentences) = run.judge(&probed, &circumstances, &client).await;
        let fixes = judgement.findings.iter_mut().flat_map(|finding| &mut finding.fix);
        LabChoice::in_the_same_scenario(self.settings.lab, fixes.filter_map(|fix| fix.command.as_mut()));
        let interrupted = self.stop.borrow().is_some();
        let origin = Origin::of(&base).ok_or_else(|| SessionError::Address(reference.to_string()))?;
        let mut redactor = self.redactor(&transport, probed.grant.as_ref());
        let material = Material {
            reference,
            origin: &origin,
            matrix: &probed.matrix,
            reading: sentences,
            asked_as: asked_as(&probed.authentication),
            notes: notes(&probed, &circumstances, &origin, &run.journal),
            next: next_steps(reference, &probed, &self.settings, accept, &run.journal),
            simulation: lab.as_ref().map(|lab| lab.scenario().name.clone()),
            interrupted,
            judgement,
            journal: &run.journal,
        };
        Ok((build(material, &mut redactor), redactor))
    }

    /// Comes back when the run is to end.
    pub async fn until_stopped(&self) {
        // Without anybody who could say so, the run ends at once.
        let _ = self.stop.clone().wait_for(Option::is_some).await;
    }

    fn transport_options(&self, reference: &Reference, lab: Option<&Lab>) -> Options {
        let settings = &self.settings;
        Options {
            resolve: settings.resolve.clone(),
            enclosed: lab.map(simulation::enclosed),
            authority_file: settings.authority_file.clone(),
            insecure_host: settings.insecure.then(|| reference.registry().name().to_owned()),
            limits: settings.timeout.map_or(Limits::DEFAULT, Limits::within),
        }
    }

    /// OpenShift gives everybody the token `anonymous`, which is no secret, and also a word that reports use.
    fn is_a_word(&self, grant: &Grant) -> bool {
        self.settings.credentials.is_none() && grant.secret().reveal() == "anonymous"
    }

    fn redactor(&self, transport: &Transport, grant: Option<&Grant>) -> Redactor {
        let basic = self.settings.credentials.as_ref().map(Credentials::basic);
        let proxies: Vec<_> = transport.proxy_passwords().into_iter().map(Secret::new).collect();
        let mut known: Vec<(&'static str, &Secret)> = Vec::new();
        known.extend(self.settings.credentials.iter().map(|credentials| ("password", &credentials.password)));
        known.extend(basic.iter().map(|basic| ("password", basic)));
        known.extend(grant.filter(|grant| !self.is_a_word(grant)).map(|grant| ("token", grant.secret())));
        known.extend(self.settings.headers.iter().map(|(_, value)| ("header value", value)));
        known.extend(proxies.iter().map(|password| ("proxy password", password)));
        Redactor::new(known)
    }
}

/// A run under way.
struct Run<'a> {
    session: &'a Session,
    reference: &'a Reference,
    transport: &'a Transport,
    journal: Journal,
}

impl Run<'_> {
    /// Probes over HTTPS, over HTTP where that was asked for, and on loopback over whichever answers.
    async fn probe(&mut self, accept: &[String]) -> Result<(Url, Probed, Option<ExchangeId>), SessionError> {
        let settings = &self.session.settings;
        let host = self.reference.registry();
        let (scheme, tentative) = match self.reference.scheme() {
            _ if settings.plain_http => (Scheme::Http, false),
            Some(scheme) => (scheme, false),
            None => (Scheme::Https, host.is_loopback()),
        };
        let base = self.base(scheme)?;
        let probed = self.probe_over(scheme, tentative, base.clone(), accept).await;
        let first_try = probed.matrix.probe(variant::ALL).and_then(|probe| probe.exchange);
        let Some(first_try) = first_try.filter(|&id| tentative && speaks_no_tls(self.journal.get(id), host.port()))
        else {
            return Ok((base, probed, None));
        };
        let plain = self.base(Scheme::Http)?;
        let probed = self.probe_over(Scheme::Http, false, plain.clone(), accept).await;
        Ok((plain, probed, Some(first_try)))
    }

    async fn probe_over(&mut self, scheme: Scheme, tentative: bool, base: Url, accept: &[String]) -> Probed {
        let settings = &self.session.settings;
        let known = known_registry(self.reference.registry().name());
        let pairs: Vec<_> = realm_pairs().map(|(host, realm)| (host.to_owned(), realm.to_owned())).collect();
        let mut variants = Variant::twelve();
        if !accept.is_empty() {
            variants.push(Variant::asked(accept));
        }
        let plan = Plan::new(scheme, known, settings.credentials.is_some());
        let prober = Prober {
            registry: RegistryClient { transport: self.transport, target: self.target(base) },
            plan: if tentative { plan.tentative() } else { plan },
            credentials: settings.credentials.as_ref(),
            trusted: TrustedRealms { pairs: &pairs, by_user: &settings.trusted_realms },
            variants,
        };
        prober.run(&mut self.journal).await
    }

    /// Runs the rules, asks what they want to know, and runs them again.
    async fn judge(
        &mut self,
        probed: &Probed,
        circumstances: &Circumstances,
        client: &RegistryClient<'_>,
    ) -> (Judgement, Vec<String>) {
        let mut answered: Vec<(Question, ExchangeId)> = Vec::new();
        let Probed { matrix, authentication, grant } = probed;
        let mut rounds_left = QUESTION_ROUNDS;
        loop {
            let case = Case::new(self.reference, &self.journal, matrix, authentication, circumstances, &answered);
            let judgement = judge(&case);
            if judgement.questions.is_empty() || rounds_left == 0 || self.transport.is_stopped() {
                let sentences = reading(&case);
                return (judgement, sentences);
            }
            rounds_left -= 1;
            self.journal.begin_round();
            let asked = judgement.questions.iter().map(|question| match question {
                Question::Blob(digest) => client.has_blob(digest, grant.as_ref()),
            });
            let exchanges = join_all(asked).await;
            for (question, exchange) in judgement.questions.into_iter().zip(exchanges) {
                answered.push((question, self.journal.enter(exchange)));
            }
        }
    }

    fn base(&self, scheme: Scheme) -> Result<Url, SessionError> {
        let host = self.reference.registry();
        let authority = match known_registry(host.name()).and_then(|known| known.endpoint()) {
            Some(endpoint) => endpoint.to_owned(),
            None => host.to_string(),
        };
        Url::parse(&format!("{}://{authority}/", scheme.as_str()))
            .map_err(|_| SessionError::Address(self.reference.to_string()))
    }

    fn target(&self, base: Url) -> Target {
        Target {
            base,
            repository: self.reference.repository().to_owned(),
            selector: self.reference.selector(),
            headers: self.session.settings.headers.clone(),
        }
    }
}

/// Whether an attempt at HTTPS says that plain HTTP may be spoken instead. A certificate that is not accepted does not:
/// that is a fault to be seen, not to be got around.
fn speaks_no_tls(exchange: &Exchange, port: Option<u16>) -> bool {
    match exchange.failure.as_ref().map(|failure| &failure.kind) {
        Some(FailureKind::NotTls | FailureKind::Closed) => exchange.response.is_none(),
        // Without a port the two schemes mean two ports.
        Some(FailureKind::Refused) => port.is_none(),
        _ => false,
    }
}

fn asked_as(story: &Authentication) -> String {
    let who = match story.credential {
        CredentialUse::Anonymous => "anonymous",
        CredentialUse::Given if story.outcome == Outcome::NotAsked => "your credentials were not asked for",
        CredentialUse::Given => "with your credentials",
    };
    match &story.token_shape {
        Some(shape) => format!("{who}, with a token ({shape})"),
        None => who.to_owned(),
    }
}

fn notes(probed: &Probed, circumstances: &Circumstances, origin: &Origin, journal: &Journal) -> Vec<String> {
    let mut notes = Vec::new();
    let answered = probed.matrix.asking().and_then(|probe| probe.exchange).map(|id| journal.get(id));
    let elsewhere = answered.and_then(|exchange| Origin::of(&exchange.request.url)).filter(|other| other != origin);
    if let Some(elsewhere) = elsewhere {
        notes.push(format!("{origin} sends on to {elsewhere}, which gave the answer."));
    }
    if let Some(id) = circumstances.fell_back_to_http {
        notes.push(format!(
            "HTTPS was tried first (#{}) and is not spoken here; on loopback, plain HTTP was tried next.",
            id.0
        ));
    }
    if let Some(proxy) = journal.iter().find_map(|(_, exchange)| exchange.connection.proxy.as_ref()) {
        notes.push(format!("Asked through the proxy {} ({}).", proxy.address, proxy.because));
    }
    if let Some(counted) = probed.matrix.counted_pulls {
        let pulls = if counted == 1 { "1 pull".to_owned() } else { format!("{counted} pulls") };
        notes.push(format!("This registry counts each GET of a manifest as a pull; this run spent {pulls}."));
    }
    let unasked = probed.matrix.probes.iter().filter(|probe| probe.exchange.is_none()).count();
    if unasked > 0 {
        notes.push(format!("The other {unasked} variants were not sent: they would have got the same answer."));
    }
    notes
}

/// What can be typed next: the image behind an index, the same request by hand, the same report for an issue.
fn next_steps(
    reference: &Reference,
    probed: &Probed,
    settings: &Settings,
    accept: &[String],
    journal: &Journal,
) -> Vec<(String, String)> {
    let mut next = Vec::new();
    let platform = &settings.platform;
    let ociscope = LabChoice::program(settings.lab);
    let matrix = &probed.matrix;
    let answer = matrix.asking().and_then(|probe| matrix.shown(probe, journal)).map(|id| journal.get(id));
    let served = answer.and_then(Observation::of);
    let child = served.and_then(|observation| {
        let children = observation.document?.manifests();
        let child = children.into_iter().find(|child| child.platform.as_ref().is_some_and(|p| p.is(platform)))?;
        child.digest.as_str().parse::<Digest>().ok()
    });
    if let Some(digest) = child {
        let image = reference.with_digest(digest).to_string();
        next.push((format!("{ociscope} probe {}", shell_quoted(&image)), format!("the image for {platform}")));
    }
    // What the lab answers, nobody else does.
    if settings.lab.is_none()
        && probed.authentication.outcome == Outcome::NotAsked
        && let Some(exchange) = answer
        && exchange.status().is_some_and(|status| status >= 400)
        && let Some(asked) = journal.iter().map(|(_, first)| first).find(|first| is_same_request(first, exchange))
    {
        next.push((curl(asked), "the same request by hand".to_owned()));
    }
    let options = settings.words(accept);
    let again = format!("{ociscope} probe --format markdown{options} {}", shell_quoted(reference.input()));
    next.push((again, "this report, to paste into an issue".to_owned()));
    next
}

/// Whether an exchange is where another one began: the address behind redirects may be signed, and is not for others.
/// An attempt at HTTPS that came to nothing is not it.
fn is_same_request(first: &Exchange, last: &Exchange) -> bool {
    let (asked, answered) = (&first.request, &last.request);
    first.response.is_some() && asked.purpose == answered.purpose && asked.method == answered.method
}

fn curl(exchange: &Exchange) -> String {
    let request = &exchange.request;
    let accept = request.headers.iter().filter(|(name, _)| name == "accept");
    let headers = accept.map(|(_, value)| format!(" -H {}", shell_quoted(&format!("Accept: {value}"))));
    format!("curl -sS -i{} {}", headers.collect::<String>(), shell_quoted(request.url.as_str()))
}
