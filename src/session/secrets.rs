//! The confidential values of a run: the secrets that it has sent or received, and for anonymized reports also its
//! hosts.

use url::Url;

use super::RegistrySettings;
use crate::auth::Credentials;
use crate::diagnosis::catalogue;
use crate::evidence::{Exchange, Journal, Pseudonyms, Purpose, Redactor};
use crate::knowledge::{is_everybodys, tls_inspection};
use crate::oci::Reference;
use crate::registry::Dialogue;
use crate::text::{Secret, Untrusted, read_json};

/// The redactor for all output of a run, with pseudonyms if the output is anonymized.
pub(super) fn redactor(settings: &RegistrySettings, dialogue: &Dialogue) -> Redactor {
    let secrets = secrets(settings, dialogue);
    let (reference, journal) = (&dialogue.record().reference, &dialogue.record().journal);
    let public = settings.public.clone().map(|mut public| {
        hide_private(&mut public, reference, journal);
        public.hide_users(users(settings));
        let given_for = settings.registries.iter().map(|host| host.name().to_owned());
        public.hide_hosts(given_for.filter(|host| !is_everybodys(host)));
        public
    });
    redactor_of(&secrets, reference, journal).for_everybody(public)
}

/// The redactor for output about the run of a reference with these secrets.
pub(super) fn redactor_of(secrets: &[(&'static str, Secret)], reference: &Reference, journal: &Journal) -> Redactor {
    let mut redactor = Redactor::new(secrets.iter().map(|(what, secret)| (*what, secret)));
    redactor.spare(in_every_report(reference, journal).iter().map(String::as_str));
    redactor.spare_own(catalogue().iter().flat_map(|rule| [rule.name, rule.documentation]));
    redactor
}

/// The names of the users whose credentials a run has.
pub(super) fn users(settings: &RegistrySettings) -> Vec<String> {
    let own = match &settings.access.credentials {
        Some(Credentials::Password { username, .. }) => Some(username.reveal().to_owned()),
        _ => None,
    };
    own.into_iter().chain(settings.users.iter().cloned()).collect()
}

/// Gives pseudonyms to the names of a run that are not public: hosts, repositories on them, and owners of certificates.
pub(super) fn hide_private(public: &mut Pseudonyms, reference: &Reference, journal: &Journal) {
    public.hide_hosts(hosts(reference, journal.iter().map(|(_, exchange)| exchange)));
    if !is_everybodys(reference.registry().name()) {
        public.hide_repository(reference.repository());
    }
    public.hide_names(journal.iter().flat_map(|(_, exchange)| names_in_certificates(exchange)));
}

/// Texts in the report of a run whatever its secrets are: a password may contain the name of its registry, and a report
/// without that name would reveal it.
fn in_every_report(reference: &Reference, journal: &Journal) -> Vec<String> {
    let mut texts = vec![reference.input().to_owned(), reference.to_string(), reference.registry().to_string()];
    for (_, exchange) in journal.iter() {
        let url = &exchange.request.url;
        texts.extend(url.host_str().map(str::to_owned));
        // The path of a redirect is a server's word.
        texts.extend(Some(url.path()).filter(|path| path.contains(reference.repository())).map(str::to_owned));
    }
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// The non-public hosts of a run, that of the reference first.
pub(super) fn hosts<'a>(reference: &Reference, exchanges: impl Iterator<Item = &'a Exchange>) -> Vec<String> {
    let mut hosts = vec![reference.registry().name().to_owned()];
    for exchange in exchanges {
        hosts.extend(exchange.request.url.host_str().map(str::to_owned));
        let proxy = exchange.connection.proxy.as_ref().and_then(|proxy| Url::parse(&proxy.address).ok());
        hosts.extend(proxy.and_then(|proxy| proxy.host_str().map(str::to_owned)));
        let certificates = exchange.certificates_at_issue().into_iter().flat_map(|chain| &chain.certificates);
        for details in certificates.filter_map(|certificate| certificate.details.as_ref().ok()) {
            hosts.extend(details.names.iter().map(|name| name.as_str().trim_start_matches("*.").to_owned()));
        }
        let Some(response) = &exchange.response else { continue };
        for value in response.all("location").chain(response.all("www-authenticate")) {
            hosts.extend(named_in(value.as_str()));
        }
        hosts.extend(
            MACHINE_HEADERS.iter().flat_map(|name| response.all(name)).flat_map(|value| machines(value.as_str())),
        );
    }
    hosts.retain(|host| !is_everybodys(host));
    hosts
}

/// Headers in which proxies and servers identify themselves.
const MACHINE_HEADERS: [&str; 7] =
    ["via", "x-served-by", "x-backend-server", "x-forwarded-server", "x-host", "x-server", "x-artifactory-node-id"];

/// The machines named by such a header: words with a digit, a dot or a hyphen in them. Others are products.
fn machines(value: &str) -> Vec<String> {
    let words = value.split([' ', ',', ';', '(', ')']).map(|word| word.split([':', '/']).next().unwrap_or_default());
    let has_letter = |word: &&str| word.bytes().any(|byte| byte.is_ascii_alphabetic());
    let is_named = |word: &&str| word.contains(['.', '-']) || word.bytes().any(|byte| byte.is_ascii_digit());
    words.filter(has_letter).filter(is_named).map(str::to_owned).collect()
}

/// The owner's details in the certificates shown: the parts of their subjects and issuers, unless a product is
/// recognized by them, and their fingerprints, by which those of public authorities can be looked up.
fn names_in_certificates(exchange: &Exchange) -> Vec<String> {
    let mut names = Vec::new();
    for certificate in exchange.certificates_at_issue().into_iter().flat_map(|chain| &chain.certificates) {
        names.push(certificate.sha256.clone());
        let Ok(details) = &certificate.details else { continue };
        for name in [&details.subject, &details.issuer] {
            let parts = name.as_str().split(", ").filter_map(|part| Some(part.split_once('=')?.1));
            let parts = parts.filter(|part| tls_inspection(part).is_none()).map(Untrusted::from);
            names.extend(parts.flat_map(|part| [part.printable(), part.as_str().to_owned()]));
        }
    }
    names
}

/// The hosts of the addresses in a text.
fn named_in(text: &str) -> impl Iterator<Item = String> {
    let addresses = text.split(['"', '<', '>', ' ', ',', '=']).filter(|word| word.contains("://"));
    addresses.filter_map(|word| Url::parse(word).ok()?.host_str().map(str::to_owned))
}

/// The tokens in the answers of token services. One is used; the others are equally secret, and a server may repeat
/// them.
fn of_token_services(journal: &Journal) -> impl Iterator<Item = Secret> {
    const FIELDS: [&str; 6] =
        ["token", "access_token", "refresh_token", "id_token", "identity_token", "registry_token"];
    /// Anything shorter is a word.
    const SHORTEST: usize = 8;
    let answers = journal.iter().filter(|(_, exchange)| exchange.request.purpose == Purpose::Token);
    let bodies = answers.filter_map(|(_, exchange)| exchange.response.as_ref()).map(|response| &response.body.bytes);
    bodies.filter_map(|body| read_json(body).ok()).flat_map(|answer| {
        let values = FIELDS.into_iter().filter_map(|field| answer.get(field)?.as_str().map(str::to_owned));
        values.filter(|value| value.len() >= SHORTEST).map(Secret::new).collect::<Vec<_>>()
    })
}

/// Every secret that a run knows, with its kind.
pub(super) fn secrets(settings: &RegistrySettings, dialogue: &Dialogue) -> Vec<(&'static str, Secret)> {
    let mut known = Vec::new();
    if let Some(credentials) = &settings.access.credentials {
        known.extend(credentials.secrets());
    }
    known.extend(dialogue.grants().into_iter().map(|grant| ("token", grant.secret().clone())));
    // In a recording, labels replace them.
    if !dialogue.is_of_recording() {
        known.extend(of_token_services(&dialogue.record().journal).map(|token| ("token", token)));
    }
    known.extend(settings.secrets.iter().cloned());
    let proxies = dialogue.proxy_passwords().into_iter();
    known.extend(proxies.map(|password| ("proxy password", Secret::new(password))));
    known
}
