//! A pasted text as an argument of `explain` that begins with a dash: it is no option.

use std::ffi::OsString;

const COMMAND: &str = "explain";
/// Options that have their value in the next word.
const WITH_VALUE: [&str; 2] = ["--format", "--color"];

/// Puts the texts among the arguments of `explain` behind `--`, where one of them looks like an option: it has a space in
/// it, or is nothing but dashes.
pub(super) fn with_texts_apart(arguments: Vec<OsString>) -> Vec<OsString> {
    let at = arguments.iter().position(|argument| argument == COMMAND);
    let Some(at) = at.filter(|at| arguments[at + 1..].iter().any(is_text)) else { return arguments };
    let (before, behind) = arguments.split_at(at + 1);
    if behind.iter().any(|argument| argument == "--") {
        return arguments;
    }
    let (mut options, mut texts) = (Vec::new(), Vec::new());
    let mut behind = behind.iter().cloned();
    while let Some(argument) = behind.next() {
        let is_option = argument.to_str().is_some_and(|word| word.len() > 1 && word.starts_with('-'));
        if !is_option || is_text(&argument) {
            texts.push(argument);
            continue;
        }
        let takes_value = WITH_VALUE.iter().any(|option| argument == *option);
        options.push(argument);
        options.extend(behind.next().filter(|_| takes_value));
    }
    [before, &options, &["--".into()], &texts].concat()
}

/// Whether an argument begins with a dash and is a text all the same.
fn is_text(argument: &OsString) -> bool {
    let Some(word) = argument.to_str() else { return false };
    let is_rule = word.len() > 2 && word.bytes().all(|byte| byte == b'-');
    word.starts_with('-') && (is_rule || word.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(words: &[&str]) -> Vec<String> {
        let arguments = words.iter().map(OsString::from).collect();
        with_texts_apart(arguments).into_iter().map(|word| word.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn text_with_a_dash_in_front_is_no_option() {
        for text in
            ["------\n > [1/7] FROM x:", "- a line", "-h and more", "--- FAIL: x", "------", "--format is wrong"]
        {
            assert_eq!(apart(&["o", "explain", text]), ["o", "explain", "--", text]);
            assert_eq!(apart(&["o", "explain", text, "--json"]), ["o", "explain", "--json", "--", text]);
            let typed = ["o", "--color", "never", "explain", "--format", "json", text];
            assert_eq!(apart(&typed), ["o", "--color", "never", "explain", "--format", "json", "--", text]);
        }
    }

    #[test]
    fn other_arguments_stay_where_they_are() {
        for words in [
            &["o", "explain", "404", "--json"][..],
            &["o", "explain", "-"],
            &["o", "explain", "--", "- a line"],
            &["o", "explain", "--format", "json", "manifest unknown"],
            &["o", "probe", "- a line"],
            &["o", "explain", "--jsn", "x"],
            &["o"],
        ] {
            assert_eq!(apart(words), words);
        }
    }
}
