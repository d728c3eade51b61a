//! What clients printed, laid out: one cause as a page, several as a table.

use super::likely::{AskedAt, Likely, first_few, glossary, likely};
use super::page::{command, source};
use super::survey::{Group, Survey};
use super::{CauseInText, Explanation, Kind, table};
use crate::diagnosis::{CLEARTEXT_LOGINS, CommandLine, Unfit, words};
use crate::knowledge::AtFault;
use crate::oci::{Addition, Reference, Scheme};
use crate::report::{Block, Label, Layout, Span, plain};

/// Rules whose finding depends on the platform that was wanted.
const OF_A_PLATFORM: [&str; 3] = ["platform-not-in-index", "windows-os-version", "dangling-index-child"];

/// What an image is called that is not named.
pub(super) const THE_IMAGE: &str = "the image";

/// Explains what clients printed; `None` where nothing in it is known.
pub(super) fn explain(survey: Survey) -> Option<Explanation> {
    let read: Vec<Read> = survey.groups.iter().map(Read::new).collect();
    let first = read.first()?;
    let document = match &read[..] {
        [only] => page(only, survey.version.as_deref()),
        several => table::table(several, survey.lines),
    };
    Some(Explanation {
        topic: first.group.found.words.clone(),
        kind: Kind::ErrorText,
        rules: first.rules(),
        reference: first.image(),
        causes: read.iter().map(Read::to_cause).collect(),
        document,
    })
}

/// A cause, with what is likely about it.
pub(super) struct Read<'a> {
    /// The cause and its image.
    pub group: &'a Group,
    /// The rules that may have found it, likeliest first.
    pub causes: Vec<Likely>,
}

impl<'a> Read<'a> {
    fn new(group: &'a Group) -> Self {
        let reference = group.image.as_ref().map(|image| &image.reference);
        let place = AskedAt { reference, mirror: group.mirror.as_ref() };
        Self { causes: first_few(likely(group.found.rules.iter().copied(), place)), group }
    }

    fn rules(&self) -> Vec<&'static str> {
        self.causes.iter().map(|cause| cause.rule).collect()
    }

    fn to_cause(&self) -> CauseInText {
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

/// One cause and one image.
fn page(read: &Read<'_>, version: Option<&str>) -> Layout {
    let says = read.sentences();
    let client = read.group.clients.first().map(|client| client.name.as_str()).or(read.group.found.client);
    let first = match client {
        Some(client) => {
            let version = version.map(|version| format!(" {version}")).unwrap_or_default();
            vec![Span::new(format!("{client}{version}"), Label::Strong), plain(format!(" says: {says}"))]
        }
        // A name stays as it is, even at the beginning of a sentence.
        None if read.group.found.says.starts_with('{') => vec![plain(says)],
        None => vec![plain(capitalised(&says))],
    };
    let mut document = vec![Block::Remark(first)];
    if !read.causes.is_empty() {
        let heading = if read.causes.len() == 1 { "Likely" } else { "Likely, most common first" };
        document.extend([Block::Gap, Block::Heading(heading.to_owned()), glossary(&read.causes)]);
    }
    if let Some(advice) = read.advice() {
        document.extend([Block::Gap, Block::Heading("What to do".to_owned()), Block::Text(vec![plain(advice)])]);
    }
    // Where no registry is at fault, or none is named, there is nothing that one could be asked.
    if !read.is_local() && (read.group.image.is_some() || !read.causes.is_empty()) {
        document.extend([Block::Gap, Block::Heading("Find out".to_owned())]);
        document.extend(commands(read));
    }
    let recognised = format!("recognised by “{}”", read.group.found.words);
    document.extend([
        Block::Gap,
        Block::Text(vec![Span::new(recognised, Label::Quiet)]),
        source(read.group.found.checked, read.group.found.source),
    ]);
    document
}

/// The commands that find out more: the image's diagnosis, and the first cause.
fn commands(read: &Read<'_>) -> Vec<Block> {
    let mut diagnose = words!["ociscope", "diagnose"];
    let of_a_platform = read.causes.iter().any(|cause| OF_A_PLATFORM.contains(&cause.rule));
    if let Some(platform) = read.group.platform.as_ref().filter(|_| of_a_platform) {
        diagnose.extend(words!["--platform", platform]);
    }
    let reference = read.to_diagnose();
    let is_plain = reference.as_ref().is_some_and(|reference| reference.scheme() == Some(Scheme::Http));
    match &reference {
        Some(reference) => {
            diagnose.extend(is_plain.then(|| "--plain-http".into()));
            diagnose.push(reference.into());
        }
        None => diagnose.push("REFERENCE".into()),
    }
    let explain = read.causes.first().map(|cause| words!["ociscope", "explain", cause.rule]);
    let commands = std::iter::once(diagnose).chain(explain).map(CommandLine::of);
    let mut blocks: Vec<_> = commands.map(as_block).collect();
    if is_plain {
        blocks.push(Block::Text(vec![plain(CLEARTEXT_LOGINS)]));
    }
    blocks
}

/// A command, or why there is none.
pub(super) fn as_block(made: Result<CommandLine, Unfit>) -> Block {
    match made {
        Ok(made) => command(made),
        Err(unfit) => Block::Text(vec![plain(unfit.to_string())]),
    }
}

pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
