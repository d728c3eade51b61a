//! The queries that a request of a log answers.

use std::collections::HashMap;

use url::Position;

use super::accept::Client;
use super::exchanges::Log;
use super::groups::Group;
use super::places::Place;
use super::requests::LoggedRequest;
use crate::diagnosis::read_of_small_layer;
use crate::evidence::{ListOf, Method, Purpose, Query, is_harmless};
use crate::image::{Descriptor, Manifest};

/// What the documents of a log say about the parts of an image.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// The digest of the document of the tag.
    pub own: Vec<String>,
    configs: HashMap<String, ()>,
    /// The layers, with their sizes.
    layers: HashMap<String, Option<u64>>,
    /// The entries of indexes.
    pub entries: Vec<Descriptor>,
}

impl Parts {
    /// The parts of the image of a group.
    pub fn of(log: &Log, requests: &[LoggedRequest], group: &Group) -> Self {
        let mut parts = Self::default();
        for request in group.requests.iter().map(|at| &requests[*at]) {
            let Place::Manifest(_, selector) = &request.place else { continue };
            let response = request.last(log).response.as_ref().filter(|response| (200..300).contains(&response.status));
            let Some(response) = response else { continue };
            if *selector == group.selector {
                let digest = response.headers.get("docker-content-digest").map(|digest| digest.trim().to_owned());
                parts.own.extend(digest.filter(|digest| *digest != group.selector));
            }
            let Some(document) = Manifest::read(&response.body.bytes) else { continue };
            parts.entries.extend(document.manifests());
            parts.configs.extend(document.config().map(|config| (config.digest.as_str().to_owned(), ())));
            let layers = document.layers().into_iter().map(|layer| (layer.digest.as_str().to_owned(), layer.size));
            parts.layers.extend(layers);
        }
        parts
    }

    /// The purpose of a request.
    pub fn purpose(&self, request: &LoggedRequest, group: &Group, variant: Option<&'static str>) -> Purpose {
        if request.is_for_token {
            return Purpose::Token;
        }
        match &request.place {
            Place::Base => Purpose::Ping,
            Place::Manifest(_, selector) if *selector == group.selector => {
                variant.map_or(Purpose::Other, Purpose::Manifest)
            }
            Place::Manifest(_, selector) if self.own.contains(selector) => Purpose::Digest,
            Place::Manifest(..) => Purpose::Child,
            Place::Blob(_, digest) if self.configs.contains_key(&digest.to_string()) => Purpose::Config,
            Place::Blob(_, digest) if self.layers.contains_key(&digest.to_string()) => Purpose::Layer,
            Place::Blob(..) => Purpose::Blob,
            Place::Tags(_) => Purpose::Tags,
            Place::Referrers(..) => Purpose::Referrers,
            Place::Catalog => Purpose::Catalog,
            Place::Other => Purpose::Other,
        }
    }
}

/// The queries that a request answers.
pub(super) fn queries(
    log: &Log,
    request: &LoggedRequest,
    group: &Group,
    client: &Client,
    parts: &Parts,
    has_own_get: bool,
) -> Vec<Query> {
    if request.is_for_token || request.origin.host() != group.origin.host() {
        return Vec::new();
    }
    let first = request.first(log);
    let method = first.method;
    let status = request.last(log).response.as_ref().map(|response| response.status);
    let (path, query) = (&first.url[Position::BeforePath..Position::AfterPath], first.url.query());
    let address = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let mut found = match &request.place {
        Place::Base if method == Method::Get && !request.is_authorized(log) => vec![Query::Ping],
        Place::Manifest(_, selector) if *selector == group.selector => {
            let variant = client.variant(&first.headers);
            variant.map(|variant| Query::Manifest(method, variant)).into_iter().collect()
        }
        Place::Manifest(_, selector) => match selector.parse() {
            // Clients resolve a tag by HEAD and fetch its document by the digest.
            Ok(_) if parts.own.contains(selector) && status == Some(200) && method == Method::Get && !has_own_get => {
                vec![Query::Manifest(method, client.own())]
            }
            Ok(digest) if parts.own.contains(selector) => vec![Query::OwnDigest(digest, method)],
            // A GET shows what a HEAD would.
            Ok(digest) if method == Method::Get => {
                let digest: crate::oci::Digest = digest;
                vec![Query::Child(digest.clone(), Method::Get), Query::Child(digest, Method::Head)]
            }
            Ok(digest) => vec![Query::Child(digest, method)],
            Err(_) => Vec::new(),
        },
        Place::Blob(_, digest) if method == Method::Head => {
            vec![Query::HasBlob(digest.clone()), Query::LayerPresence(digest.clone())]
        }
        Place::Blob(_, digest) => {
            let name = digest.to_string();
            let small = parts.layers.get(&name).copied().flatten().map(read_of_small_layer);
            let small = small.map(|most| Query::SmallLayer(digest.clone(), most));
            let is_config = parts.configs.contains_key(&name);
            let own = if is_config { Query::Config(digest.clone()) } else { Query::Layer(digest.clone()) };
            [own, Query::Blob(digest.clone())].into_iter().chain(small).collect()
        }
        Place::Tags(_) => of_list(ListOf::Tags, Query::Tags, query, &address),
        Place::Referrers(_, digest) => {
            of_list(ListOf::Referrers(digest.clone()), Query::Referrers(digest.clone()), query, &address)
        }
        Place::Catalog => vec![Query::Page(ListOf::Repositories, (!is_first_page(query)).then(|| address.clone()))],
        Place::Base | Place::Other => Vec::new(),
    };
    // A signature in a query would be the name of the query here.
    if first.url.query_pairs().all(|(name, _)| is_harmless(&name)) {
        let accept = first.headers.all("accept").map(str::to_owned).collect::<Vec<_>>();
        let accept =
            if accept.iter().all(|line| line == "*/*") { Vec::new() } else { super::accept::accepted(&first.headers) };
        found.push(Query::Path(method, address, accept));
    }
    found
}

/// The queries that a page of a list answers. The first page is all of the list if it names no next one.
fn of_list(list: ListOf, whole: Query, query: Option<&str>, address: &str) -> Vec<Query> {
    match is_first_page(query) {
        true => vec![Query::Page(list, None), whole],
        false => vec![Query::Page(list, Some(address.to_owned()))],
    }
}

fn is_first_page(query: Option<&str>) -> bool {
    query.is_none_or(|query| url::form_urlencoded::parse(query.as_bytes()).all(|(name, _)| name == "n"))
}
