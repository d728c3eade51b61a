//! A request as a command for `curl`, which repeats it in a shell.
//!
//! What is in it came from users and from servers: a redirect may lead to an address with anything in it. So it is made of
//! words of a [`CommandLine`], and where a word has no spelling that all shells read alike, there is no command. Secrets are
//! variables, which whoever pastes the command sets.

use crate::diagnosis::{CommandLine, Unfit, Word, WordPart, words};
use crate::evidence::{
    AddressPart, Exchange, GrantForm, Method, RequestForm, RequestHeader, RequestValue, Withheld, address_parts,
};

/// A command and what is to be known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurlCommand {
    /// Comments for the shell, a line each: what the variables in the command stand for. They hold words of ours alone,
    /// because not every shell takes comments for comments when they are pasted.
    pub comments: Vec<String>,
    /// The command, or why there is none.
    pub command: Result<CommandLine, Unfit>,
}

/// What is named where a word has characters that shells read differently.
const HEADER: &str = "a header of the request";
const ADDRESS: &str = "the address of the request";
const FORM: &str = "the form of the request";

/// The command that repeats a request: the method, every header that is not the same in all requests, and the address.
///
/// Options about the connection, as `--resolve` and `--insecure`, are not in it. A header value ends before line feeds at
/// its end, as it does in HTTP.
pub fn curl(exchange: &Exchange) -> CurlCommand {
    let request = &exchange.request;
    if request.method == Method::Tls {
        return handshake(exchange);
    }
    let mut variables = Variables::default();
    let mut command = match request.method {
        Method::Head => words!["curl", "-sS", "--head"],
        Method::Get | Method::Post | Method::Tls => words!["curl", "-sS", "-i"],
    };
    // In brackets and braces curl sees several addresses.
    if [request.url.path(), request.url.query().unwrap_or_default()].concat().contains(['[', ']', '{', '}', '\\']) {
        command.push("-g".into());
    }
    if !request.headers.iter().any(|header| header.name == "accept") {
        command.extend([Word::from("-H"), Word::syntax("'Accept:'")]);
    }
    for RequestHeader { name, value } in &request.headers {
        command.extend(match value {
            RequestValue::Sent(value) => sent_header(name, value),
            RequestValue::Withheld(withheld) => withheld_header(name, withheld, &mut variables),
        });
    }
    if let Some(RequestForm { fields, name, withheld: _ }) = &request.form {
        let name = format!("{name}=");
        let field = [WordPart::Text(&name), variables.identity_token()];
        command.extend(words!["-d", Word::typed(fields, FORM), "--data-urlencode", Word::with_variables(&field, FORM)]);
    }
    let parts = address_parts(&request.url);
    let parts: Vec<_> = parts
        .iter()
        .map(|part| match part {
            AddressPart::Shown(text) => WordPart::Text(text),
            AddressPart::QueryValue => variables.query_value(),
            AddressPart::PathSegment => variables.path_segment(),
        })
        .collect();
    command.push(Word::with_variables(&parts, ADDRESS));
    let command = CommandLine::of(command);
    // Without a command there are no variables in it.
    let comments = if command.is_ok() { variables.comments } else { Vec::new() };
    CurlCommand { comments, command }
}

/// The command that repeats a handshake without a request: curl has none.
fn handshake(exchange: &Exchange) -> CurlCommand {
    let url = &exchange.request.url;
    let host = url.host_str().unwrap_or_default();
    let at = Word::typed(&format!("{host}:{}", url.port_or_known_default().unwrap_or(443)), ADDRESS);
    // What it reads ends the connection.
    let mut command = words!["echo", "Q", Word::syntax("|"), "openssl", "s_client", "-connect", at];
    if let Some(url::Host::Domain(name)) = url.host() {
        command.extend(words!["-servername", Word::typed(name, ADDRESS)]);
    }
    let comments = vec!["# a TLS handshake alone, which curl cannot do".to_owned()];
    CurlCommand { comments, command: CommandLine::of(command) }
}

/// The option for a header; none for those that go with every request, and that `curl` has its own for.
fn sent_header(name: &str, value: &str) -> Vec<Word> {
    match name {
        "user-agent" => return Vec::new(),
        "accept-encoding" if value == "identity" => return Vec::new(),
        // It is what `-d` sends by itself.
        "content-type" if value == "application/x-www-form-urlencoded" => return Vec::new(),
        _ => {}
    }
    let title = title_case(name);
    // With nothing behind the colon, curl would send no such header.
    let text = match value.trim_end_matches('\n') {
        "" => format!("{title};"),
        value => format!("{title}: {value}"),
    };
    words!["-H", Word::typed(&text, HEADER)]
}

/// The option for a header with a secret, which is a variable.
fn withheld_header(name: &str, withheld: &Withheld, variables: &mut Variables) -> Vec<Word> {
    let (scheme, variable) = match withheld.scheme {
        Some(GrantForm::Basic) => return words!["-u", Word::with_variables(&[variables.login()], HEADER)],
        Some(GrantForm::Bearer) => ("Bearer ", variables.token()),
        None => ("", variables.header()),
    };
    let before = format!("{}: {scheme}", title_case(name));
    words!["-H", Word::with_variables(&[WordPart::Text(&before), variable], HEADER)]
}

/// `x-api-key` as people write it: `X-Api-Key`.
fn title_case(name: &str) -> String {
    let parts = name.split('-').map(|part| {
        let mut characters = part.chars();
        let first = characters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(characters).collect::<String>()
    });
    parts.collect::<Vec<_>>().join("-")
}

/// The variables that stand in a command so far.
#[derive(Debug, Default)]
struct Variables {
    headers: usize,
    query_values: usize,
    path_segments: usize,
    comments: Vec<String>,
}

impl Variables {
    fn token(&mut self) -> WordPart<'static> {
        self.comments.push("# TOKEN is the token".to_owned());
        WordPart::Variable("TOKEN".to_owned())
    }

    fn identity_token(&mut self) -> WordPart<'static> {
        self.comments.push("# IDENTITY_TOKEN is your identity token".to_owned());
        WordPart::Variable("IDENTITY_TOKEN".to_owned())
    }

    /// One variable: zsh has a `USERNAME` of its own, and a colon behind a name means something to PowerShell.
    fn login(&mut self) -> WordPart<'static> {
        self.comments.push("# LOGIN is your user name, a colon and your password".to_owned());
        WordPart::Variable("LOGIN".to_owned())
    }

    fn header(&mut self) -> WordPart<'static> {
        self.headers += 1;
        self.named("HEADER", self.headers, "the value of your header")
    }

    fn query_value(&mut self) -> WordPart<'static> {
        self.query_values += 1;
        self.named("QUERY", self.query_values, "a value in the query")
    }

    fn path_segment(&mut self) -> WordPart<'static> {
        self.path_segments += 1;
        self.named("SEGMENT", self.path_segments, "a part of the path")
    }

    fn named(&mut self, kind: &str, number: usize, what: &str) -> WordPart<'static> {
        let name = format!("{kind}_{number}");
        self.comments.push(format!("# {name} is {what} that may be secret"));
        WordPart::Variable(name)
    }
}

#[cfg(test)]
mod tests;
