//! Searches for the credential of a registry.

use super::entry::{self, Entry};
use super::file::{self, Unread};
use super::helper::Helper;
use super::key::{Fit, fit, fit_of_helper, server_name};
use super::sources::{Source, Sources};
use super::{Config, Credentials, read_pull_secret};
use crate::evidence::{CredentialPlace, CredentialTrail, HelperOutcome, Reader, Seen, TrailStep};
use crate::oci::Reference;
use crate::text::Untrusted;

/// The maximum number of near misses that are recorded per file.
const MOST_NEAR_MISSES: usize = 5;

/// The result of a search.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FoundCredential {
    /// The credential for the registry, if one was found.
    pub credentials: Option<Credentials>,
    /// The trail: how it was found, or why there is none.
    pub trail: CredentialTrail,
}

/// Searches for the credential of a reference's registry. `asking` receives the name of each helper before it runs,
/// because it may wait for the user, and `None` when it has ended.
pub async fn look_for(reference: &Reference, sources: &Sources, asking: &dyn Fn(Option<&str>)) -> FoundCredential {
    let mut found = FoundCredential::default();
    for source in &sources.files {
        let place = &source.place;
        let mut steps = Steps { place, trail: &mut found.trail };
        let Some(config) = read(source, &mut steps) else { continue };
        let mut look = Look { reference, sources, config: &config, steps, reader: place.reader, asking };
        match look.run().await {
            Verdict::Found(credentials) => {
                found.credentials = Some(credentials);
                return found;
            }
            Verdict::Broken => return found,
            Verdict::Nothing => {}
        }
    }
    for (source, why) in &sources.elsewhere {
        // The entry only matters because the user may expect it to be used; its content does not.
        let Ok(bytes) = file::read(&source.path) else { continue };
        let Ok(config) = Config::read(&bytes) else { continue };
        let reader = source.place.reader;
        let of_entries = config.entries.iter().map(|(key, _)| (key, fit(key, reader, reference)));
        let of_helpers = config.helpers.iter().map(|(key, _)| (key, fit_of_helper(key, reader, reference)));
        if let Some((key, _)) = of_entries.chain(of_helpers).find(|(_, fit)| matches!(fit, Fit::Fits(_))) {
            let seen = Seen::Elsewhere { key: Untrusted::from(key.as_str()), why: why.clone() };
            found.trail.steps.push(TrailStep { place: source.place.clone(), seen });
        }
    }
    found
}

/// The trail at one place.
struct Steps<'a> {
    place: &'a CredentialPlace,
    trail: &'a mut CredentialTrail,
}

impl Steps<'_> {
    fn push(&mut self, seen: Seen) {
        self.trail.steps.push(TrailStep { place: self.place.clone(), seen });
    }
}

/// The end of the search in one file.
enum Verdict {
    Found(Credentials),
    /// A credential is configured but cannot be obtained. No other is used instead.
    Broken,
    Nothing,
}

fn read(source: &Source, steps: &mut Steps<'_>) -> Option<Config> {
    let bytes = match file::read(&source.path) {
        Ok(bytes) => bytes,
        Err(unread) => {
            steps.push(match unread {
                Unread::NotThere => Seen::NotThere,
                Unread::Refused(words) => Seen::Unreadable(words),
                Unread::Unfit(why) => Seen::Unusable(why),
            });
            return None;
        }
    };
    let config = match source.place.reader {
        Reader::Kubelet => {
            let (name, config) = read_pull_secret(&bytes);
            steps.trail.pull_secret = name;
            config.map_err(Seen::PullSecret)
        }
        _ => source.config(&bytes),
    };
    config.map_err(|seen| steps.push(seen)).ok()
}

/// The search in one file.
struct Look<'a> {
    reference: &'a Reference,
    sources: &'a Sources,
    config: &'a Config,
    steps: Steps<'a>,
    reader: Reader,
    asking: &'a dyn Fn(Option<&str>),
}

impl Look<'_> {
    async fn run(&mut self) -> Verdict {
        let before = self.steps.trail.steps.len();
        let entry = self.best_entry();
        if let Some((_, helper)) = self.config.helpers.iter().rev().find(|(key, _)| self.fits_helper(key)).cloned() {
            if self.reader == Reader::Kubelet {
                self.steps.push(Seen::StoreNotHeeded { helper: Untrusted::new(helper) });
            } else {
                self.note_ignored(entry.as_ref(), &helper);
                return self.ask(&helper).await;
            }
        } else if let Some(store) = self.config.store.clone() {
            // Docker's library uses the store only; Podman and the kubelet do not support it.
            if self.reader == Reader::Docker {
                self.note_ignored(entry.as_ref(), &store);
                let verdict = self.ask(&store).await;
                self.near_misses();
                return verdict;
            }
            self.steps.push(Seen::StoreNotHeeded { helper: Untrusted::new(store) });
        }
        self.others_damaged();
        let Some((key, read)) = entry else {
            self.near_misses();
            let is_said = self.steps.trail.steps[before..].iter().any(|step| step.seen.key().is_some());
            if !is_said {
                let keys = self.config.entries.iter().map(|(key, _)| key);
                let keys = keys.chain(self.config.helpers.iter().map(|(key, _)| key));
                let keys = keys.take(Seen::MOST_KEYS).map(|key| Untrusted::from(key.as_str())).collect();
                self.steps.push(Seen::NoEntry { others: self.config.entries.len() + self.config.helpers.len(), keys });
            }
            return Verdict::Nothing;
        };
        let key = Untrusted::new(key);
        match read {
            Entry::Credential(credentials, damage) => {
                self.steps.push(Seen::Entry { key, form: credentials.form(), damage });
                Verdict::Found(credentials)
            }
            Entry::Damaged(damage) => {
                self.steps.push(Seen::Damaged { key, damage });
                Verdict::Broken
            }
            Entry::Empty => {
                self.steps.push(Seen::Empty { key });
                Verdict::Nothing
            }
        }
    }

    fn fits_helper(&self, key: &str) -> bool {
        matches!(fit_of_helper(key, self.reader, self.reference), Fit::Fits(_))
    }

    /// The best-matching entry of the registry; of several with the same key, the last.
    fn best_entry(&mut self) -> Option<(String, Entry)> {
        let ranked = self.config.entries.iter().filter_map(|(key, tree)| match fit(key, self.reader, self.reference) {
            Fit::Fits(rank) => Some((rank, key, tree)),
            Fit::Near(_) | Fit::Other => None,
        });
        // `max_by_key` returns the last of equal elements.
        let (_, key, tree) = ranked.max_by_key(|(rank, _, _)| *rank)?;
        if self.config.entries.iter().filter(|(other, _)| other == key).count() > 1 {
            self.steps.push(Seen::Repeated { key: Untrusted::from(key.as_str()) });
        }
        Some((key.clone(), entry::read(tree)))
    }

    /// Records an entry that is ignored because a helper is configured.
    fn note_ignored(&mut self, entry: Option<&(String, Entry)>, helper: &str) {
        // A login leaves an empty entry for the key.
        if let Some((key, read)) = entry
            && *read != Entry::Empty
        {
            let (key, helper) = (Untrusted::from(key.as_str()), Untrusted::from(helper));
            self.steps.push(Seen::BehindHelper { key, helper });
        }
    }

    async fn ask(&mut self, name: &str) -> Verdict {
        let server = server_name(self.reader, self.reference);
        let helper = Helper {
            name,
            path: &self.sources.path,
            environment: &self.sources.environment,
            patience: self.sources.patience,
        };
        (self.asking)(Some(name));
        let (outcome, credentials) = helper.get(&server).await;
        (self.asking)(None);
        let verdict = match (credentials, &outcome) {
            (Some(credentials), _) => Verdict::Found(credentials),
            (None, HelperOutcome::HasNone) => Verdict::Nothing,
            (None, _) => Verdict::Broken,
        };
        self.steps.push(Seen::Helper { helper: Untrusted::from(name), server: Untrusted::new(server), outcome });
        verdict
    }

    /// Records damaged entries of other registries: Docker decodes every entry of the file, and fails at the first that
    /// is not base64 of a name and password.
    fn others_damaged(&mut self) {
        if self.reader != Reader::Docker {
            return;
        }
        let others = self
            .config
            .entries
            .iter()
            .filter(|(key, _)| !matches!(fit(key, self.reader, self.reference), Fit::Fits(_)));
        let damaged =
            others.filter(|(_, tree)| matches!(entry::read(tree), Entry::Damaged(damage) if damage.stops_docker()));
        match damaged.count() {
            0 => {}
            number => self.steps.push(Seen::OthersDamaged(number)),
        }
    }

    fn near_misses(&mut self) {
        let of_entries = self.config.entries.iter().map(|(key, _)| (key, false, fit(key, self.reader, self.reference)));
        let of_helpers =
            self.config.helpers.iter().map(|(key, _)| (key, true, fit_of_helper(key, self.reader, self.reference)));
        let near = of_entries.chain(of_helpers).filter_map(|(key, helper, fit)| match fit {
            Fit::Near(why) => Some(Seen::NearMiss { key: Untrusted::from(key.as_str()), why, helper }),
            Fit::Fits(_) | Fit::Other => None,
        });
        for seen in near.take(MOST_NEAR_MISSES).collect::<Vec<_>>() {
            self.steps.push(seen);
        }
    }
}

#[cfg(all(test, unix))]
mod tests;
