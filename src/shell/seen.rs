//! Digests and platforms that answers have named. Known digests may be shortened.

use std::collections::BTreeSet;

use crate::image::Manifest;
use crate::oci::Digest;
use crate::session::{Memory, Remembered};

/// The most digests and platforms that are kept.
const MOST: usize = 20_000;

/// Known digests and platforms.
#[derive(Debug, Default)]
pub(super) struct Seen {
    digests: BTreeSet<String>,
    platforms: BTreeSet<String>,
    last: u64,
}

impl Seen {
    /// Adds those of the exchanges since the last call.
    pub fn catch_up(&mut self, memory: &Memory) {
        memory.since(self.last).iter().for_each(|remembered| self.take_in(remembered));
        self.last = memory.last_number();
    }

    fn take_in(&mut self, remembered: &Remembered) {
        let exchange = &remembered.exchange;
        let Some(response) = &exchange.response else { return };
        let announced = response.header("docker-content-digest").map(|value| value.as_str().to_owned());
        let asked = exchange.request.url.path().rsplit('/').next().map(str::to_owned);
        let document = Manifest::read(&response.body.bytes).filter(|_| exchange.is_success());
        let descriptors = document.iter().flat_map(|document| {
            document.config().into_iter().chain(document.manifests()).chain(document.layers()).collect::<Vec<_>>()
        });
        let mut named: Vec<String> = announced.into_iter().chain(asked).collect();
        for descriptor in descriptors {
            named.push(descriptor.digest.as_str().to_owned());
            if self.platforms.len() < MOST {
                self.platforms.extend(descriptor.platform.map(|platform| platform.text().as_str().to_owned()));
            }
        }
        let whole = named.into_iter().filter(|text| text.parse::<Digest>().is_ok());
        let room = MOST.saturating_sub(self.digests.len());
        self.digests.extend(whole.take(room));
    }

    /// All digests, sorted.
    pub fn digests(&self) -> impl Iterator<Item = &str> {
        self.digests.iter().map(String::as_str)
    }

    /// All platforms, sorted, as the registries spell them.
    pub fn platforms(&self) -> impl Iterator<Item = &str> {
        self.platforms.iter().map(String::as_str)
    }
}
