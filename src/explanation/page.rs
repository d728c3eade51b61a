//! Lays out the page of a name: a rule's own documentation, or the facts about a code, a status, a header or a media
//! type.

use super::likely::{AskedAt, glossary, likely};
use super::{Explanation, Kind};
use crate::diagnosis::{CommandLine, Rule, Unfit};
use crate::knowledge::{Topic, TopicKind};
use crate::report::{Block, Label, Layout, Line, Span, plain};

/// The page of a rule.
pub(super) fn rule_page(rule: &'static Rule) -> Explanation {
    let mut document = vec![Block::Title(vec![Span::new(rule.name, Label::Strong)])];
    let mut lines = rule.documentation.lines().map(str::trim);
    document.push(Block::Text(prose(lines.next().unwrap_or_default())));
    let mut section = "";
    let mut paragraph: Vec<&str> = Vec::new();
    // The empty line at the end closes the last paragraph.
    for line in lines.chain([""]) {
        let heading = line.strip_prefix("## ");
        if heading.is_some() || line.is_empty() {
            document.extend(paragraph_blocks(section, &paragraph.join(" ")));
            paragraph.clear();
        } else {
            paragraph.push(line);
        }
        if let Some(heading) = heading {
            section = heading;
            document.extend([Block::Gap, Block::Heading(heading.to_owned())]);
        }
    }
    Explanation::of_word(rule.name, Kind::Rule, vec![rule.name], document)
}

/// A paragraph of a rule's documentation. References become a list.
fn paragraph_blocks(section: &str, text: &str) -> Layout {
    if text.is_empty() {
        return Layout::new();
    }
    if section == "References" {
        return text.split("; ").map(|one| Block::Item(vec![Span::new(one, Label::Quiet)])).collect();
    }
    vec![Block::Text(prose(text))]
}

/// Text with Markdown's inline code as names.
fn prose(text: &str) -> Line {
    let parts = text.split('`').enumerate().filter(|(_, part)| !part.is_empty());
    parts.map(|(at, part)| if at % 2 == 1 { Span::new(part, Label::Name) } else { plain(part) }).collect()
}

/// The page of a code, a status, a header or a media type.
pub(super) fn topic_page(kind: TopicKind, topic: &'static Topic) -> Explanation {
    let title = match kind {
        TopicKind::Status => format!("{} {}", topic.name, topic.title),
        _ => topic.name.clone(),
    };
    let mut document = vec![Block::Title(vec![Span::new(title, Label::Strong)])];
    let about = match kind {
        TopicKind::ErrorCode => format!("error code · {}", topic.title),
        TopicKind::Status => "HTTP status".to_owned(),
        TopicKind::Header | TopicKind::MediaType => topic.title.clone(),
    };
    document.push(Block::Text(vec![Span::new(about, Label::Quiet)]));
    if kind == TopicKind::MediaType && !topic.aliases.is_empty() {
        let also = format!("also called {}", topic.aliases.join(", "));
        document.push(Block::Text(vec![Span::new(also, Label::Quiet)]));
    }
    document.push(Block::Gap);
    if let Some(specification) = &topic.specification {
        document.push(Block::Text(vec![plain(format!("Specification: {specification}."))]));
    }
    document.push(Block::Text(vec![plain(&topic.means)]));
    if !topic.registries.is_empty() {
        document.extend([Block::Gap, Block::Heading("In practice".to_owned())]);
        document.extend(topic.registries.iter().map(|usage| {
            Block::Item(vec![
                Span::new(format!("{}:", usage.who), Label::Strong),
                plain(format!(" {}", usage.says)),
                Span::new(format!(" ({})", usage.seen), Label::Quiet),
            ])
        }));
    }
    let causes = likely(topic.rules.iter().map(String::as_str), AskedAt::default());
    if !causes.is_empty() {
        let heading = match kind {
            TopicKind::ErrorCode | TopicKind::Status => "Likely causes, most common first",
            TopicKind::Header | TopicKind::MediaType => "Related rules",
        };
        document.extend([Block::Gap, Block::Heading(heading.to_owned()), glossary(&causes)]);
        document.extend([Block::Gap, Block::Heading("Find out".to_owned())]);
        document.extend(["ociscope diagnose REFERENCE", "ociscope explain RULE"].map(CommandLine::ours).map(command));
    }
    document.extend([Block::Gap, source(&topic.checked, &topic.source)]);
    let rules = causes.iter().map(|cause| cause.rule).collect();
    Explanation::of_word(&topic.name, kind.into(), rules, document)
}

/// A command that needs no description.
pub(super) fn command(command: CommandLine) -> Block {
    Block::Command { command, purpose: String::new() }
}

/// The date of a verification, and its source.
pub(super) fn source(checked: &str, source: &str) -> Block {
    Block::Text(vec![Span::new(format!("checked {checked}: {source}"), Label::Quiet)])
}

/// A command, or the reason why there is none.
pub(super) fn as_block(made: Result<CommandLine, Unfit>) -> Block {
    match made {
        Ok(made) => command(made),
        Err(unfit) => Block::Text(vec![plain(unfit.to_string())]),
    }
}

/// A text with its first letter capitalized.
pub(super) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
