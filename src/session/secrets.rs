//! What a run knows and nobody is to read: the secrets that it has sent or been given, and for a report that everybody may
//! read also the hosts that it had to do with.

use url::Url;

use super::RegistrySettings;
use crate::auth::{Credentials, Grant};
use crate::evidence::{Exchange, Journal, Redactor, Secret};
use crate::knowledge::is_everybodys;
use crate::oci::Reference;
use crate::transport::Transport;

/// What has to be kept out of every output of a run, and what gets a label where the output is for everybody.
pub(super) fn redactor(
    settings: &RegistrySettings,
    transport: &Transport,
    grants: &[&Grant],
    reference: &Reference,
    journal: &Journal,
) -> Redactor {
    let secrets = secrets(settings, transport, grants);
    let public = settings.public.clone().map(|mut public| {
        public.hide_hosts(hosts(reference, journal.iter().map(|(_, exchange)| exchange)));
        if let Some(Credentials::Password { username, .. }) = &settings.credentials {
            public.hide_users([username.reveal().to_owned()]);
        }
        public.hide_users(settings.users.iter().cloned());
        let given_for = settings.registries.iter().map(|host| host.name().to_owned());
        public.hide_hosts(given_for.filter(|host| !is_everybodys(host)));
        public
    });
    Redactor::new(secrets.iter().map(|(what, secret)| (*what, secret))).for_everybody(public)
}

/// The hosts that a run has to do with and that are not everybody's, that of the reference first.
pub(super) fn hosts<'a>(reference: &Reference, exchanges: impl Iterator<Item = &'a Exchange>) -> Vec<String> {
    let mut hosts = vec![reference.registry().name().to_owned()];
    for exchange in exchanges {
        hosts.extend(exchange.request.url.host_str().map(str::to_owned));
        let proxy = exchange.connection.proxy.as_ref().and_then(|proxy| Url::parse(&proxy.address).ok());
        hosts.extend(proxy.and_then(|proxy| proxy.host_str().map(str::to_owned)));
        let Some(response) = &exchange.response else { continue };
        for value in response.all("location").chain(response.all("www-authenticate")) {
            hosts.extend(named_in(value.as_str()));
        }
    }
    hosts.retain(|host| !is_everybodys(host));
    hosts
}

/// The hosts of the addresses in a text.
fn named_in(text: &str) -> impl Iterator<Item = String> {
    let addresses = text.split(['"', '<', '>', ' ', ',', '=']).filter(|word| word.contains("://"));
    addresses.filter_map(|word| Url::parse(word).ok()?.host_str().map(str::to_owned))
}

/// Every secret that a run knows, each with what it is.
pub(super) fn secrets(
    settings: &RegistrySettings,
    transport: &Transport,
    grants: &[&Grant],
) -> Vec<(&'static str, Secret)> {
    let mut known = Vec::new();
    if let Some(credentials) = &settings.credentials {
        known.extend(credentials.secrets());
    }
    known.extend(grants.iter().map(|grant| ("token", grant.secret().clone())));
    known.extend(settings.secrets.iter().cloned());
    let proxies = transport.proxy_passwords().into_iter();
    known.extend(proxies.map(|password| ("proxy password", Secret::new(password))));
    known
}
