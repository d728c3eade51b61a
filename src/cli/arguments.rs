//! What can be said on the command line, for every command alike.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand};
use http::header::{HeaderName, HeaderValue};

use super::display::{Display, format_by_name};
use super::place::{Colour, complain, whose_machine};
use super::shell::ShellArguments;
use crate::auth::Credentials;
use crate::auth::credentials::Sources;
use crate::auth::realm::names_a_host;
use crate::commands::{Command, Format};
use crate::lab::{self, scenario};
use crate::oci::{Host, Platform};
use crate::session::{Bound, LabChoice, Logins, Settings};
use crate::text::Secret;
use crate::transport::{ClientIdentity, ResolveTo};

/// What stands below the help: the commands that most people come for, and what scripts rely on.
const EXAMPLES: &str = "\
Examples:
  ociscope diagnose ghcr.io/OWNER/NAME:TAG
  ociscope --lab probe gcr.io/deepvariant-docker/deepvariant:0.5.0
  ociscope explain \"manifest for acme/api:latest not found\"
  ociscope diagnose --format markdown ghcr.io/OWNER/NAME:TAG > report.md
  ociscope probe --username NAME --password-stdin r.example.com/app:1 < FILE

Exit status:
   0 it can be pulled   2 wrong usage           10 not found
  11 not in a form that the client accepts      12 authentication
  13 denied            14 rate limited          15 network
  16 TLS               17 integrity             18 content
  19 server failed      1 ociscope failed      130 interrupted";

/// The examples of what this program has.
fn examples() -> String {
    let is_possible = |line: &&str| lab::IS_HERE || !line.contains("--lab");
    EXAMPLES.lines().filter(is_possible).collect::<Vec<_>>().join("\n")
}

/// Find out why a container image will not pull
///
/// Asks a registry for an image with every Accept header that clients use, shows the answers side by side, and says
/// what they mean. It only ever reads: nothing is pushed, deleted or changed.
#[derive(Debug, Parser)]
#[command(name = "ociscope", version, max_term_width = 100, after_help = examples())]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Option<Invocation>,

    #[command(flatten)]
    pub global: Global,
}

/// What is to be done. Without a word, the shell is opened.
#[derive(Debug, Subcommand)]
pub(super) enum Invocation {
    /// Open the shell, where commands follow each other; without a command, it is opened too
    Shell(ShellArguments),
    #[command(flatten)]
    Command(Command),
}

/// The id of the option that asks the lab.
pub(crate) const LAB: &str = "lab";

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// How to write the result [default: terminal] [env: OCISCOPE_FORMAT]
    #[arg(long, global = true, value_name = "FORMAT", value_enum, help_heading = "Output")]
    format: Option<Format>,

    #[command(flatten)]
    pub display: Display,

    /// Short for --format json
    #[arg(long, global = true, conflicts_with = "format", help_heading = "Output")]
    pub json: bool,

    /// Show all of the evidence on a terminal; Markdown and JSON always have it
    #[arg(long, short, global = true, help_heading = "Output")]
    pub verbose: bool,

    /// For everybody to read: put labels in the place of internal hosts, addresses, user names and home folders
    #[arg(long, global = true, help_heading = "Output")]
    pub(super) public: bool,

    /// With --public, keep the names of repositories on hosts that are not public
    #[arg(long, global = true, requires = "public", help_heading = "Output")]
    keep_names: bool,

    /// When to use colour [default: auto] [env: OCISCOPE_COLOR]
    #[arg(long, global = true, value_name = "WHEN", value_enum, help_heading = "Output")]
    color: Option<Colour>,

    /// The platform that is wanted [default: linux on this machine's architecture] [env: OCISCOPE_PLATFORM]
    #[arg(long, global = true, value_name = "OS/ARCH[/VARIANT]")]
    pub(super) platform: Option<Platform>,

    /// Use no credentials
    #[arg(long, global = true, conflicts_with = "username", help_heading = "Authentication")]
    anonymous: bool,

    /// Log in as this user, to the registry of the first reference; the password is asked for on the terminal, not shown
    #[arg(long, short = 'u', global = true, value_name = "NAME", help_heading = "Authentication")]
    username: Option<String>,

    /// Read the password from standard input instead
    #[arg(long, global = true, requires = "username", help_heading = "Authentication")]
    password_stdin: bool,

    /// Log in to this registry, and not to that of the first reference
    // Read later: who pastes an address may paste a password along.
    #[arg(long, global = true, value_name = "HOST[:PORT]", help_heading = "Authentication")]
    login_host: Option<String>,

    /// Look for credentials in this file alone: an auth.json of Podman or a config.json of Docker [env: OCISCOPE_AUTH_FILE]
    #[arg(long, global = true, value_name = "FILE", conflicts_with_all = ["anonymous", "username"], help_heading = "Authentication")]
    pub(super) auth_file: Option<PathBuf>,

    /// Use the pull secret in this file, as Kubernetes would: a Secret in YAML or JSON
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        conflicts_with_all = ["anonymous", "username", "auth_file"],
        help_heading = "Authentication"
    )]
    pull_secret: Option<PathBuf>,

    /// Let this host's token service have the credentials too; may be repeated
    #[arg(long, global = true, value_name = "HOST", value_parser = host, help_heading = "Authentication")]
    trust_realm: Vec<String>,

    /// Speak plain HTTP to the registry
    #[arg(long, global = true, help_heading = "Connection")]
    plain_http: bool,

    /// Send a login over plain HTTP to the registry of the first reference, where everyone on the way can read it
    #[arg(long, global = true, help_heading = "Authentication")]
    allow_cleartext_login: bool,

    /// Do not check the registry's certificate
    #[arg(long, global = true, help_heading = "Connection")]
    pub insecure: bool,

    /// Trust the authorities in this PEM file too [env: OCISCOPE_CACERT]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Connection")]
    pub(super) cacert: Option<PathBuf>,

    /// Show this client certificate to the registry of the first reference: PEM; it may hold the key as well
    #[arg(long, global = true, value_name = "FILE", help_heading = "Connection")]
    cert: Option<PathBuf>,

    /// The private key of the client certificate: PEM, not encrypted
    #[arg(long, global = true, value_name = "FILE", requires = "cert", help_heading = "Connection")]
    key: Option<PathBuf>,

    /// Connect to ADDRESS for HOST and PORT, in a private network too; may be repeated
    #[arg(long, global = true, value_name = "HOST:PORT:ADDRESS", help_heading = "Connection")]
    resolve: Vec<ResolveTo>,

    /// Send this header to the registry of the first reference; may be repeated
    // Read later: the argument parser would repeat a value that it refuses, and this one may be a secret.
    #[arg(long, global = true, value_name = "NAME: VALUE", help_heading = "Connection")]
    header: Vec<String>,

    /// Ask registries inside this program in the place of the network: those of SCENARIO, or of the one that is about REF
    #[cfg_attr(not(feature = "lab"), arg(skip))]
    #[cfg_attr(
        feature = "lab",
        arg(
            long,
            global = true,
            value_name = "SCENARIO",
            num_args = 0..=1,
            require_equals = true,
            conflicts_with_all = ["resolve", "cacert"],
            help_heading = "Connection"
        )
    )]
    lab: Option<Option<String>>,

    /// Give up after this many seconds and show what is known by then [default: 120] [env: OCISCOPE_TIMEOUT]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds, action = ArgAction::Set, help_heading = "Connection")]
    pub(super) timeout: Option<Duration>,
}

impl Global {
    /// The format that was asked for: by an option, by the name of the file that is written, or by what the user prefers.
    /// `None` where none was.
    pub fn format(&self) -> Option<Format> {
        let said = if self.json { Some(Format::Json) } else { self.format };
        let by_name = || self.display.file().and_then(format_by_name);
        said.or_else(by_name).or(self.display.preferred_format())
    }

    /// When to use colour; `None` where nothing was said.
    pub fn colour(&self) -> Option<Colour> {
        self.color.or(self.display.preferred_colour())
    }

    /// Whether colour is asked for by hand, wherever the result goes.
    pub fn asks_for_colour(&self) -> bool {
        self.color == Some(Colour::Always)
    }

    /// Whether the lab is to answer.
    pub fn asks_the_lab(&self) -> bool {
        self.lab.is_some()
    }

    /// Whether it is said on the command line who asks.
    pub fn says_who_asks(&self) -> bool {
        self.anonymous || self.username.is_some() || self.names_credentials()
    }

    /// Whether a password is announced for standard input.
    pub fn reads_password(&self) -> bool {
        self.password_stdin && !self.anonymous
    }

    /// Whether a file with credentials is named.
    pub fn names_credentials(&self) -> bool {
        self.auth_file.is_some() || self.pull_secret.is_some()
    }

    /// The user name and the registry that the login is for, where one is named.
    ///
    /// # Errors
    /// Where the name has a colon (RFC 7617, section 2), or the host is not one. Neither is repeated: there may be a
    /// password in it.
    pub fn login(&self) -> Result<Option<(&str, Option<Host>)>, String> {
        let Some(username) = self.username.as_deref() else {
            return match self.login_host {
                Some(_) => Err("--login-host needs --username NAME".to_owned()),
                None => Ok(None),
            };
        };
        if username.contains(':') {
            let words = "a user name has no colon in it, and a password does not belong on a command line; \
                         write --username NAME --password-stdin and give the password on standard input";
            return Err(words.to_owned());
        }
        let words = "--login-host takes a host, with its port where it has one: r.example.com or r.example.com:5000";
        let host = self.login_host.as_deref().map(|host| host.parse().map_err(|_| words.to_owned()));
        Ok(Some((username, host.transpose()?)))
    }

    fn sources(&self) -> Result<Sources, String> {
        let sources = Sources::of_this_process(self.auth_file.clone(), self.pull_secret.clone());
        sources.check().map_err(|error| error.to_string())?;
        Ok(patient(sources))
    }

    /// The settings of the run, with the password of the login where one is wanted, and the pairs of registry and realm that
    /// the user trusts.
    ///
    /// # Errors
    /// Where the login is not one, or a header is none.
    pub fn settings(&self, password: Option<Secret>, pairs: &[(String, String)]) -> Result<Settings, String> {
        let login = self.login()?;
        let mut settings = self.settings_over(&Settings::new())?;
        if let (Some((username, host)), Some(password)) = (login, password) {
            let credentials = Credentials::Password { username: Secret::new(username), password };
            match host {
                Some(host) => settings.logins.keep(&host, credentials),
                None => settings.logins.keep_for_first(credentials),
            }
        }
        if settings.stored.is_none() && !self.anonymous && settings.lab.is_none() {
            settings.stored = Some(patient(Sources::of_this_process(None, None)));
        }
        if !settings.logins.is_empty() || settings.stored.is_some() {
            settings.trusted_pairs = pairs.to_vec();
        }
        Ok(settings)
    }

    /// Other settings with what is said here over them. A login is not among that: its password would be read from
    /// standard input, which is somebody else's by then.
    ///
    /// # Errors
    /// Where a header is none, there is no such scenario, or a file with credentials or a client certificate cannot be used.
    pub fn settings_over(&self, base: &Settings) -> Result<Settings, String> {
        let headers = self.header.iter().map(|text| header(text)).collect::<Result<Vec<_>, _>>()?;
        let read = |certificate: &PathBuf| ClientIdentity::read(certificate, self.key.as_deref());
        let identity = self.cert.as_ref().map(read).transpose().map_err(|error| error.to_string())?;
        let exposed = identity.as_ref().and_then(ClientIdentity::exposed_key_file);
        if let Some(file) = exposed.filter(|_| !self.display.is_quiet()) {
            complain(&format!("others can read the private key in {}; restrict it with chmod 600", file.display()));
        }
        let is_given = !headers.is_empty() || identity.is_some() || self.allow_cleartext_login;
        let cleartext_login = self.allow_cleartext_login;
        let bound = is_given.then(|| Bound { headers, identity, cleartext_login, ..Bound::default() });
        let lab = match &self.lab {
            None => base.lab,
            Some(None) => Some(LabChoice::ByReference),
            Some(Some(name)) => Some(LabChoice::Named(scenario(name).map_err(|error| error.to_string())?)),
        };
        let with = |base: &[String], more: &[String]| base.iter().chain(more).cloned().collect();
        Ok(Settings {
            lab,
            platform: self.platform.clone().unwrap_or_else(|| base.platform.clone()),
            bound: base.bound.iter().cloned().chain(bound).collect(),
            logins: if self.anonymous || self.names_credentials() { Logins::default() } else { base.logins.clone() },
            stored: match self.names_credentials() {
                true => Some(self.sources()?),
                // Nobody has logged in to the lab on this machine.
                false => base.stored.clone().filter(|_| !self.anonymous && self.lab.is_none()),
            },
            trusted_realms: with(&base.trusted_realms, &self.trust_realm),
            trusted_pairs: base.trusted_pairs.clone(),
            plain_http: self.plain_http || base.plain_http,
            insecure: self.insecure || base.insecure,
            authority_file: self.cacert.clone().or_else(|| base.authority_file.clone()),
            resolve: base.resolve.iter().chain(&self.resolve).cloned().collect(),
            timeout: self.timeout.or(base.timeout),
            public: base
                .public
                .clone()
                .or_else(|| self.public.then(|| whose_machine().keeping_repositories(self.keep_names))),
        })
    }
}

/// Somebody who sits there may have to unlock a keyring.
fn patient(sources: Sources) -> Sources {
    if io::stdin().is_terminal() { sources.with_patience(Duration::from_secs(30)) } else { sources }
}

fn host(text: &str) -> Result<String, String> {
    if names_a_host(text) {
        Ok(text.to_owned())
    } else {
        Err("write a host, with its port where it is not the usual one: auth.example.com or auth.example.com:5001"
            .to_owned())
    }
}

/// A header of the user's own. Its value may be a secret and is never shown.
fn header(text: &str) -> Result<(HeaderName, Secret), String> {
    let wrong = || "--header is not of the form 'Name: value'".to_owned();
    let (name, value) = text.split_once(':').ok_or_else(wrong)?;
    let name: HeaderName = name.trim().parse().map_err(|_| wrong())?;
    let reserved = ["host", "accept", "content-length", "transfer-encoding", "connection"];
    if reserved.contains(&name.as_str()) {
        return Err(format!("--header cannot set {name}; each request sets it itself"));
    }
    let value = value.trim();
    HeaderValue::from_str(value)
        .map_err(|_| "--header has characters in its value that cannot stand in a header".to_owned())?;
    Ok((name, Secret::new(value)))
}

/// Reads how long a run may take.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "write a number of seconds".to_owned())?;
    if !(0.1..=86_400.0).contains(&seconds) {
        return Err("between 0.1 seconds and a day".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_make_sense_to_the_parser() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_header_of_one_s_own_is_a_secret() {
        let parsed = header("X-Api-Key: CANARY").unwrap();
        assert!(!format!("{parsed:?}").contains("CANARY"));
        assert!(header("no colon").is_err() && header("Accept: x").is_err() && header("X: a\nb").is_err());
    }
}
