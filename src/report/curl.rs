//! A request as a command for `curl`, which repeats it in a POSIX shell.
//!
//! What is in it came from users and from servers: a redirect may lead to an address with anything in it. The command is
//! pasted into a shell, so all of that is quoted for one, and what acts on a terminal or on the line editor of a shell
//! is written as numbers. Secrets are variables, which whoever pastes the command sets.

use crate::diagnosis::shell_quoted;
use crate::evidence::{AddressPart, Exchange, Method, address_parts, is_safe};

/// A command and what is to be known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurlCommand {
    /// Comments for the shell, a line each: what the variables in the command stand for. They hold words of ours alone,
    /// because not every shell takes comments for comments when they are pasted.
    pub comments: Vec<String>,
    /// The command, on one line.
    pub command: String,
}

/// How the values of secret headers are recorded: as descriptions in these.
const DESCRIPTION: char = '‹';

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
        Method::Get => "curl -sS -i".to_owned(),
        Method::Head => "curl -sS --head".to_owned(),
        Method::Post | Method::Tls => "curl -sS -i".to_owned(),
    };
    // In brackets and braces curl sees several addresses.
    if [request.url.path(), request.url.query().unwrap_or_default()].concat().contains(['[', ']', '{', '}', '\\']) {
        command.push_str(" -g");
    }
    if !request.headers.iter().any(|(name, _)| name == "accept") {
        command.push_str(" -H 'Accept:'");
    }
    for (name, value) in &request.headers {
        if let Some(option) = header(name, value, &mut variables) {
            command.push_str(&format!(" {option}"));
        }
    }
    if let Some((fields, secret)) = request.form.as_deref().and_then(|form| form.rsplit_once('&')) {
        let name = secret.trim_end_matches('=');
        command.push_str(&format!(
            " -d {} --data-urlencode \"{name}=${}\"",
            quoted(fields),
            variables.identity_token()
        ));
    }
    command.push(' ');
    for part in address_parts(&request.url) {
        command.push_str(&match part {
            AddressPart::Shown(text) => quoted(&text),
            AddressPart::QueryValue => format!("\"${}\"", variables.query_value()),
            AddressPart::PathSegment => format!("\"${}\"", variables.path_segment()),
        });
    }
    CurlCommand { comments: variables.comments, command }
}

/// The command that repeats a handshake without a request: curl has none.
fn handshake(exchange: &Exchange) -> CurlCommand {
    let url = &exchange.request.url;
    let host = url.host_str().unwrap_or_default();
    let at = quoted(&format!("{host}:{}", url.port_or_known_default().unwrap_or(443)));
    let name = match url.host() {
        Some(url::Host::Domain(name)) => format!(" -servername {}", quoted(name)),
        _ => String::new(),
    };
    let comments = vec!["# a TLS handshake alone, which curl cannot do".to_owned()];
    CurlCommand { comments, command: format!("openssl s_client -connect {at}{name} </dev/null") }
}

/// The option for a header; `None` for those that go with every request, and that `curl` has its own for.
fn header(name: &str, value: &str, variables: &mut Variables) -> Option<String> {
    let is_secret = value.contains(DESCRIPTION);
    match name {
        "user-agent" if !is_secret => return None,
        "accept-encoding" if value == "identity" => return None,
        // It is what `-d` sends by itself.
        "content-type" if value == "application/x-www-form-urlencoded" => return None,
        "authorization" if is_secret && value.starts_with("Basic ") => {
            variables.credentials();
            return Some("-u \"$USERNAME:$PASSWORD\"".to_owned());
        }
        _ => {}
    }
    let title = title_case(name);
    if is_secret {
        let scheme = if name == "authorization" && value.starts_with("Bearer ") { "Bearer " } else { "" };
        let variable = if scheme.is_empty() { variables.header() } else { variables.token() };
        // Some characters of a name would be active between double quotes.
        let is_plain = title.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        return Some(match is_plain {
            true => format!("-H \"{title}: {scheme}${variable}\""),
            false => format!("-H {}\"${variable}\"", quoted(&format!("{title}: {scheme}"))),
        });
    }
    // With nothing behind the colon, curl would send no such header.
    Some(if value.is_empty() {
        format!("-H {}", quoted(&format!("{title};")))
    } else {
        format!("-H {}", quoted(&format!("{title}: {value}")))
    })
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

/// A text as a part of a word that a POSIX shell takes as it is. Whatever acts on a terminal becomes octal numbers.
fn quoted(text: &str) -> String {
    let mut word = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (safe, behind) = rest.split_at(rest.find(|c| !is_safe(c)).unwrap_or(rest.len()));
        if !safe.is_empty() {
            word.push_str(&shell_quoted(safe));
        }
        // A shell drops line feeds at the end of what it substitutes, so the next character goes in too.
        let active = behind.find(is_safe).unwrap_or(behind.len());
        let next = behind[active..].chars().next().map_or(0, char::len_utf8);
        let (active, behind) = behind.split_at(active + next);
        let octal: String = active.bytes().filter(|byte| *byte != 0).map(|byte| format!("\\0{byte:03o}")).collect();
        if !octal.is_empty() {
            word.push_str(&format!("\"$(printf %b '{octal}')\""));
        }
        rest = behind;
    }
    if word.is_empty() { shell_quoted("") } else { word }
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
    fn token(&mut self) -> String {
        self.comments.push("# TOKEN stands for the token".to_owned());
        "TOKEN".to_owned()
    }

    fn identity_token(&mut self) -> &'static str {
        self.comments.push("# IDENTITY_TOKEN stands for your identity token".to_owned());
        "IDENTITY_TOKEN"
    }

    fn credentials(&mut self) {
        self.comments.push("# USERNAME and PASSWORD stand for your credentials".to_owned());
    }

    fn header(&mut self) -> String {
        self.headers += 1;
        self.named("HEADER", self.headers, "the value of your header")
    }

    fn query_value(&mut self) -> String {
        self.query_values += 1;
        self.named("QUERY", self.query_values, "a value in the query")
    }

    fn path_segment(&mut self) -> String {
        self.path_segments += 1;
        self.named("SEGMENT", self.path_segments, "a part of the path")
    }

    fn named(&mut self, kind: &str, number: usize, what: &str) -> String {
        let name = format!("{kind}_{number}");
        self.comments.push(format!("# {name} stands for {what} that may be secret"));
        name
    }
}

#[cfg(test)]
mod tests;
