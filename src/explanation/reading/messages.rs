//! Splits a pasted text into messages, so that a cause in one is not combined with an image in another.

use super::heads::{Head, head};

/// The maximum length of a message in bytes; a longer one is split.
const LONGEST: usize = 32 << 10;

/// The origin of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::explanation) enum Origin {
    /// A command that a user entered or a job runs; the messages after it are about it.
    Command,
    /// A terminal, or the log of one job: messages are about the image named last.
    Terminal,
    /// A log that several programs write to.
    Log,
}

/// One message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::explanation) struct Message<'a> {
    /// The lines of the message, as they are in the text.
    pub text: &'a str,
    /// The number of its non-empty lines.
    pub lines: usize,
    /// The origin of the message.
    pub origin: Origin,
}

/// The messages of a cleaned text, in order.
pub(in crate::explanation) fn messages(text: &str) -> impl Iterator<Item = Message<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (message, remainder) = first_of(rest);
            rest = remainder;
            if message.lines > 0 {
                return Some(message);
            }
        }
        None
    })
}

fn first_of(text: &str) -> (Message<'_>, &str) {
    let mut end = 0;
    let mut lines = 0;
    let mut origin = None;
    for line in text.split_inclusive(['\n', '\r']) {
        let begins = head(line);
        let is_too_long = end > 0 && end + line.len() > LONGEST;
        if lines > 0 && (begins.is_some() || is_too_long) {
            break;
        }
        if !line.trim().is_empty() {
            lines += 1;
            origin = origin.or(begins);
        }
        end += line.len();
    }
    let origin = match origin {
        Some(Head::Command) => Origin::Command,
        Some(Head::Log) => Origin::Log,
        Some(Head::Terminal) | None => Origin::Terminal,
    };
    let (own, remainder) = text.split_at(end);
    (Message { text: own, lines, origin }, remainder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<(usize, Origin)> {
        messages(text).map(|message| (message.lines, message.origin)).collect()
    }

    #[test]
    fn continued_lines_belong_to_one_message() {
        let wrapped = "Failed to pull image \"r.test/a:1\":\n  rpc error: code = Unknown\n  \"x\": not found\n\n";
        assert_eq!(split(wrapped), [(3, Origin::Terminal)]);
        assert_eq!(split(&wrapped.repeat(2)), [(3, Origin::Terminal), (3, Origin::Terminal)]);
        let yaml = "      waiting:\n        message: 'failed to pull\n          image x: failed\n          to authorize'\n        reason: ErrImagePull\n";
        assert_eq!(split(yaml), [(1, Origin::Terminal), (3, Origin::Terminal), (1, Origin::Terminal)]);
        let command = "$ helm install x \\\n    oci://r.test/a \\\n    --version 1\nError: INSTALLATION FAILED: x\n";
        assert_eq!(split(command), [(3, Origin::Command), (1, Origin::Terminal)]);
        assert_eq!(split("\n\n \n"), []);
    }

    #[test]
    fn overlong_message_is_split() {
        let text = "word ".repeat(20_000).replace("word word word word", "word\nword");
        assert!(messages(&text).all(|message| message.text.len() <= LONGEST));
        assert_eq!(messages(&text).map(|message| message.text).collect::<String>(), text);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost(text in "(\\PC|\n|\r){0,200}") {
            let kept: String = messages(&text).map(|message| message.text).collect();
            proptest::prop_assert_eq!(kept.split_whitespace().collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>());
        }
    }
}
