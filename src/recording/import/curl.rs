//! Transcripts of curl: `-v` prints what it does on standard error (`* ` remarks, `> ` and `< ` the heads of messages,
//! `{ [n bytes data]` where a body goes elsewhere), `-i` the head of the answer before the body on standard output. The two
//! streams are mixed in a terminal, and a body may follow the remark that the connection is left open.

mod remarks;

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;

use url::Url;

use self::remarks::{is_progress, remote_in, reused, socket, without_progress};
use super::NotImported;
use super::command::{Command, command_in, is_continued};
use super::exchanges::{Log, LoggedExchange, LoggedResponse};
use super::failures::failure_of;
use super::message::{address, body_in, header_line, request_line, status_line};
use crate::evidence::Method;

/// The longest text after the head of an answer that is searched for its body, in bytes.
const LONGEST_TEXT: usize = super::exchanges::LONGEST_BODY + (1 << 20);
/// The longest text of command lines that is kept, in bytes.
const LONGEST_COMMANDS: usize = 1 << 20;

/// Reads a transcript. There are no exchanges in a text that is none.
///
/// # Errors
/// Fails if there are too many requests, or answers to unknown addresses.
pub(super) fn read(lines: &[&str]) -> Result<Log, NotImported> {
    let mut reader = Reader::default();
    let mut continued = String::new();
    for line in lines {
        if !continued.is_empty() || is_continued(line) {
            continued.push_str(line.trim_end().trim_end_matches(['\\', '`']));
            continued.push(' ');
            if !line.trim_end().ends_with(['\\', '`']) || continued.len() > LONGEST_COMMANDS {
                reader.line(&std::mem::take(&mut continued))?;
            }
            continue;
        }
        reader.line(line)?;
    }
    reader.finish()?;
    match reader.log.exchanges.is_empty() && reader.has_unaddressed {
        true => Err(NotImported::Unaddressed),
        false => Ok(reader.log),
    }
}

/// The part of an exchange that the next lines belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Part {
    /// None yet.
    #[default]
    Before,
    /// The head of the request.
    Request,
    /// The head of the answer.
    Answer,
    /// The head of the answer, as `-i` prints it after `-v` has.
    Copy,
    /// The body of the answer.
    Body,
}

/// An exchange that is being read.
#[derive(Debug)]
struct Pending {
    exchange: LoggedExchange,
    /// The target of the request, as long as the host is not known.
    target: String,
    /// Whether the request is only known by its command.
    is_bare: bool,
    /// Whether a proxy was asked for a tunnel. The proxy's answer is not the registry's.
    is_tunnel: bool,
    /// The text after the head of the answer.
    text: String,
}

#[derive(Default)]
struct Reader {
    log: Log,
    part: Part,
    pending: Option<Pending>,
    connection: Connection,
    /// Whether TLS is spoken with each host, for connections that are used again.
    is_tls: HashMap<String, bool>,
    /// The command whose output this is.
    command: Option<Command>,
    /// The addresses of all commands, without path and query: the scheme of a host may be known from there alone.
    named: HashSet<String>,
    /// The address to which a redirect leads, if it is followed.
    next: Option<Url>,
    /// The reason for the next failure.
    reason: Option<String>,
    has_unaddressed: bool,
}

/// What is known of the current connection.
#[derive(Debug, Default, Clone)]
struct Connection {
    is_known: bool,
    is_tls: bool,
    addresses: Vec<SocketAddr>,
    remote: Option<SocketAddr>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), NotImported> {
        let line = without_progress(line);
        if let Some(rest) = line.strip_prefix("> ").or((line == ">").then_some("")) {
            return self.sent(rest);
        }
        if let Some(rest) = line.strip_prefix("< ").or((line == "<").then_some("")) {
            return self.received(rest);
        }
        if let Some(rest) = line.strip_prefix("* ") {
            return self.remark(rest.trim());
        }
        let is_note = |line: &str| line.starts_with(['{', '}']) && line.ends_with(" bytes data]");
        if is_note(line) || is_progress(line) {
            return Ok(());
        }
        self.output(line)
    }

    /// A line of the request's head.
    fn sent(&mut self, line: &str) -> Result<(), NotImported> {
        if let Some(first) = request_line(line) {
            self.finish()?;
            let is_tunnel = first.verb == "CONNECT";
            let url = address("http", None, first.target).or_else(|| Url::parse("http://unknown.invalid/").ok());
            let Some(url) = url else { return Ok(()) };
            // Requests that no pull sends are read, so that their answers are not taken for those of others.
            let mut exchange = LoggedExchange::new(first.method.unwrap_or(Method::Tls), url);
            exchange.addresses = std::mem::take(&mut self.connection.addresses);
            exchange.remote = self.connection.remote;
            self.connection.is_tls |= first.version.starts_with("HTTP/2") || first.version.starts_with("HTTP/3");
            let target = first.target.to_owned();
            self.pending = Some(Pending { exchange, target, is_bare: false, is_tunnel, text: String::new() });
            self.part = Part::Request;
        } else if let (Some(pending), Part::Request) = (&mut self.pending, self.part)
            && let Some((name, value)) = header_line(line)
        {
            pending.exchange.headers.push(name, value);
        }
        Ok(())
    }

    /// A line of the answer's head.
    fn received(&mut self, line: &str) -> Result<(), NotImported> {
        if let Some(response) = status_line(line) {
            self.answer(response)?;
        } else {
            self.head(line, Part::Answer);
        }
        Ok(())
    }

    /// The first line of an answer's head. An interim answer is replaced by the final one.
    fn answer(&mut self, response: LoggedResponse) -> Result<(), NotImported> {
        let is_interim = |pending: &Pending| pending.exchange.response.as_ref().is_some_and(|old| old.status < 200);
        if self.pending.as_ref().is_some_and(|pending| pending.exchange.response.is_some() && !is_interim(pending)) {
            self.finish()?;
        }
        if self.pending.is_none() {
            self.has_unaddressed = true;
            self.pending = self.bare();
        }
        if let Some(pending) = &mut self.pending {
            pending.exchange.response = Some(response);
        }
        self.part = Part::Answer;
        Ok(())
    }

    fn head(&mut self, line: &str, part: Part) {
        if self.part != part {
            return;
        }
        let response = self.pending.as_mut().and_then(|pending| pending.exchange.response.as_mut());
        if line.trim().is_empty() {
            self.part = Part::Body;
        } else if let (Some(response), Some((name, value))) = (response, header_line(line)) {
            response.headers.push(name, value);
        }
    }

    /// The request of the command whose answer begins, if `-v` does not print it.
    fn bare(&mut self) -> Option<Pending> {
        let command = self.command.as_mut()?;
        let method = command.method?;
        let url = match self.next.take() {
            Some(next) => next,
            None if command.urls.is_empty() => return None,
            None => command.urls.remove(0),
        };
        let mut exchange = LoggedExchange::new(method, url);
        command.headers.iter().for_each(|(name, value)| exchange.headers.push(name, value));
        if command.has_login && exchange.headers.get("authorization").is_none() {
            exchange.headers.push("authorization", "<redacted>");
        }
        if exchange.headers.get("accept").is_none() {
            exchange.headers.push("accept", "*/*");
        }
        Some(Pending { exchange, target: String::new(), is_bare: true, is_tunnel: false, text: String::new() })
    }

    /// A remark about the connection.
    fn remark(&mut self, words: &str) -> Result<(), NotImported> {
        let tls =
            ["SSL connection using", "ALPN", "TLSv1", "TLS handshake", "[:scheme: https]", "h2h3 [:scheme: https]"];
        if let Some(tried) = words.strip_prefix("Trying ") {
            self.begins_connection()?;
            self.connection.addresses.extend(socket(tried.trim_end_matches('.')).filter(|_| self.has_room()));
        } else if words.starts_with("Connected to ") || words.starts_with("Established connection to ") {
            self.begins_connection()?;
            self.connection =
                Connection { is_known: true, is_tls: false, remote: remote_in(words), ..self.connection.clone() };
        } else if let Some(host) = reused(words) {
            self.finish()?;
            let is_tls = self.is_tls.get(host).copied();
            self.connection =
                Connection { is_known: is_tls.is_some(), is_tls: is_tls.unwrap_or(false), ..Connection::default() };
        } else if tls.iter().any(|sign| words.contains(sign)) || words.contains("OPENED stream for https://") {
            self.connection.is_tls = true;
        } else if let Some(url) = words.strip_prefix("Issue another request to this URL: '") {
            self.next = Url::parse(url.trim_end_matches('\'')).ok();
        } else if words.starts_with("Could not resolve") {
            self.begins_connection()?;
            self.reason = Some(words.to_owned());
        } else if let Some(what) = words.strip_prefix("connect to ").and_then(|words| words.split_once(" failed: ")) {
            self.reason = Some(what.1.to_owned());
        }
        Ok(())
    }

    fn has_room(&self) -> bool {
        self.connection.addresses.len() < 16
    }

    /// A connection is opened for the next request, so the exchange before it is complete.
    fn begins_connection(&mut self) -> Result<(), NotImported> {
        if self.part == Part::Before { Ok(()) } else { self.finish() }
    }

    /// A line of standard output, or of anything else in the terminal.
    fn output(&mut self, line: &str) -> Result<(), NotImported> {
        if let Some(failed) = line.trim_start().strip_prefix("curl: (") {
            return self.failed(failed);
        }
        if let Some((at, command)) = command_in(line) {
            // A body without a line break at its end, before the prompt.
            if self.part == Part::Body {
                self.text(&line[..at]);
            }
            self.finish()?;
            if self.log.commands.len() < LONGEST_COMMANDS {
                self.log.commands.push_str(line);
                self.log.commands.push('\n');
            }
            self.named.extend(command.urls.iter().map(|url| url.origin().ascii_serialization()));
            (self.command, self.next, self.reason) = (Some(command), None, None);
            self.connection = Connection::default();
            return Ok(());
        }
        let status = self.pending.as_ref().and_then(|pending| pending.exchange.response.as_ref()).map(|old| old.status);
        let is_bare = self.pending.as_ref().is_none_or(|pending| pending.is_bare);
        match (self.part, status_line(line)) {
            // `-v` has already printed the head that `-i` prints.
            (Part::Answer, _) if !is_bare => {}
            (Part::Body, Some(copy)) if !is_bare && Some(copy.status) == status => self.part = Part::Copy,
            (Part::Copy, _) if line.trim().is_empty() => self.part = Part::Body,
            (Part::Copy, _) => {}
            (_, Some(response)) if is_bare => {
                // The answer of a proxy to the request for a tunnel.
                let is_tunnel = response
                    .reason
                    .as_deref()
                    .is_some_and(|reason| reason.eq_ignore_ascii_case("connection established"));
                if !is_tunnel {
                    self.follow();
                    self.answer(response)?;
                }
            }
            (Part::Answer, _) => self.head(line, Part::Answer),
            (Part::Body, _) => self.text(line),
            _ => {}
        }
        Ok(())
    }

    /// A line after the head of the answer.
    fn text(&mut self, line: &str) {
        // A remark may follow a body without a line break at its end, and even the first part of one.
        let remark = line.find("* Connection #").filter(|at| line[*at..].contains(" to host "));
        let Some(pending) = self.pending.as_mut().filter(|pending| pending.text.len() + line.len() < LONGEST_TEXT)
        else {
            return;
        };
        pending.text.push_str(&line[..remark.unwrap_or(line.len())]);
        let announced = pending.exchange.response.as_ref().and_then(LoggedResponse::length);
        if remark.is_none() || announced == Some(pending.text.len() as u64) {
            pending.text.push('\n');
        }
    }

    /// Where the redirect of the answer before leads, if `-L` follows it.
    fn follow(&mut self) {
        let follows = self.command.as_ref().is_some_and(|command| command.follows);
        let Some(exchange) = self.pending.as_ref().map(|pending| &pending.exchange).filter(|_| follows) else { return };
        let response = exchange.response.as_ref().filter(|response| (300..400).contains(&response.status));
        let location = response.and_then(|response| response.headers.get("location"));
        self.next = location.and_then(|location| exchange.url.join(location).ok());
    }

    /// The message with which curl ends.
    fn failed(&mut self, message: &str) -> Result<(), NotImported> {
        let (_, words) = message.split_once(") ").unwrap_or(("", message));
        let mut failure = failure_of(words);
        if let Some(reason) = self.reason.take() {
            failure.kind = failure_of(&reason).kind;
        }
        if self.pending.as_ref().is_none_or(|pending| pending.is_tunnel) {
            self.pending = self.bare();
            if let Some(pending) = &mut self.pending {
                pending.exchange.addresses = std::mem::take(&mut self.connection.addresses);
                pending.exchange.remote = self.connection.remote;
            }
        }
        if let Some(pending) = &mut self.pending {
            pending.exchange.failure = Some(failure);
        }
        self.finish()
    }

    /// Completes the exchange that was read.
    fn finish(&mut self) -> Result<(), NotImported> {
        self.part = Part::Before;
        let Some(Pending { mut exchange, target, is_bare, is_tunnel, text }) = self.pending.take() else {
            return Ok(());
        };
        if is_tunnel || exchange.method == Method::Tls {
            return Ok(());
        }
        if !is_bare {
            let host = exchange.headers.get("host").map(str::to_owned);
            let scheme = self.scheme(host.as_deref());
            let Some(url) = address(scheme, host.as_deref(), &target) else { return Ok(()) };
            self.is_tls.extend(url.host_str().map(|host| (host.to_owned(), scheme == "https")));
            exchange.url = url;
        }
        if let Some(response) = &mut exchange.response
            && !response.is_bodiless(exchange.method)
        {
            response.body = body_in(&text, response);
        }
        self.log.push(exchange)
    }

    /// The scheme of the current connection: by the remarks about it, else as the commands and the others have it.
    fn scheme(&self, host: Option<&str>) -> &'static str {
        let host = host.unwrap_or_default();
        let is_named = |scheme: &str| {
            let own = address(scheme, Some(host), "/").map(|url| url.origin().ascii_serialization());
            own.is_some_and(|own| self.named.contains(&own))
        };
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        if self.connection.is_tls {
            "https"
        } else if self.connection.is_known || is_named("http") {
            "http"
        } else if is_named("https") {
            "https"
        } else {
            // Without any of that, what clients do: plain HTTP on this machine, TLS elsewhere.
            let is_here = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
            let known = self.is_tls.get(name).copied();
            if known.unwrap_or(!is_here) { "https" } else { "http" }
        }
    }
}
