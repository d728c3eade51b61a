//! Parses the challenges of an answer as clients written in Go do.
//!
//! Docker, the Podman family and the crane family share one parser (distribution,
//! `registry/client/auth/challenge/authchallenge.go`; containers/image has a copy of it). containerd's differs in empty
//! values, and oras-go has its own. All take one challenge per header line, and silently stop at the first unexpected
//! character. So a registry's challenge and these clients' reading of it can differ.
//! for, can be two things.

use super::Response;
use crate::knowledge::ChallengeGrammar;
use crate::text::Untrusted;

/// One challenge, as a client reads it from a header line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientChallenge {
    /// The scheme in lower case.
    pub scheme: String,
    /// The parameters that were parsed, names in lower case, in order.
    parameters: Vec<(String, Untrusted)>,
}

impl ClientChallenge {
    /// The value of a parameter, if the client got that far.
    pub fn parameter(&self, name: &str) -> Option<&Untrusted> {
        // The client keeps them in a map, so the last one with a name counts.
        self.parameters.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

/// The maximum number of header lines that are read.
const LINES: usize = 64;

/// The maximum number of bytes of a line that are read.
const LINE_LIMIT: usize = 16 * 1024;

/// The challenges of an answer as clients with this grammar read them, at most one per `WWW-Authenticate` line, in
/// order.
pub fn client_challenges(response: &Response, grammar: ChallengeGrammar) -> Vec<ClientChallenge> {
    response.all("www-authenticate").take(LINES).filter_map(|value| read(value.as_str(), grammar)).collect()
}

fn read(line: &str, grammar: ChallengeGrammar) -> Option<ClientChallenge> {
    let bytes = &line.as_bytes()[..line.len().min(LINE_LIMIT)];
    let (scheme, rest) = token(bytes);
    if scheme.is_empty() {
        return None;
    }
    let mut parameters = Vec::new();
    // The first parameter is parsed as if a comma preceded it.
    let mut rest = Some(rest);
    while let Some((name, value, after)) = rest.and_then(|at| parameter(after_spaces(at), grammar)) {
        parameters.push((name, Untrusted::from_bytes(&value)));
        rest = after_spaces(after).strip_prefix(b",");
    }
    Some(ClientChallenge { scheme: String::from_utf8_lossy(scheme).to_ascii_lowercase(), parameters })
}

/// A parameter's name and value, and the rest; `None` where a client stops reading.
fn parameter(bytes: &[u8], grammar: ChallengeGrammar) -> Option<(String, Vec<u8>, &[u8])> {
    let (name, rest) = token(bytes);
    if name.is_empty() {
        return None;
    }
    let name = String::from_utf8_lossy(name);
    match grammar {
        ChallengeGrammar::Distribution | ChallengeGrammar::Containerd => {
            let (value, after) = token_or_quoted(rest.strip_prefix(b"=")?);
            let reads_on = !value.is_empty() || grammar == ChallengeGrammar::Containerd;
            reads_on.then(|| (name.to_ascii_lowercase(), value, after))
        }
        ChallengeGrammar::Oras => {
            let value = after_spaces(after_spaces(rest).strip_prefix(b"=")?);
            let (value, after) = if value.starts_with(b"\"") { go_string(value)? } else { plain(value)? };
            Some((name.into_owned(), value, after))
        }
    }
}

/// A non-empty token, and the rest.
fn plain(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (value, rest) = token(bytes);
    (!value.is_empty()).then(|| (value.to_vec(), rest))
}

/// A string as Go quotes it (`strconv.Unquote`), and the rest. Escapes unknown to Go, and numeric ones, which no
/// registry sends, end the parsing.
fn go_string(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut value = Vec::new();
    let mut rest = bytes.strip_prefix(b"\"")?;
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'"' => return Some((value, rest)),
            b'\n' => return None,
            b'\\' => {
                let (&escaped, after) = rest.split_first()?;
                rest = after;
                value.push(match escaped {
                    b'a' => 7,
                    b'b' => 8,
                    b'f' => 12,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'v' => 11,
                    b'"' | b'\\' => escaped,
                    _ => return None,
                });
            }
            _ => value.push(byte),
        }
    }
}

fn after_spaces(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
    &bytes[length..]
}

/// A token (RFC 9110 §5.6.2), and the rest.
fn token(bytes: &[u8]) -> (&[u8], &[u8]) {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    bytes.split_at(bytes.iter().take_while(|byte| is_token(byte)).count())
}

/// A token or a quoted string, and the rest. Empty if a quoted string has no end.
fn token_or_quoted(bytes: &[u8]) -> (Vec<u8>, &[u8]) {
    let Some(quoted) = bytes.strip_prefix(b"\"") else {
        let (value, rest) = token(bytes);
        return (value.to_vec(), rest);
    };
    let mut value = Vec::new();
    let mut position = 0;
    while let Some(&byte) = quoted.get(position) {
        match byte {
            b'"' => return (value, &quoted[position + 1..]),
            b'\\' => {
                position += 1;
                value.extend(quoted.get(position));
            }
            _ => value.push(byte),
        }
        position += 1;
    }
    (Vec::new(), &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::testing::answered;

    /// Scheme, realm and service of each line.
    fn read_all(lines: &[&str], grammar: ChallengeGrammar) -> Vec<String> {
        let headers: Vec<_> = lines.iter().map(|line| ("www-authenticate", *line)).collect();
        let response = answered("https://r.test/v2/", 401, &headers, "").response.unwrap();
        let shown = |challenge: &ClientChallenge| {
            let value = |name| challenge.parameter(name).map(Untrusted::printable).unwrap_or_default();
            format!("{} {} {}", challenge.scheme, value("realm"), value("service")).trim_end().to_owned()
        };
        client_challenges(&response, grammar).iter().map(shown).collect()
    }

    /// Each line was compared by hand with `parseValueAndParams` of distribution 2.8.
    #[test]
    fn challenge_is_read_as_far_as_go_clients_read_it() {
        for (line, expected) in [
            (
                r#"Bearer realm="https://a.test/t",service="r.test",scope="repository:a/b:pull,push""#,
                "bearer https://a.test/t r.test",
            ),
            ("BASIC realm=\"Sonatype Nexus\"", "basic Sonatype Nexus"),
            ("Basic realm=openshift,error=\"access denied\"", "basic openshift"),
            // A token has no colon, so the address ends there, and the parser stops.
            ("Bearer realm=https://a.test/t,service=r.test", "bearer https"),
            // Clients ignore the second challenge of a line.
            (r#"Negotiate, Basic realm="r""#, "negotiate"),
            (r#"Basic realm="r", Bearer realm="https://a.test/t",service="s""#, "basic r"),
            (r#"Bearer realm = "https://a.test/t""#, "bearer"),
            (r#"Bearer service="",realm="https://a.test/t""#, "bearer"),
            (r#"Bearer realm="https://a.test/t"; service="s""#, "bearer https://a.test/t"),
            (r#"Bearer realm="https://a.test/t"#, "bearer"),
        ] {
            assert_eq!(read_all(&[line], ChallengeGrammar::Distribution), [expected], "{line}");
        }
        let read_all = |lines: &[&str]| read_all(lines, ChallengeGrammar::Distribution);
        assert_eq!(read_all(&["", "  Basic"]), Vec::<String>::new());
        assert_eq!(read_all(&["Negotiate", "Basic realm=\"r\""]), ["negotiate", "basic r"]);
    }

    /// Each line was compared by hand with `parseValueAndParams` of containerd and `parseChallenge` of oras-go.
    #[test]
    fn grammars_differ_where_their_sources_do() {
        for (line, containerd, oras) in [
            (
                r#"Bearer realm="https://a.test/t",service="r.test""#,
                "bearer https://a.test/t r.test",
                "bearer https://a.test/t r.test",
            ),
            // An empty value stops only distribution's parser.
            (r#"Bearer service="",realm="https://a.test/t""#, "bearer https://a.test/t", "bearer https://a.test/t"),
            (r#"Bearer service=,realm="https://a.test/t""#, "bearer https://a.test/t", "bearer"),
            // oras-go allows spaces around the equals sign, and expects names in lower case.
            (r#"Bearer realm = "https://a.test/t""#, "bearer", "bearer https://a.test/t"),
            (r#"Bearer Realm="https://a.test/t""#, "bearer https://a.test/t", "bearer"),
            // `\/` is an escape that Go does not know.
            (r#"Bearer realm="https:\/\/a.test\/t""#, "bearer https://a.test/t", "bearer"),
            (r#"Bearer realm="https://a.test/t"#, "bearer", "bearer"),
            (r#"Negotiate, Bearer realm="https://a.test/t""#, "negotiate", "negotiate"),
        ] {
            assert_eq!(read_all(&[line], ChallengeGrammar::Containerd), [containerd], "containerd: {line}");
            assert_eq!(read_all(&[line], ChallengeGrammar::Oras), [oras], "oras: {line}");
        }
    }
}
