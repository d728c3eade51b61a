//! The images that a log is about, each with its requests.
//!
//! A tag and the digests that its documents name belong together. So do the requests before them that are not about a
//! repository: the one to `/v2/`, and those for tokens.

use std::collections::HashMap;

use super::NotImported;
use super::exchanges::Log;
use super::places::{Place, reference};
use super::requests::LoggedRequest;
use crate::image::Manifest;
use crate::oci::{Algorithm, Digest, Origin, Reference};

/// The maximum number of images in a log.
const MOST: usize = 1000;
/// The maximum number of images that a request may belong to: those that share a document.
const MOST_SHARED: usize = 8;

/// An image, and the requests about it.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// The reference.
    pub reference: Reference,
    /// The origin of its registry.
    pub origin: Origin,
    /// The tag or digest, as it was requested.
    pub selector: String,
    /// The positions of the requests, in order.
    pub requests: Vec<usize>,
}

/// A repository of a registry.
type Repository = (Origin, String);

#[derive(Default)]
struct Grouping {
    groups: Vec<Group>,
    by_name: HashMap<(Repository, String), usize>,
    /// The groups in which a digest occurs.
    by_digest: HashMap<(Repository, String), Vec<usize>>,
    by_repository: HashMap<Repository, Vec<usize>>,
    by_origin: HashMap<Origin, usize>,
    /// Requests that are about no repository, and belong to the next one that is.
    waiting: Vec<usize>,
    /// The latest token request for each repository, and for none.
    tokens: HashMap<Option<String>, usize>,
}

/// Groups the requests of a log by their images.
///
/// # Errors
/// Fails if there are too many images.
pub(super) fn groups(log: &Log, requests: &[LoggedRequest]) -> Result<Vec<Group>, NotImported> {
    let mut grouping = Grouping::default();
    // Images first: a blob may be requested before its manifest is in the log.
    for (at, request) in requests.iter().enumerate() {
        if let Place::Manifest(name, selector) = &request.place {
            let own = grouping.of_manifest(&(request.origin.clone(), name.clone()), selector)?;
            grouping.learn(log, request, name, &own);
            own.iter().for_each(|group| grouping.groups[*group].requests.push(at));
        }
    }
    for (at, request) in requests.iter().enumerate() {
        grouping.place(log, requests, at, request)?;
    }
    grouping.wanted(log, requests);
    let last = std::mem::take(&mut grouping.waiting);
    for at in last {
        let group = grouping.by_origin.get(&requests[at].origin).copied().or(grouping.groups.len().checked_sub(1));
        group.into_iter().for_each(|group| grouping.groups[group].requests.push(at));
    }
    for group in &mut grouping.groups {
        group.requests.sort_unstable();
        group.requests.dedup();
    }
    Ok(grouping.groups)
}

impl Grouping {
    /// The groups of a manifest: those whose documents name its digest, or its own.
    fn of_manifest(&mut self, repository: &Repository, selector: &str) -> Result<Vec<usize>, NotImported> {
        let key = (repository.clone(), selector.to_owned());
        if let Some(groups) = self.by_digest.get(&key) {
            return Ok(groups.clone());
        }
        if let Some(group) = self.by_name.get(&key) {
            return Ok(vec![*group]);
        }
        let Some(reference) = reference(&repository.0, &repository.1, selector) else { return Ok(Vec::new()) };
        self.add(repository, selector, reference).map(|group| vec![group])
    }

    fn add(&mut self, repository: &Repository, selector: &str, reference: Reference) -> Result<usize, NotImported> {
        let at = self.groups.len();
        if at == MOST {
            return Err(NotImported::TooMany);
        }
        let (origin, selector) = (repository.0.clone(), selector.to_owned());
        self.by_name.insert((repository.clone(), selector.clone()), at);
        self.by_repository.entry(repository.clone()).or_default().push(at);
        self.by_origin.insert(origin.clone(), at);
        self.groups.push(Group { reference, origin, selector, requests: Vec::new() });
        Ok(at)
    }

    /// Notes the digests that the answer to a manifest request names.
    fn learn(&mut self, log: &Log, request: &LoggedRequest, name: &str, groups: &[usize]) {
        let response = request.last(log).response.as_ref().filter(|response| (200..300).contains(&response.status));
        let Some(response) = response else { return };
        let announced = response.headers.get("docker-content-digest").map(|digest| digest.trim().to_owned());
        let document = Manifest::read(&response.body.bytes);
        let computed = response.body.is_whole.then(|| Digest::of(Algorithm::Sha256, &response.body.bytes).to_string());
        let parts = document
            .iter()
            .flat_map(|document| document.manifests().into_iter().chain(document.config()).chain(document.layers()));
        let parts = parts.map(|part| part.digest.as_str().to_owned());
        let repository = (request.origin.clone(), name.to_owned());
        for digest in announced.into_iter().chain(computed).chain(parts) {
            let known = self.by_digest.entry((repository.clone(), digest)).or_default();
            let new = groups.iter().filter(|group| !known.contains(group)).copied().collect::<Vec<_>>();
            known.extend(new.into_iter().take(MOST_SHARED.saturating_sub(known.len())));
        }
    }

    /// Adds a request that is not for a manifest to its groups, and gives the group of each request those before it that
    /// are about no repository.
    fn place(
        &mut self,
        log: &Log,
        requests: &[LoggedRequest],
        at: usize,
        request: &LoggedRequest,
    ) -> Result<(), NotImported> {
        if request.is_for_token {
            let scopes = request.scopes(log);
            if scopes.is_empty() {
                self.tokens.insert(None, at);
            }
            self.tokens.extend(scopes.into_iter().map(|scope| (Some(scope), at)));
            self.waiting.push(at);
            return Ok(());
        }
        let Some(name) = request.place.repository() else {
            self.waiting.push(at);
            return Ok(());
        };
        let repository = (request.origin.clone(), name.to_owned());
        let own = match &request.place {
            Place::Manifest(_, selector) => self.of_manifest(&repository, selector)?,
            Place::Blob(_, digest) => {
                let named = self.by_digest.get(&(repository.clone(), digest.to_string())).cloned();
                named.unwrap_or_else(|| self.in_repository(&repository, 1))
            }
            _ => self.in_repository(&repository, MOST_SHARED),
        };
        let own = match own.is_empty() {
            true => {
                reference(&repository.0, name, "").map(|reference| self.add(&repository, "", reference)).transpose()?
            }
            false => None,
        }
        .map_or(own, |group| vec![group]);
        let Some(&first) = own.first() else { return Ok(()) };
        own.iter().for_each(|group| self.groups[*group].requests.push(at));
        self.settle(log, requests, first, &repository);
        // A token that was obtained for another image of the repository.
        if request.is_authorized(log) {
            let token = self.tokens.get(&Some(name.to_owned())).or_else(|| self.tokens.get(&None)).copied();
            let lacks = |group: &&usize| {
                let mut before = self.groups[**group].requests.iter().filter(|other| **other < at);
                !before.any(|other| requests[*other].is_for_token)
            };
            let lacking: Vec<_> = own.iter().filter(lacks).copied().collect();
            lacking.into_iter().for_each(|group| self.groups[group].requests.extend(token));
        }
        Ok(())
    }

    fn in_repository(&self, repository: &Repository, most: usize) -> Vec<usize> {
        self.by_repository.get(repository).into_iter().flatten().take(most).copied().collect()
    }

    /// Gives a group the waiting requests that belong to it: those to its registry, and those for tokens of its
    /// repository or of none.
    fn settle(&mut self, log: &Log, requests: &[LoggedRequest], group: usize, repository: &Repository) {
        let (origin, name) = repository;
        let waiting = std::mem::take(&mut self.waiting);
        for at in waiting {
            let request = &requests[at];
            let scopes = if request.is_for_token { request.scopes(log) } else { Vec::new() };
            let belongs = match request.is_for_token {
                true => scopes.is_empty() || scopes.contains(name),
                // A client may have tried both schemes.
                false => request.origin.host() == origin.host(),
            };
            if belongs { self.groups[group].requests.push(at) } else { self.waiting.push(at) }
        }
    }

    /// Makes a group of an image that is only named in an error, because the requests before the one for it failed.
    fn wanted(&mut self, log: &Log, requests: &[LoggedRequest]) {
        let origins: Vec<Origin> = self.waiting.iter().map(|at| requests[*at].origin.clone()).collect();
        for word in log.errors.split([' ', '\n', '"', '\'', ',', ';']).map(|word| word.trim_end_matches(':')) {
            let named =
                |origin: &&Origin| word.strip_prefix(&origin.authority()).is_some_and(|rest| rest.starts_with('/'));
            // The last scheme that was tried.
            let Some(origin) = origins.iter().rev().find(named).cloned() else { continue };
            let Ok(parsed) = Reference::parse(word) else { continue };
            let repository = (origin.clone(), parsed.repository().to_owned());
            let selector = parsed.selector();
            if self.by_name.contains_key(&(repository.clone(), selector.clone())) || self.groups.len() == MOST {
                continue;
            }
            let Some(reference) = reference(&origin, &repository.1, &selector) else { continue };
            if let Ok(group) = self.add(&repository, &selector, reference) {
                self.settle(log, requests, group, &repository);
            }
        }
    }
}
