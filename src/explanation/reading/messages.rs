//! A pasted text as messages: a cause in one of them is not joined with an image in another.

use super::heads::{Head, head};

/// The longest message, in bytes; a longer one is taken for several.
const LONGEST: usize = 32 << 10;

/// Where a message is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::explanation) enum Origin {
    /// It was typed, or a job runs it; what comes next is said about it.
    Command,
    /// A terminal, or a log of one job: what was named last is what it speaks about.
    Terminal,
    /// A log that many write to at once.
    Log,
}

/// One message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::explanation) struct Message<'a> {
    /// Its lines, as they are in the text.
    pub text: &'a str,
    /// How many lines it has that are not empty.
    pub lines: usize,
    /// Where it is from.
    pub origin: Origin,
}

/// The messages of a text that was cleaned, in their order.
pub(in crate::explanation) fn messages(text: &str) -> impl Iterator<Item = Message<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (message, behind) = first_of(rest);
            rest = behind;
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
    let (own, behind) = text.split_at(end);
    (Message { text: own, lines, origin }, behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<(usize, Origin)> {
        messages(text).map(|message| (message.lines, message.origin)).collect()
    }

    #[test]
    fn lines_that_go_on_are_of_one_message() {
        let wrapped = "Failed to pull image \"r.test/a:1\":\n  rpc error: code = Unknown\n  \"x\": not found\n\n";
        assert_eq!(split(wrapped), [(3, Origin::Terminal)]);
        assert_eq!(split(&wrapped.repeat(2)), [(3, Origin::Terminal), (3, Origin::Terminal)]);
        let yaml = "      waiting:\n        message: 'failed to pull\n          image x: failed\n          to authorize'\n        reason: ErrImagePull\n";
        assert_eq!(split(yaml), [(1, Origin::Terminal), (3, Origin::Terminal), (1, Origin::Terminal)]);
        let typed = "$ helm install x \\\n    oci://r.test/a \\\n    --version 1\nError: INSTALLATION FAILED: x\n";
        assert_eq!(split(typed), [(3, Origin::Command), (1, Origin::Terminal)]);
        assert_eq!(split("\n\n \n"), []);
    }

    #[test]
    fn message_without_end_is_several() {
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
