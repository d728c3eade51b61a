//! Collects the causes of a pasted text, each with its image, and merges messages that report the same.

use std::collections::HashMap;

use super::cause::{Recognized, cause, hints};
use super::image::{Named, image_in, platform_in};
use super::reading::{Origin, Pasted, messages};
use super::signs::read_signs;
use super::speaker::{speaker, version};
use crate::knowledge::{Client, clients};
use crate::oci::{Addition, Host, Platform};

/// The maximum number of causes. A log that has more is about something else.
const MOST: usize = 1000;

/// A cause with its image, and the messages that report it.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// The cause.
    pub found: Recognized,
    /// The image, if one is named.
    pub image: Option<Named>,
    /// The host that was contacted instead of the image's registry.
    pub mirror: Option<Host>,
    /// The requested platform, if the text names it.
    pub platform: Option<Platform>,
    /// The clients that reported it.
    pub clients: Vec<&'static Client>,
    /// The number of lines that report it.
    pub lines: usize,
    /// The index of the first message that reports it.
    first: usize,
    /// `true` if it follows a command that names no image, so that an image named elsewhere is unrelated.
    is_apart: bool,
}

/// The result of a survey.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The causes, in the order in which images are named; for each image, the most specific first.
    pub groups: Vec<Group>,
    /// An image that is named in a text without a known failure.
    pub image: Option<Named>,
    /// The number of non-empty lines.
    pub lines: usize,
    /// The version of the first client, if the text contains it.
    pub version: Option<String>,
}

/// The image that was named last, and the client that printed it.
#[derive(Default)]
struct Context {
    image: Option<Named>,
    client: Option<&'static Client>,
    is_after_command: bool,
}

impl Context {
    /// The image with the host that was named before. An engine omits the host in messages about a repository.
    fn with_host(&self, own: Named) -> Named {
        let is_short = own.reference.additions().contains(&Addition::DefaultRegistry);
        let Some(before) = self.image.as_ref().filter(|_| is_short) else { return own };
        let is_same =
            before.reference.repository() == own.reference.repository() && before.repository() != own.repository();
        let tag = own.reference.tag().filter(|_| !own.is_untagged());
        match tag.and_then(|tag| before.reference.with_tag(tag).ok()) {
            Some(reference) if is_same => Named::new(reference, true),
            None if is_same => before.clone(),
            _ => own,
        }
    }
}

/// Surveys a cleaned text.
pub(super) fn survey(text: &str) -> Survey {
    let mut survey = Survey::default();
    let mut context = Context::default();
    let mut images: Vec<Named> = Vec::new();
    for (at, message) in messages(text).enumerate() {
        survey.lines += message.lines;
        if message.origin == Origin::Command {
            context = Context { is_after_command: true, ..Context::default() };
        }
        let pasted = Pasted::new(message.text);
        let hints = hints(pasted.plain());
        if !hints.is_any() {
            continue;
        }
        let found = hints.has_cause().then(|| cause(&pasted, &hints)).flatten();
        let said = hints.client.then(|| speaker(&pasted)).flatten();
        let has_image = hints.image || found.is_some();
        let own = has_image.then(|| image_in(&pasted)).flatten().map(|own| context.with_host(own));
        if let Some(own) = &own {
            note(&mut images, own);
        }
        let Some(mut found) = found else {
            // BuildKit cancels the remaining steps when another one fails.
            let is_cancelled = pasted.plain().contains("CANCELED");
            if message.origin != Origin::Log && !is_cancelled {
                context.image = own.or(context.image);
                context.client = said.or(context.client);
            }
            continue;
        };
        let is_log = message.origin == Origin::Log;
        if found.is_general && !is_log {
            // The reason may follow.
            context.image = own.clone().or(context.image);
        }
        let mirror = read_signs(&pasted, own.as_ref(), &mut found);
        let image = own.or_else(|| context.image.clone().filter(|_| !is_log));
        let client = outer(said, context.client.filter(|_| !is_log));
        let group = Group {
            platform: platform_in(&pasted),
            clients: client.into_iter().collect(),
            lines: message.lines,
            first: at,
            is_apart: !is_log && context.is_after_command && image.is_none(),
            found,
            image,
            mirror,
        };
        survey.add(group);
    }
    survey.settle(&images);
    let lower =
        survey.groups.first().and_then(|group| group.clients.first()).filter(|client| !client.version.is_empty());
    survey.version = lower.and_then(|client| version(client, &text.to_ascii_lowercase()));
    survey
}

/// The outer of two programs: the one that was run, not the one that it calls.
fn outer(one: Option<&'static Client>, other: Option<&'static Client>) -> Option<&'static Client> {
    let place = |client: &&Client| clients().iter().position(|known| known.name == client.name);
    [one, other].into_iter().flatten().min_by_key(place)
}

/// Records an image, with its most specific name.
fn note(images: &mut Vec<Named>, image: &Named) {
    if let Some(known) = images.iter_mut().find(|known| known.may_be(image)) {
        *known = known.clone().better(image.clone());
    } else if images.len() < MOST {
        images.push(image.clone());
    }
}

impl Survey {
    fn add(&mut self, group: Group) {
        let same = |known: &&mut Group| known.says_the_same(&group) && known.is_about(group.image.as_ref());
        if let Some(known) = self.groups.iter_mut().find(same) {
            known.take_up(group);
        } else if self.groups.len() < MOST {
            self.groups.push(group);
        }
    }

    /// Completes the image of each cause, drops causes that only repeat or generalize others, and sorts the rest.
    fn settle(&mut self, images: &[Named]) {
        let only = match images {
            [only] => Some(only),
            _ => None,
        };
        let groups = std::mem::take(&mut self.groups);
        for mut group in groups {
            let full = match &group.image {
                Some(image) => images.iter().find(|known| known.may_be(image)).or(Some(image)),
                None => only.filter(|_| !group.is_apart),
            };
            group.image = full.cloned();
            self.add(group);
        }
        // The same cause, with an image and without one.
        let named: Vec<Group> = self.groups.iter().filter(|group| group.image.is_some()).cloned().collect();
        let is_repeated = |group: &Group| {
            group.image.is_none() && named.iter().filter(|other| other.says_the_same(group)).count() == 1
        };
        let (repeated, mut kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.groups).into_iter().partition(is_repeated);
        for group in repeated {
            if let Some(known) = kept.iter_mut().find(|known| known.image.is_some() && known.says_the_same(&group)) {
                known.take_up(group);
            }
        }
        let all = kept.clone();
        kept.retain(|group| !group.is_weak() || !all.iter().any(|other| other.explains(group)));
        // The first message about each image.
        let mut firsts: HashMap<Option<String>, usize> = HashMap::new();
        for group in &all {
            let first = firsts.entry(group.image_key()).or_insert(group.first);
            *first = group.first.min(*first);
        }
        let place = |group: &Group| {
            let first = firsts.get(&group.image_key()).copied().unwrap_or(group.first);
            (first, group.is_weak(), group.found.rank, group.first)
        };
        kept.sort_by_cached_key(|group| (group.image.is_none() && group.is_weak(), place(group)));
        self.groups = kept;
        self.image = images.first().cloned();
    }
}

impl Group {
    fn image_key(&self) -> Option<String> {
        self.image.as_ref().map(Named::key)
    }

    /// Returns `true` if the cause only says that something failed, or is a bare code or status.
    fn is_weak(&self) -> bool {
        self.found.is_general || self.found.rank >= crate::knowledge::error_texts().len()
    }

    /// Returns `true` if both have the same cause: the same first rule, or the same text.
    fn says_the_same(&self, other: &Self) -> bool {
        match (self.found.rules.first(), other.found.rules.first()) {
            (Some(one), Some(two)) => one == two && self.is_weak() == other.is_weak(),
            (None, None) => self.found.rank == other.found.rank,
            _ => false,
        }
    }

    fn is_about(&self, image: Option<&Named>) -> bool {
        match (&self.image, image) {
            (Some(one), Some(two)) => one.may_be(two),
            (None, None) => true,
            _ => false,
        }
    }

    /// Returns `true` if this cause gives the reason for a failure that `weak` only reports.
    fn explains(&self, weak: &Self) -> bool {
        let says_more = !self.is_weak() || (weak.found.is_general && !self.found.is_general);
        says_more && (weak.image.is_none() || self.is_about(weak.image.as_ref()))
    }

    fn take_up(&mut self, other: Self) {
        self.lines += other.lines;
        self.image = match (self.image.take(), other.image) {
            (Some(one), Some(two)) => Some(one.better(two)),
            (one, two) => one.or(two),
        };
        self.mirror = self.mirror.take().or(other.mirror);
        self.platform = self.platform.take().or(other.platform);
        if other.found.rank < self.found.rank {
            self.found = other.found;
        }
        for client in other.clients {
            if !self.clients.iter().any(|known| known.name == client.name) {
                self.clients.push(client);
            }
        }
    }
}
