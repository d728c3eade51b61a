//! A cause in a text, with what is likely about it, and the sentences that say so.

use super::CauseInText;
use super::likely::{AskedAt, Likely, first_few, likely};
use super::survey::Group;
use crate::knowledge::AtFault;
use crate::oci::{Addition, Reference};

/// What an image is called that is not named.
pub(super) const THE_IMAGE: &str = "the image";

/// A cause, with what is likely about it.
pub(super) struct Read<'a> {
    /// The cause and its image.
    pub group: &'a Group,
    /// The rules that may have found it, likeliest first.
    pub causes: Vec<Likely>,
}

impl<'a> Read<'a> {
    /// What is likely about a cause.
    pub fn new(group: &'a Group) -> Self {
        let reference = group.image.as_ref().map(|image| &image.reference);
        let place = AskedAt { reference, mirror: group.mirror.as_ref() };
        Self { causes: first_few(likely(group.found.rules.iter().copied(), place)), group }
    }

    /// The rules that may have found it, likeliest first.
    pub fn rules(&self) -> Vec<&'static str> {
        self.causes.iter().map(|cause| cause.rule).collect()
    }

    /// The cause as it is written as JSON.
    pub fn to_cause(&self) -> CauseInText {
        CauseInText {
            topic: self.group.found.words.clone(),
            rules: self.rules(),
            reference: self.image(),
            fault: self.group.found.fault,
            mirror: self.group.mirror.as_ref().map(ToString::to_string),
            clients: self.group.clients.iter().map(|client| client.name.clone()).collect(),
            lines: self.group.lines,
        }
    }

    /// The image, as it is shown: as it was written, where no registry is named and none was asked.
    pub fn image(&self) -> Option<String> {
        let image = self.group.image.as_ref()?;
        let is_short = image.reference.additions().contains(&Addition::DefaultRegistry);
        let is_as_written = is_short && (self.is_local() || self.is_unresolved());
        Some(if is_as_written { image.reference.input().to_owned() } else { image.to_string() })
    }

    /// Whether the client had no registry to ask.
    fn is_unresolved(&self) -> bool {
        self.group.found.rules.contains(&"short-name-unresolved")
    }

    /// What it means, as sentences.
    pub fn sentences(&self) -> String {
        let mut says = self.sentences_about(&self.image().unwrap_or_else(|| THE_IMAGE.to_owned()));
        if let Some(mirror) = &self.group.mirror {
            says.push_str(&format!(" {mirror} was asked for it, a mirror."));
        }
        says
    }

    /// What it means for this image, as sentences.
    pub fn sentences_about(&self, image: &str) -> String {
        let mut says = format!("{}.", self.group.found.says.replace("{image}", image));
        if self.is_local() {
            says.push_str(" No registry is at fault.");
        }
        says
    }

    /// Whether the fault is one of the client that no registry's answers could show.
    pub fn is_local(&self) -> bool {
        self.group.found.fault == AtFault::Client && self.causes.is_empty()
    }

    /// What to do, as it fits who says it.
    pub fn advice(&self) -> Option<&'static str> {
        let found = &self.group.found;
        let is_of_pods = self.group.clients.first().is_some_and(|client| client.kubernetes);
        let of_login =
            || self.causes.iter().filter(|_| found.fault == AtFault::Login).find_map(|cause| cause.in_kubernetes);
        let of_pods = || found.in_kubernetes.or_else(of_login);
        is_of_pods.then(of_pods).flatten().or(found.advice)
    }

    /// The image to diagnose: the mirror's, where a mirror was asked.
    pub fn to_diagnose(&self) -> Option<Reference> {
        let image = self.group.image.as_ref().filter(|_| !self.is_unresolved())?;
        let reference = &image.reference;
        let Some(mirror) = &self.group.mirror else { return Some(reference.clone()) };
        let separator = if reference.digest().is_some() { '@' } else { ':' };
        let at_mirror = format!("{mirror}/{}{separator}{}", reference.repository(), reference.selector());
        Some(Reference::parse(&at_mirror).unwrap_or_else(|_| reference.clone()))
    }
}
