//! Lays out the output of clients: one cause as a page, several as a table.

use super::likely::glossary;
use super::page::{as_block, capitalized, source};
use super::read::Read;
use super::survey::Survey;
use super::{Explanation, Kind, table};
use crate::diagnosis::{CLEARTEXT_LOGINS, CommandLine, words};
use crate::oci::Scheme;
use crate::report::{Block, Label, Layout, Span, plain};

/// Rules whose finding depends on the requested platform.
const OF_A_PLATFORM: [&str; 3] = ["platform-not-in-index", "windows-os-version", "dangling-index-child"];

/// Explains the output of clients; `None` if nothing in it is known.
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

/// The page of one cause and one image.
fn page(read: &Read<'_>, version: Option<&str>) -> Layout {
    let says = read.sentences();
    let client = read.group.clients.first().map(|client| client.name.as_str()).or(read.group.found.client);
    let first = match client {
        Some(client) => {
            let version = version.map(|version| format!(" {version}")).unwrap_or_default();
            let client = Span::new(format!("{client}{version}"), Label::Strong);
            vec![plain("This error from "), client, plain(format!(" means: {says}"))]
        }
        // A name keeps its case, even at the beginning of a sentence.
        None if read.group.found.says.starts_with('{') => vec![plain(says)],
        None => vec![plain(capitalized(&says))],
    };
    let mut document = vec![Block::Remark(first)];
    if !read.causes.is_empty() {
        let heading = if read.causes.len() == 1 { "Likely" } else { "Likely, most common first" };
        document.extend([Block::Gap, Block::Heading(heading.to_owned()), glossary(&read.causes)]);
    }
    if let Some(advice) = read.advice() {
        document.extend([Block::Gap, Block::Heading("What to do".to_owned()), Block::Text(vec![plain(advice)])]);
    }
    // Without a registry that is at fault or named, there is nothing to query.
    if !read.is_local() && (read.group.image.is_some() || !read.causes.is_empty()) {
        document.extend([Block::Gap, Block::Heading("Find out".to_owned())]);
        document.extend(commands(read));
    }
    let recognized = format!("recognized by “{}”", read.group.found.words);
    document.extend([
        Block::Gap,
        Block::Text(vec![Span::new(recognized, Label::Quiet)]),
        source(read.group.found.checked, read.group.found.source),
    ]);
    document
}

/// The commands that find out more: the diagnosis of the image, and the explanation of the first cause.
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
