//! A cause in a text, its likely rules, and the sentences about it.

use super::CauseInText;
use super::likely::{AskedAt, Likely, first_few, likely};
use super::survey::Group;
use crate::knowledge::AtFault;
use crate::oci::{Addition, Reference};

/// The words for an image that is not named.
pub(super) const THE_IMAGE: &str = "the image";

/// A cause with its likely rules.
pub(super) struct Read<'a> {
    /// The cause and its image.
    pub group: &'a Group,
    /// The rules that may apply, likeliest first.
    pub causes: Vec<Likely>,
}

impl<'a> Read<'a> {
    /// Determines the likely rules of a cause.
    pub fn new(group: &'a Group) -> Self {
        let reference = group.image.as_ref().map(|image| &image.reference);
        let place = AskedAt { reference, mirror: group.mirror.as_ref() };
        Self { causes: first_few(likely(group.found.rules.iter().copied(), place)), group }
    }

    /// The names of the rules that may apply, likeliest first.
    pub fn rules(&self) -> Vec<&'static str> {
        self.causes.iter().map(|cause| cause.rule).collect()
    }

    /// The cause in its JSON form.
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

    /// The image for display: as written, if no registry is named and none was contacted.
    pub fn image(&self) -> Option<String> {
        let image = self.group.image.as_ref()?;
        let is_short = image.reference.additions().contains(&Addition::DefaultRegistry);
        let is_as_written = is_short && (self.is_local() || self.is_unresolved());
        Some(if is_as_written { image.reference.input().to_owned() } else { image.to_string() })
    }

    /// Returns `true` if the client had no registry to contact.
    fn is_unresolved(&self) -> bool {
        self.group.found.rules.contains(&"short-name-unresolved")
    }

    /// The meaning of the cause, as sentences.
    pub fn sentences(&self) -> String {
        let mut says = self.sentences_about(&self.image().unwrap_or_else(|| THE_IMAGE.to_owned()));
        if let Some(mirror) = &self.group.mirror {
            says.push_str(&format!(" The request went to the mirror {mirror}."));
        }
        says
    }

    /// The meaning of the cause for this image, as sentences.
    pub fn sentences_about(&self, image: &str) -> String {
        let mut says = format!("{}.", self.group.found.says.replace("{image}", image));
        if self.is_local() {
            says.push_str(" No registry is at fault.");
        }
        says
    }

    /// Returns `true` if the fault is on the client's side and no answer of a registry could show it.
    pub fn is_local(&self) -> bool {
        self.group.found.fault == AtFault::Client && self.causes.is_empty()
    }

    /// The advice, as it applies to the client that reported the cause.
    pub fn advice(&self) -> Option<&'static str> {
        let found = &self.group.found;
        let is_of_pods = self.group.clients.first().is_some_and(|client| client.kubernetes);
        let of_login =
            || self.causes.iter().filter(|_| found.fault == AtFault::Login).find_map(|cause| cause.in_kubernetes);
        let of_pods = || found.in_kubernetes.or_else(of_login);
        is_of_pods.then(of_pods).flatten().or(found.advice)
    }

    /// The image to diagnose: at the mirror, if a mirror was contacted.
    pub fn to_diagnose(&self) -> Option<Reference> {
        let image = self.group.image.as_ref().filter(|_| !self.is_unresolved())?;
        let reference = &image.reference;
        let Some(mirror) = &self.group.mirror else { return Some(reference.clone()) };
        let separator = if reference.digest().is_some() { '@' } else { ':' };
        let at_mirror = format!("{mirror}/{}{separator}{}", reference.repository(), reference.selector());
        Some(Reference::parse(&at_mirror).unwrap_or_else(|_| reference.clone()))
    }
}
