//! From Rust source to words and symbols, without comments and tests: in those, names are no imports.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use syn::Lit;

/// A word, or a symbol. A text, a character, a number or a lifetime is `"`.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub text: String,
    pub line: usize,
    /// What a text says, its escapes undone.
    pub says: Option<String>,
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

/// The words and symbols of a source as the compiler reads them, without its comments.
pub fn tokens(text: &str) -> Vec<Token> {
    let stream: TokenStream = text.parse().unwrap_or_else(|error| panic!("this is not Rust: {error}\n{text}"));
    let mut tokens = Vec::new();
    flatten(stream, &mut tokens);
    tokens
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let line = tree.span().start().line;
        let mut push = |text: &str, line: usize| tokens.push(Token { text: text.to_owned(), line, says: None });
        match tree {
            TokenTree::Ident(word) => push(word.to_string().trim_start_matches("r#"), line),
            TokenTree::Literal(literal) => {
                tokens.push(Token { text: "\"".to_owned(), line, says: said(Lit::new(literal)) });
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                push(open, line);
                flatten(group.stream(), tokens);
                tokens.push(Token { text: close.to_owned(), line: group.span_close().start().line, says: None });
            }
            TokenTree::Punct(mark) => {
                let mut symbol = mark.as_char().to_string();
                let mut is_joint = mark.spacing() == Spacing::Joint;
                while is_joint
                    && let Some(TokenTree::Punct(next)) = trees.peek()
                    && ["::", "..", "...", "..="].contains(&format!("{symbol}{}", next.as_char()).as_str())
                {
                    symbol.push(next.as_char());
                    is_joint = next.spacing() == Spacing::Joint;
                    trees.next();
                }
                match (symbol.as_str(), trees.peek()) {
                    // A lifetime.
                    ("'", Some(TokenTree::Ident(_))) => {
                        trees.next();
                        push("\"", line);
                    }
                    // A comment for the documentation: an attribute, as the compiler reads it.
                    ("#", Some(TokenTree::Group(group))) if is_documentation(group.stream()) => {
                        trees.next();
                    }
                    ("#", Some(TokenTree::Punct(inner))) if inner.as_char() == '!' => {
                        trees.next();
                        match trees.peek() {
                            Some(TokenTree::Group(group)) if is_documentation(group.stream()) => {
                                trees.next();
                            }
                            _ => {
                                push("#", line);
                                push("!", line);
                            }
                        }
                    }
                    _ => push(&symbol, line),
                }
            }
        }
    }
}

fn is_documentation(attribute: TokenStream) -> bool {
    matches!(attribute.into_iter().next(), Some(TokenTree::Ident(name)) if name == "doc")
}

fn said(literal: Lit) -> Option<String> {
    match literal {
        Lit::Str(text) => Some(text.value()),
        Lit::ByteStr(bytes) => Some(String::from_utf8_lossy(&bytes.value()).into_owned()),
        Lit::CStr(text) => Some(text.value().to_string_lossy().into_owned()),
        Lit::Char(character) => Some(character.value().to_string()),
        _ => None,
    }
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
