//! The readers of other tools, as far as recipes depend on them, from their sources: apptainer,
//! pkg/build/types/parser/deffile.go; docker/cli, pkg/kvfile; moby/buildkit, frontend/dockerfile/parser and shell.

/// The stages of a definition, each with its header and its sections.
pub(super) fn definition(text: &str) -> Vec<Vec<(String, String)>> {
    // A stage begins where a line does with `bootstrap:`, in any case.
    let starts = text.match_indices('\n').map(|(at, _)| at + 1).chain([0]);
    let is_start = |at: &usize| text[*at..].get(..10).is_some_and(|word| word.eq_ignore_ascii_case("bootstrap:"));
    let mut starts: Vec<_> = starts.filter(is_start).collect();
    starts.sort_unstable();
    assert_eq!(starts.first(), Some(&0), "the first line is the header's");
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(&start, end)| sections(&text[start..end])).collect()
}

fn sections(stage: &str) -> Vec<(String, String)> {
    let mut sections = vec![(String::new(), String::new())];
    for line in stage.split_terminator('\n') {
        // As Go's bufio.ScanLines.
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.split_whitespace().next().is_some_and(|word| word.starts_with('%')) {
            let name = line.trim_start_matches('%').to_lowercase();
            sections.push((name, String::new()));
        } else if let Some((_, body)) = sections.last_mut() {
            body.push_str(line);
            body.push('\n');
        }
    }
    sections
}

/// The labels in the section of a definition.
pub(super) fn labels(body: &str) -> Vec<(String, String)> {
    let lines = body.split('\n').map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let label = |line: &str| {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        (name.trim().to_owned(), value.trim().to_owned())
    };
    lines.map(label).collect()
}

/// The variables in an env file, as Docker reads it.
pub(super) fn env_file(text: &str) -> Vec<(String, String)> {
    let mut variables = Vec::new();
    for line in text.split_terminator('\n') {
        assert!(line.len() < 65_536, "a line that is too long");
        let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line.split_once('=').expect("a value");
        assert!(!name.is_empty() && !name.contains([' ', '\t']), "{line}");
        variables.push((name.to_owned(), value.to_owned()));
    }
    variables
}

/// The instructions of a Dockerfile: the name, and the rest of the line. No directive is among its first lines.
pub(super) fn dockerfile(text: &str) -> Vec<(String, String)> {
    let mut instructions = Vec::new();
    let first = text.lines().next().expect("a line");
    let is_directive = first.trim_start_matches('#').split_once('=').is_some_and(|(name, _)| {
        !name.trim().is_empty() && name.trim().bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    assert!(first.starts_with('#') && !is_directive, "the first line does not end the directives: {first}");
    for line in text.split_terminator('\n') {
        assert!(line.len() < 65_536, "a line that is too long");
        let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        assert!(!line.trim_end_matches([' ', '\t']).ends_with('\\'), "a line goes on: {line}");
        let (name, rest) = line.split_once(' ').expect("arguments");
        instructions.push((name.to_owned(), rest.trim().to_owned()));
    }
    instructions
}

/// A word of an instruction as BuildKit expands it.
pub(super) fn word(text: &str) -> String {
    let mut word = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => loop {
                match letters.next().expect("a closing quote") {
                    '\'' => break,
                    inside => word.push(inside),
                }
            },
            '"' => loop {
                match letters.next().expect("a closing quote") {
                    '"' => break,
                    inside @ ('$' | '\\') => panic!("{inside} acts between double quotes: {text}"),
                    inside => word.push(inside),
                }
            },
            '$' | '\\' => panic!("{letter} acts outside of quotes: {text}"),
            other => word.push(other),
        }
    }
    word
}

/// The words of a line, with their quotes (parseWords).
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut quote = None;
    let mut is_inside = false;
    for letter in text.chars() {
        match quote {
            None if letter.is_whitespace() => is_inside = false,
            None => {
                if !is_inside {
                    words.push(String::new());
                }
                is_inside = true;
                quote = Some(letter).filter(|letter| matches!(letter, '\'' | '"'));
            }
            Some(open) => quote = quote.filter(|_| letter != open),
        }
        if is_inside && let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    assert_eq!(quote, None, "a quote is open in {text}");
    words
}
