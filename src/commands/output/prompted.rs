//! Commands of ociscope as they are typed at the prompt of its shell: without the name of the program.

use crate::commands::COMMANDS;
use crate::diagnosis::CommandLine;
use crate::report::{Block, Layout, Line, Span};

/// The name of the program, as commands begin.
const PROGRAM: &str = "ociscope ";
/// The option that a session with the simulated registries has anyway.
const LAB: &str = "--lab ";

/// A prompt at which commands are typed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prompted {
    /// Whether commands go to the simulated registries without an option.
    pub in_the_lab: bool,
}

impl Prompted {
    /// The document with commands as they are typed at the prompt. Words of servers, tables and names stay as they are.
    pub fn document(self, document: &Layout) -> Layout {
        document.iter().map(|block| self.block(block)).collect()
    }

    fn block(self, block: &Block) -> Block {
        match block {
            Block::Remark(line) => Block::Remark(self.line(line)),
            Block::Text(line) => Block::Text(self.line(line)),
            Block::Item(line) => Block::Item(self.line(line)),
            Block::Command { command, purpose } => {
                Block::Command { command: self.command(command), purpose: self.sentence(purpose) }
            }
            Block::Entry { name, about, command } => {
                let command = self.typed(command).unwrap_or_else(|| command.clone());
                Block::Entry { name: name.clone(), about: about.clone(), command }
            }
            Block::Labelled { label, line, command } => Block::Labelled {
                label,
                line: self.line(line),
                command: command.as_ref().map(|command| self.command(command)),
            },
            Block::Glossary(entries) => {
                Block::Glossary(entries.iter().map(|(name, about)| (name.clone(), self.sentence(about))).collect())
            }
            Block::Fold { title, content } => Block::Fold { title: title.clone(), content: self.document(content) },
            other => other.clone(),
        }
    }

    fn line(self, line: &Line) -> Line {
        line.iter().map(|span| Span { text: self.sentence(&span.text), label: span.label }).collect()
    }

    fn command(self, command: &CommandLine) -> CommandLine {
        command.relabelled(&mut |text| self.typed(text).unwrap_or_else(|| text.to_owned()))
    }

    /// A command as it is typed at the prompt; `None` if it is not one of ours.
    fn typed(self, command: &str) -> Option<String> {
        let rest = command.strip_prefix(PROGRAM)?;
        let is_ours = |word: &str| COMMANDS.iter().any(|spec| spec.name == word);
        // Pipes and files are for the shell of the system.
        let is_one = !command.contains(['|', '>', '<']);
        let verb = rest.split(' ').find(|word| !word.starts_with("--"));
        let rest = rest.strip_prefix(LAB).filter(|_| self.in_the_lab).unwrap_or(rest);
        (is_one && verb.is_some_and(is_ours)).then(|| rest.to_owned())
    }

    /// A sentence with the commands between backticks as they are typed at the prompt.
    fn sentence(self, text: &str) -> String {
        let parts = text.split('`').enumerate().map(|(number, part)| match number % 2 {
            1 => self.typed(part).unwrap_or_else(|| part.to_owned()),
            _ => part.to_owned(),
        });
        let whole = self.typed(text);
        whole.unwrap_or_else(|| parts.collect::<Vec<_>>().join("`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plain;

    #[test]
    fn command_is_printed_as_it_is_typed() {
        for (printed, typed, in_the_lab) in [
            ("ociscope explain tag-v-prefix", "explain tag-v-prefix", false),
            ("ociscope --lab diagnose r.test/a:1", "--lab diagnose r.test/a:1", false),
            ("ociscope --lab diagnose r.test/a:1", "diagnose r.test/a:1", true),
            ("ociscope --lab=tag-v-prefix probe r.test/a:1", "--lab=tag-v-prefix probe r.test/a:1", true),
            (
                "`ociscope rules` shows all, `ociscope explain NAME` one.",
                "`rules` shows all, `explain NAME` one.",
                false,
            ),
            ("ociscope diagnose a/b", "diagnose a/b", true),
            // Not a command of ours, or not one alone.
            ("ociscope 0.1.0 · 2026-11-30", "ociscope 0.1.0 · 2026-11-30", false),
            ("docker login ghcr.io", "docker login ghcr.io", false),
            ("echo x | ociscope probe a/b", "echo x | ociscope probe a/b", false),
            ("ociscope manifest a/b | jq .", "ociscope manifest a/b | jq .", false),
            ("ociscope is read-only", "ociscope is read-only", false),
        ] {
            let document = vec![Block::Text(vec![plain(printed)])];
            let expected = vec![Block::Text(vec![plain(typed)])];
            assert_eq!(Prompted { in_the_lab }.document(&document), expected);
        }
    }

    #[test]
    fn words_of_a_server_stay_as_they_are() {
        let words = || "ociscope probe a/b".to_owned();
        let document = vec![
            Block::Words(vec![words()]),
            Block::Proof(Vec::new()),
            Block::Names(vec![words()]),
            Block::Title(vec![plain(words())]),
        ];
        assert_eq!(Prompted { in_the_lab: true }.document(&document), document);
    }
}
