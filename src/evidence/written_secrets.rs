//! Finds secrets in a text that a user entered or pasted, by the text before them: a copied command or file contains
//! the password too. It prefers false positives; a mere placeholder for a secret (a variable, three asterisks) does not
//! count.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// Names that are followed by a secret after a colon or an equals sign.
const FIELDS: [&str; 13] = [
    "authorization",
    "cookie",
    "x-registry-auth",
    "x-auth-token",
    "private-token",
    "job-token",
    "api-key",
    "apikey",
    "api_key",
    "identitytoken",
    "registrytoken",
    "_auth",
    "dockerconfigjson",
];

/// Names that are followed by a secret after an equals sign, or in quotes as in JSON. Errors mention tokens and
/// passwords too, and often have a colon there.
const VALUES: [&str; 20] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "pass",
    "secret",
    "secret_key",
    "secretkey",
    "token",
    "_authtoken",
    "sas",
    "sig",
    "access_key",
    "accesskey",
    "accountkey",
    "private_key",
    "privatekey",
    "credentials",
    "auth",
    "dockercfg",
];

/// All of these in one automaton: a log may be long, and contains few of them.
static NAMES: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let names = AhoCorasick::builder().ascii_case_insensitive(true).build(FIELDS.iter().chain(&VALUES));
    names.expect("a few short names fit an automaton")
});

/// Options whose value is a user name and a password, separated by a colon.
const PAIRS: [&str; 14] = [
    "-u",
    "--user",
    "--username",
    "--creds",
    "--src-creds",
    "--dest-creds",
    "--source-creds",
    "--destination-creds",
    "-a",
    "--auth",
    "-U",
    "--proxy-user",
    "--basic-auth",
    "--registry-creds",
];

/// Parts of the names of options whose value is a secret.
const SECRET_PARTS: [&str; 8] =
    ["password", "passwd", "passphrase", "secret", "token", "apikey", "api-key", "access-key"];

/// Options whose value is a secret, by their whole name.
const SECRET_NAMES: [&str; 4] = ["--pass", "--pwd", "--pw", "--passcode"];

/// Commands that assign a value to a name.
const SETTING: [&str; 5] = ["set", "setx", "setenv", "export", "put"];

/// Endings of option names that sound like a secret but take none: they read it elsewhere, or name a file or a thing.
const READ_ELSEWHERE: [&str; 8] = ["-stdin", "-file", "-from-file", "-path", "-env", "-name", "-type", "-ttl"];

/// The positions of the secrets in a text, in order; they may overlap.
pub fn secrets_in(text: &str) -> Vec<Range<usize>> {
    let words = words(text);
    let mut found = in_fields(text);
    found.extend(in_options(text, &words));
    found.extend(in_netrc(text, &words));
    found.extend(piped(text, &words));
    found.extend(words.iter().filter_map(in_login));
    found.retain(|place| !place.is_empty() && !is_a_place_for_one(&text[place.clone()]));
    found.sort_by_key(|place| place.start);
    found
}

/// The text with asterisks instead of its secrets. Every other byte keeps its position.
pub fn without_secrets(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for place in secrets_in(text) {
        bytes[place].fill(b'*');
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether a text in the position of a secret is a placeholder: a variable, a command that prints it, or a gap to fill
/// in.
fn is_a_place_for_one(value: &str) -> bool {
    let value = value.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\' | '`' | ',' | ';'));
    let is_variable = |name: &str| {
        let mut letters = name.chars();
        let begins = letters.next().is_some_and(|first| first.is_ascii_uppercase() || first == '_');
        begins && letters.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let variable = value.strip_prefix('$');
    let variable = variable.map(|name| name.strip_prefix("env:").unwrap_or(name));
    value.is_empty()
        || variable.is_some_and(|name| name.starts_with(['{', '(']) || is_variable(name))
        || (value.starts_with('<') && value.ends_with('>'))
        || value.chars().all(|c| matches!(c, '*' | '.' | '•' | '…'))
        || value.starts_with('‹')
        || matches!(value, "PASSWORD" | "TOKEN" | "SECRET" | "null" | "-" | "|")
}

/// A word of a text, without the quotes around it.
struct Word<'a> {
    text: &'a str,
    place: Range<usize>,
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    for raw in text.split_whitespace() {
        let trimmed = raw.trim_matches(['"', '\'', '`', ',']);
        let start = trimmed.as_ptr().addr() - text.as_ptr().addr();
        words.push(Word { text: trimmed, place: start..start + trimmed.len() });
    }
    words
}

/// `"auth":"x"`, `PASSWORD=x`, `password = x`, `Authorization: x`, `x-vault-token: x`.
fn in_fields(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for named in NAMES.find_overlapping_iter(text) {
        let (index, at, end) = (named.pattern().as_usize(), named.start(), named.end());
        let name = FIELDS.get(index).unwrap_or_else(|| &VALUES[index - FIELDS.len()]);
        let before = text[..at].chars().next_back();
        // `auth` and `pass` are parts of many words; they have to begin one.
        let is_short = matches!(*name, "auth" | "pass" | "pwd" | "_auth" | "sas" | "sig");
        if is_short && before.is_some_and(|c| c.is_ascii_alphanumeric()) {
            continue;
        }
        // A header of any name: `x-vault-token: x`.
        let is_header = before == Some('-') && matches!(*name, "token" | "secret" | "password" | "apikey");
        found.extend(value_after(text, end, index < FIELDS.len() || is_header, &text[at..end]));
    }
    // A line of YAML that consists of a name and a value.
    for line in text.split_inclusive(['\n', '\r']) {
        let rest = line.trim_start().trim_start_matches("explain ").trim_start_matches("- ");
        let Some((name, value)) = rest.split_once(':') else { continue };
        let is_one = ["password", "passwd", "pwd", "pass", "token", "secret", "auth"];
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        // `DOCKER_PASSWORD`: its last part determines its meaning.
        let last = name.rsplit(['_', '-', '.']).next().unwrap_or_default();
        let is_name = !name.contains(char::is_whitespace) && is_one.contains(&last);
        if is_name && value.split_whitespace().count() == 1 {
            let start = value.as_ptr().addr() - text.as_ptr().addr();
            found.push(start..start + value.len());
        }
    }
    found
}

/// The value after a name that ends here, if there is a separator between them.
fn value_after(text: &str, end: usize, by_colon: bool, name: &str) -> Option<Range<usize>> {
    let quotes = ['"', '\'', '\\'];
    let after = &text[end..];
    let unquoted = after.trim_start_matches(quotes);
    let is_quoted = unquoted.len() < after.len();
    let rest = unquoted.trim_start();
    let value = rest.strip_prefix('=').or_else(|| rest.strip_prefix(':').filter(|_| by_colon || is_quoted))?;
    // `==` compares.
    if value.starts_with('=') {
        return None;
    }
    let value = value.trim_start_matches(|c: char| c.is_whitespace() || quotes.contains(&c));
    // A shell keeps its directory in a variable with this name.
    if name == "PWD" && value.starts_with('/') {
        return None;
    }
    let start = text.len() - value.len();
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '&' | ',' | '}');
    let word = |from: usize| value[from..].find(is_end).map_or(value.len(), |end| from + end);
    let first = word(0);
    let is_scheme =
        ["basic", "bearer", "digest", "token", "negotiate"].contains(&value[..first].to_ascii_lowercase().as_str());
    let length = match name.to_ascii_lowercase().as_str() {
        // Cookies extend to the end of the line, or of the quotes around them.
        "cookie" => value.find(['"', '\'', '\n', '\r']).unwrap_or(value.len()),
        _ if by_colon && is_scheme => {
            let second = value[first..].len() - value[first..].trim_start().len();
            word(first + second)
        }
        _ => first,
    };
    Some(start..start + length)
}

/// `-p x` of a login, `--password x`, `--token=x`, `-u name:x`, `--creds name:x`, `set password x`.
fn in_options(text: &str, words: &[Word<'_>]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let is_secret = |name: &str| {
        let name = name.to_ascii_lowercase();
        let sounds = SECRET_NAMES.contains(&name.as_str()) || SECRET_PARTS.iter().any(|part| name.contains(part));
        sounds && !READ_ELSEWHERE.iter().any(|end| name.ends_with(end))
    };
    // `set -x DOCKER_TOKEN x` of fish, `setx DOCKER_PASSWORD x` of Windows, `set password x` of ours.
    for (at, word) in words.iter().enumerate().filter(|(_, word)| SETTING.contains(&word.text)) {
        let mut rest = words[at + 1..].iter().skip_while(|word| word.text.starts_with('-'));
        if let (Some(name), Some(value)) = (rest.next(), rest.next())
            && is_secret(name.text)
            && !name.text.contains(['=', ':'])
            && word.place.end < name.place.start
        {
            found.push(value.place.clone());
        }
    }
    // `- name: DOCKER_PASSWORD value: x`, as in a Kubernetes container's environment.
    for four in words.windows(4) {
        let [label, name, of_value, value] = four else { continue };
        if label.text == "name:" && of_value.text == "value:" && is_secret(name.text) {
            found.push(value.place.clone());
        }
    }
    // PowerShell converts a text to a password.
    let made = words.iter().position(|word| word.text.eq_ignore_ascii_case("ConvertTo-SecureString"));
    let texts = made.into_iter().flat_map(|at| words[at + 1..].iter().take_while(|word| !word.text.starts_with('-')));
    found.extend(texts.map(|word| word.place.clone()));
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1);
        let (name, value) = match word.text.split_once('=') {
            Some((name, value)) => (name, Some((value, word.place.end - value.len()..word.place.end))),
            None => (word.text, next.map(|next| (next.text, next.place.clone()))),
        };
        let Some((value, place)) = value else {
            found.extend(joined(words, at));
            continue;
        };
        let is_option = |text: &str| text.starts_with('-') && text.len() > 1;
        if PAIRS.contains(&name) {
            found.extend(is_login(value).then(|| place.clone()));
        } else {
            let is_named = name.starts_with("--") && is_secret(name);
            let is_short = matches!(name, "-p" | "-P") && takes_password(words, at);
            // The next word may be another option instead of a value.
            let is_there = word.text.contains('=') || !is_option(value);
            found.extend(((is_named || is_short) && is_there).then(|| place.clone()));
        }
        found.extend(joined(words, at));
    }
    // `htpasswd -Bbn user x`: if the password is an argument, it is the last.
    let program = words.iter().position(|word| word.text.rsplit('/').next() == Some("htpasswd"));
    if let Some(program) = program {
        let is_batch = |word: &Word<'_>| word.text.starts_with('-') && word.text.contains('b');
        let end = words[program..].iter().position(|word| matches!(word.text, ">" | ">>" | "|" | "&&" | ";"));
        let own = &words[program..end.map_or(words.len(), |end| program + end)];
        if own.iter().any(is_batch) {
            found.extend(own.last().filter(|last| !last.text.starts_with('-')).map(|last| last.place.clone()));
        }
    }
    found.retain(|place| text.is_char_boundary(place.start) && text.is_char_boundary(place.end));
    found
}

/// Whether a value is a name and a password; a user and a group are both numbers.
fn is_login(value: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let Some((name, rest)) = value.split_once(':') else { return false };
    let is_user_and_group = is_number(name) && is_number(rest);
    !rest.is_empty() && !is_user_and_group
}

/// A value directly after its option letter: `-px` of a login, `-ume:x`.
fn joined(words: &[Word<'_>], at: usize) -> Option<Range<usize>> {
    let word = &words[at];
    let value = |letter: &str| word.text.strip_prefix(letter).filter(|rest| !rest.is_empty() && !rest.starts_with('-'));
    let of_pair = value("-u").filter(|rest| is_login(rest));
    let of_login = value("-p").filter(|_| takes_password(words, at));
    let rest = of_pair.or(of_login)?.trim_start_matches('=');
    Some(word.place.end - rest.len()..word.place.end)
}

/// Whether `-p` is a password here, as for commands that log in, and not a port or a directory.
fn takes_password(words: &[Word<'_>], at: usize) -> bool {
    let before = &words[..at];
    let last = |word: &Word<'_>| matches!(word.text, "|" | "&&" | ";" | "||");
    let own = before.iter().rposition(last).map_or(before, |end| &before[end + 1..]);
    let logs_in = |word: &Word<'_>| {
        let name = word.text.rsplit('/').next().unwrap_or_default();
        matches!(name, "login" | "sshpass") || name.ends_with("-login")
    };
    own.iter().any(logs_in)
}

/// `user:x@host`, `https://x@host`. An `@` before a digest does not count, and neither do those of a JSONPath.
fn in_login(word: &Word<'_>) -> Option<Range<usize>> {
    let scheme = word.text.find("://").map(|at| at + 3);
    if word.text.starts_with('$') && scheme.is_none() {
        return None;
    }
    let from = scheme.unwrap_or(0);
    let is_digest = |at: usize| ["sha256:", "sha512:"].iter().any(|digest| word.text[at + 1..].starts_with(digest));
    let mut ends = word.text.match_indices('@').map(|(at, _)| at).filter(|&at| at >= from && !is_digest(at));
    ends.find_map(|at| {
        let user = &word.text[from..at];
        let secret = user.find(':').map(|colon| from + colon + 1).or(scheme)?;
        Some(word.place.start + secret..word.place.start + at)
    })
}

/// `machine h login u password x` (netrc), in any order and over several lines, and `password x` alone.
fn in_netrc(text: &str, words: &[Word<'_>]) -> Vec<Range<usize>> {
    let names = |word: &Word<'_>, name: &str| word.text.eq_ignore_ascii_case(name);
    // A sentence continues with a comma or the like, unlike a netrc.
    let is_of_a_sentence = |word: &Word<'_>| {
        word.text.ends_with([':', '.', ';']) || text[word.place.end..].starts_with([',', ':', '.', ';'])
    };
    let mut found = Vec::new();
    for at in 0..words.len() {
        let (word, Some(value)) = (&words[at], words.get(at + 1)) else { continue };
        if !names(word, "password") && !names(word, "passwd") {
            continue;
        }
        let is_pair = at >= 2 && ["login", "user", "account", "machine"].iter().any(|name| names(&words[at - 2], name));
        let is_file = is_pair && !is_of_a_sentence(&words[at - 1]);
        let begins_line = {
            let line = text[..word.place.start].rsplit(['\n', '\r']).next().unwrap_or_default().trim();
            line.is_empty() || line == "explain"
        };
        let is_alone = begins_line && text[value.place.end..].lines().next().is_none_or(|rest| rest.trim().is_empty());
        if is_file || is_alone {
            found.push(value.place.clone());
        }
    }
    found
}

/// `echo x | docker login --password-stdin`, `docker login --password-stdin <<< x`.
fn piped(text: &str, words: &[Word<'_>]) -> Vec<Range<usize>> {
    let reads = |word: &Word<'_>| {
        matches!(
            word.text,
            "--password-stdin" | "--secret-stdin" | "--token-stdin" | "--with-token" | "-p-" | "--stdin"
        )
    };
    if !words.iter().any(reads) {
        return Vec::new();
    }
    let prints = |word: &Word<'_>| {
        let name = word.text.rsplit(['/', '(', ';']).next().unwrap_or_default();
        matches!(name, "echo" | "printf" | "print" | "Write-Output" | "Write-Host")
    };
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let after = || words.get(at + 1).map(|next| next.place.clone());
        if prints(word) {
            // The printed text ends where the next command begins, or where it is written to a file.
            let printed = &text[word.place.end..];
            let printed = &printed[..printed.find(['|', ';', ')', '>', '\n']).unwrap_or(printed.len())];
            let is_argument = |word: &&str| !word.starts_with('-') && !word.contains("%s");
            found.extend(printed.split_whitespace().filter(is_argument).map(|word| {
                let start = word.as_ptr().addr() - text.as_ptr().addr();
                start..start + word.len()
            }));
        } else if let Some(rest) = word.text.strip_prefix("<<<") {
            let own = (!rest.is_empty()).then(|| word.place.end - rest.len()..word.place.end);
            found.extend(own.or_else(after));
        } else if let Some(end) = word.text.strip_prefix("<<") {
            let end = end.trim_matches(['-', '"', '\'', '\\']);
            found.extend(words[at + 1..].iter().take_while(|word| word.text != end).map(|word| word.place.clone()));
        } else if at == 0 && words.get(1).is_some_and(|pipe| pipe.text == "|") {
            // PowerShell pipes a bare string.
            found.push(word.place.clone());
        }
    }
    found
}

#[cfg(test)]
mod tests;
