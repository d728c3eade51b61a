//! From Rust source to words and symbols, without comments, texts and tests: in those, names are no imports.

/// A word, or a symbol. A text, a character or a lifetime is `"`.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

impl Token {
    pub fn is_word(&self) -> bool {
        self.text.starts_with(is_word_character)
    }
}

/// Whether a word can have this character in it.
pub fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The words and symbols of a source, without its comments.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let (length, token) = if first.is_whitespace() {
            (first.len_utf8(), None)
        } else if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), None)
        } else if rest.starts_with("/*") {
            (comment(rest), None)
        } else if let Some(length) = literal(rest) {
            (length, Some("\""))
        } else if let Some(raw) = rest.strip_prefix("r#") {
            let word = word(raw);
            (2 + word.len(), Some(word))
        } else if is_word_character(first) {
            let word = word(rest);
            (word.len(), Some(word))
        } else if let Some(symbol) = ["..=", "...", "..", "::"].iter().find(|symbol| rest.starts_with(**symbol)) {
            (symbol.len(), Some(*symbol))
        } else {
            (first.len_utf8(), Some(&rest[..first.len_utf8()]))
        };
        tokens.extend(token.map(|text| Token { text: text.to_owned(), line }));
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

fn word(text: &str) -> &str {
    &text[..text.find(|character| !is_word_character(character)).unwrap_or(text.len())]
}

/// The length of a comment between `/*` and `*/`, with those inside it.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of the text, character or lifetime that begins here.
fn literal(text: &str) -> Option<usize> {
    let unprefixed = text.trim_start_matches(['b', 'c']);
    let prefix = text.len() - unprefixed.len();
    if prefix <= 1 {
        let raw = unprefixed.strip_prefix('r').map(|raw| (raw, raw.len() - raw.trim_start_matches('#').len()));
        if let Some((raw, hashes)) = raw
            && raw[hashes..].starts_with('"')
        {
            let end = format!("\"{}", "#".repeat(hashes));
            let inside = &raw[hashes + 1..];
            let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
            return Some(prefix + 1 + hashes + 1 + length);
        }
        if let Some(inside) = unprefixed.strip_prefix('"') {
            return Some(prefix + 1 + until(inside, b'"'));
        }
    }
    let inside = text.strip_prefix('\'')?;
    let first = inside.chars().next()?;
    if first == '\\' || inside[first.len_utf8()..].starts_with('\'') {
        return Some(1 + until(inside, b'\''));
    }
    Some(1 + word(inside).len())
}

/// The length up to and with this end, past whatever is escaped.
fn until(text: &str, end: u8) -> usize {
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        match byte {
            b'\\' => at += 2,
            _ if byte == end => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// The tokens without every item that is there for tests only, and the names of the modules among those items that
/// are files of their own.
pub fn without_tests(tokens: Vec<Token>) -> (Vec<Token>, Vec<String>) {
    let mut kept = Vec::new();
    let mut modules = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let starts = |words: &[&str]| {
            tokens.len() >= at + words.len() && tokens[at..].iter().zip(words).all(|(token, word)| token.text == *word)
        };
        if starts(&["#", "!", "[", "cfg", "(", "test", ")", "]"]) {
            return (Vec::new(), modules);
        }
        if !starts(&["#", "[", "cfg", "(", "test", ")", "]"]) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let end = end_of_item(&tokens, at);
        let item = &tokens[at..end];
        let module = item.windows(3).find(|three| three[0].text == "mod" && three[2].text == ";");
        modules.extend(module.map(|three| three[1].text.clone()));
        at = end;
    }
    (kept, modules)
}

/// Where the item ends whose attributes begin here. In doubt it ends early: then something is looked at that need not
/// be, and nothing is overlooked.
fn end_of_item(tokens: &[Token], mut at: usize) -> usize {
    while tokens.get(at).is_some_and(|token| token.text == "#") {
        at = end_of_group(tokens, at + 1);
    }
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "{" => return end_of_group(tokens, at),
            ";" | "," => return at + 1,
            "(" | "[" => at = end_of_group(tokens, at),
            "}" | ")" | "]" => return at,
            _ => at += 1,
        }
    }
    at
}

/// Where the group ends that begins here.
fn end_of_group(tokens: &[Token], mut at: usize) -> usize {
    let mut depth = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    at
}
