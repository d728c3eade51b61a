//! Command lines of curl in a transcript: where its requests go, and what `-i` alone does not print of them.

use url::Url;

use super::message::method_of;
use crate::evidence::Method;

/// A command line of curl.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// The method of its requests; `None` for one that no pull uses.
    pub method: Option<Method>,
    /// The addresses, without user name and password.
    pub urls: Vec<Url>,
    /// The headers that it sets, with their values as they are written.
    pub headers: Vec<(String, String)>,
    /// Whether a user name is given, or a password for one.
    pub has_login: bool,
    /// Whether redirects are followed.
    pub follows: bool,
}

/// Options of curl with one letter whose value is the next argument, or the rest of this one.
const WITH_VALUE: &str = "AbCcDdEeFHhKmoPQrTtUuwXxYyz";
/// Long options of curl that take no value, as far as transcripts of registries have them. All others take one, unless it
/// begins with a hyphen or is an address.
const WITHOUT_VALUE: [&str; 22] = [
    "anyauth",
    "basic",
    "compressed",
    "fail",
    "fail-with-body",
    "get",
    "head",
    "http1.1",
    "http2",
    "include",
    "insecure",
    "ipv4",
    "ipv6",
    "location",
    "location-trusted",
    "no-buffer",
    "no-progress-meter",
    "raw",
    "show-error",
    "silent",
    "tlsv1.2",
    "verbose",
];

/// The longest command line that is read, in bytes.
const LONGEST: usize = 16 << 10;

/// The command of curl in a line, and where it begins: after a prompt, after `+` of a shell that prints its commands, or in quotes in the first
/// line of `script`. `None` if there is none with an address.
pub(super) fn command_in(line: &str) -> Option<(usize, Command)> {
    let line = &line[..line.floor_char_boundary(LONGEST)];
    let at = line.match_indices("curl").map(|(at, _)| at).find(|&at| {
        let after = line[at + 4..].strip_prefix(".exe").unwrap_or(&line[at + 4..]);
        let begins = line[..at].chars().next_back().is_none_or(|before| " \t\"'`$(/|;&%#>❯".contains(before));
        begins && after.starts_with([' ', '\t'])
    })?;
    // In quotes, the command ends with them.
    let quote = line[..at].chars().next_back().filter(|before| matches!(before, '"' | '\'' | '`'));
    let own = &line[at..];
    let end = quote.and_then(|quote| own.find(quote)).unwrap_or(own.len());
    let command = read(&words(&own[..end]));
    (!command.urls.is_empty()).then_some((at, command))
}

/// Whether a line is continued in the next one.
pub(super) fn is_continued(line: &str) -> bool {
    line.contains("curl") && line.trim_end().ends_with(['\\', '`'])
}

/// The words of a command line, without their quotes, up to the end of the command.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') if characters.peek().is_some_and(|next| "\"'\\$ `&|;".contains(*next)) => {
                word.get_or_insert_default().extend(characters.next());
            }
            (None, '|' | ';' | '>' | ')') => break,
            (None, '&') if matches!(characters.peek(), None | Some('&' | ' ')) => break,
            (None, _) if character.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

fn read(words: &[String]) -> Command {
    let mut command =
        Command { method: Some(Method::Get), urls: Vec::new(), headers: Vec::new(), has_login: false, follows: false };
    let mut words = words.iter().skip(1).map(String::as_str).peekable();
    while let Some(word) = words.next() {
        if let Some(option) = word.strip_prefix("--") {
            let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
            let takes = !WITHOUT_VALUE.contains(&name);
            let next = |next: &&str| takes && !next.starts_with("--") && (name == "url" || !is_address(next));
            let value = value.or_else(|| words.next_if(next));
            command.set(name, value.unwrap_or_default());
        } else if let Some(letters) = word.strip_prefix('-') {
            let valued = letters.find(|letter| WITH_VALUE.contains(letter));
            letters[..valued.unwrap_or(letters.len())].chars().for_each(|letter| command.set(long(letter), ""));
            if let Some(at) = valued {
                let rest = &letters[at + 1..];
                let value = if rest.is_empty() { words.next().unwrap_or_default() } else { rest };
                command.set(long(letters[at..].chars().next().unwrap_or_default()), value);
            }
        } else {
            command.set("url", word);
        }
    }
    command
}

/// The long form of an option with one letter, if it matters here.
fn long(letter: char) -> &'static str {
    match letter {
        'H' => "header",
        'X' => "request",
        'I' => "head",
        'u' => "user",
        'd' | 'F' | 'T' => "data",
        'G' => "get",
        'L' => "location",
        _ => "",
    }
}

/// Whether an argument is an address, with or without its scheme.
fn is_address(word: &str) -> bool {
    word.contains("://") || word.contains("/v2/")
}

impl Command {
    fn set(&mut self, option: &str, value: &str) {
        match option {
            "header" => {
                let header = value.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
                self.headers.extend(header.map(|(name, value)| (name.to_owned(), value.to_owned())));
            }
            "request" => self.method = method_of(value),
            "head" => self.method = Some(Method::Head),
            "data" | "data-raw" | "data-urlencode" | "data-binary" | "form" if self.method == Some(Method::Get) => {
                self.method = Some(Method::Post);
            }
            "get" => self.method = Some(Method::Get),
            "user" | "oauth2-bearer" | "netrc" => self.has_login = true,
            "location" | "location-trusted" => self.follows = true,
            // A variable may be a part of the path, but then the address is not known.
            "url" if is_address(value) && !value.contains('$') => {
                // curl assumes http.
                let url = Url::parse(value).ok().filter(Url::has_host);
                let url = url.or_else(|| Url::parse(&format!("http://{value}")).ok());
                self.urls.extend(url.filter(|url| matches!(url.scheme(), "http" | "https")).map(|mut url| {
                    self.has_login |= !url.username().is_empty() || url.password().is_some();
                    url.set_fragment(None);
                    // Only an address without a host has none to set, and this one has a host.
                    let _ = (url.set_username(""), url.set_password(None));
                    url
                }));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Method, addresses, number of headers, and two facts about the credentials and the options.
    type Parts = (Option<Method>, Vec<String>, usize, bool, bool);

    fn read(line: &str) -> Option<Parts> {
        let (_, command) = command_in(line)?;
        let urls = command.urls.iter().map(ToString::to_string).collect();
        Some((command.method, urls, command.headers.len(), command.has_login, command.follows))
    }

    #[test]
    fn address_method_and_headers_of_a_command_are_read() {
        let url = || vec!["https://r.test/v2/a/manifests/1".to_owned()];
        let get = Some(Method::Get);
        for (line, expected) in [
            ("curl -i https://r.test/v2/a/manifests/1", (get, url(), 0, false, false)),
            ("$ curl -sSL 'https://r.test/v2/a/manifests/1'", (get, url(), 0, false, true)),
            ("+ curl -H 'Accept: a/b' -H \"X: y\" https://r.test/v2/a/manifests/1", (get, url(), 2, false, false)),
            ("me@host:~$ curl -Iv -u me:pw https://r.test/v2/a/manifests/1 | grep -i date", {
                (Some(Method::Head), url(), 0, true, false)
            }),
            ("curl -X HEAD https://me:pw@r.test/v2/a/manifests/1 && ls", (Some(Method::Head), url(), 0, true, false)),
            ("curl -XPUT https://r.test/v2/a/manifests/1", (None, url(), 0, false, false)),
            ("curl --header 'A: b' --silent --cacert ca.pem https://r.test/v2/a/manifests/1 > x", {
                (get, url(), 1, false, false)
            }),
            ("TOKEN=$(curl -s https://r.test/v2/a/manifests/1 | jq .token)", (get, url(), 0, false, false)),
            ("PS C:\\> curl.exe -i https://r.test/v2/a/manifests/1", (get, url(), 0, false, false)),
            (
                "Script started [COMMAND=\"curl -i https://r.test/v2/a/manifests/1\" <not>]",
                (get, url(), 0, false, false),
            ),
            (
                "curl -d grant_type=x --url https://r.test/v2/a/manifests/1",
                (Some(Method::Post), url(), 0, false, false),
            ),
        ] {
            assert_eq!(read(line), Some(expected), "{line}");
        }
        let plain = read("curl -v localhost:5000/v2/").unwrap();
        assert_eq!(plain.1, ["http://localhost:5000/v2/"]);
    }

    #[test]
    fn line_without_a_command_or_an_address_has_none() {
        for line in [
            "curl: (6) Could not resolve host: r.test",
            "User-Agent: curl/8.5.0",
            "curl -i https://$REGISTRY/v2/",
            "libcurl https://r.test/v2/",
            "see https://curl.se/docs/",
            "curl -v",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_read(rest in "[ -~é\\\\\"']{0,80}") {
            let _ = command_in(&format!("curl {rest}"));
        }
    }
}
