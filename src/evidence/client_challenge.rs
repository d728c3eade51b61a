//! The challenges of an answer as clients written in Go read them.
//!
//! Docker, containerd, Podman with its kin and crane with its kin share one reader (distribution,
//! `registry/client/auth/challenge/authchallenge.go`; containerd and containers/image have copies of it). It takes one
//! challenge a header line, and stops reading a line at the first thing that it does not expect, without an error. So
//! what a registry asks for, and what these clients believe that it asks for, can be two things.

use super::{Response, Untrusted};

/// One challenge, as a client took it from a header line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientChallenge {
    /// The scheme in lower case.
    pub scheme: String,
    /// The parameters that were understood, names in lower case, in order.
    parameters: Vec<(String, Untrusted)>,
}

impl ClientChallenge {
    /// The value of a parameter, where the client got as far as that.
    pub fn parameter(&self, name: &str) -> Option<&Untrusted> {
        // The client keeps them in a map, so the last one of a name counts.
        self.parameters.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

/// How many header lines are read.
const LINES: usize = 64;

/// How many bytes of a line are read.
const LINE_LIMIT: usize = 16 * 1024;

/// The challenges of an answer, at most one for each `WWW-Authenticate` line, in their order.
pub fn client_challenges(response: &Response) -> Vec<ClientChallenge> {
    response.all("www-authenticate").take(LINES).filter_map(|value| read(value.as_str())).collect()
}

fn read(line: &str) -> Option<ClientChallenge> {
    let bytes = &line.as_bytes()[..line.len().min(LINE_LIMIT)];
    let (scheme, rest) = token(bytes);
    if scheme.is_empty() {
        return None;
    }
    let mut parameters = Vec::new();
    // The first parameter is read as if a comma stood before it.
    let mut rest = Some(after_spaces(rest));
    while let Some(at) = rest {
        let (name, value) = token(after_spaces(at));
        let Some(value) = value.strip_prefix(b"=").filter(|_| !name.is_empty()) else { break };
        let (value, after) = token_or_quoted(value);
        if value.is_empty() {
            break;
        }
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        parameters.push((name, Untrusted::from_bytes(&value)));
        rest = after_spaces(after).strip_prefix(b",");
    }
    Some(ClientChallenge { scheme: String::from_utf8_lossy(scheme).to_ascii_lowercase(), parameters })
}

fn after_spaces(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
    &bytes[length..]
}

/// A token (RFC 9110 §5.6.2), and what comes after it.
fn token(bytes: &[u8]) -> (&[u8], &[u8]) {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    bytes.split_at(bytes.iter().take_while(|byte| is_token(byte)).count())
}

/// A token or a quoted string, and what comes after it. Empty where a quoted string has no end.
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
    fn read_all(lines: &[&str]) -> Vec<String> {
        let headers: Vec<_> = lines.iter().map(|line| ("www-authenticate", *line)).collect();
        let response = answered("https://r.test/v2/", 401, &headers, "").response.unwrap();
        let shown = |challenge: &ClientChallenge| {
            let value = |name| challenge.parameter(name).map(Untrusted::printable).unwrap_or_default();
            format!("{} {} {}", challenge.scheme, value("realm"), value("service")).trim_end().to_owned()
        };
        client_challenges(&response).iter().map(shown).collect()
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
            // A token has no colon, so the address ends there, and the reader with it.
            ("Bearer realm=https://a.test/t,service=r.test", "bearer https"),
            // The second challenge of a line is not seen.
            (r#"Negotiate, Basic realm="r""#, "negotiate"),
            (r#"Basic realm="r", Bearer realm="https://a.test/t",service="s""#, "basic r"),
            (r#"Bearer realm = "https://a.test/t""#, "bearer"),
            (r#"Bearer service="",realm="https://a.test/t""#, "bearer"),
            (r#"Bearer realm="https://a.test/t"; service="s""#, "bearer https://a.test/t"),
            (r#"Bearer realm="https://a.test/t"#, "bearer"),
        ] {
            assert_eq!(read_all(&[line]), [expected], "{line}");
        }
        assert_eq!(read_all(&["", "  Basic"]), Vec::<String>::new());
        assert_eq!(read_all(&["Negotiate", "Basic realm=\"r\""]), ["negotiate", "basic r"]);
    }
}
