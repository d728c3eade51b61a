//! The command line, and the options that every command has.

mod applicable;
mod recording;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand};
use http::header::{HeaderName, HeaderValue};

pub(crate) use self::recording::RecordingOptions;
use super::display::{Display, format_by_name};
use super::place::{Colour, complain, whose_machine};
use super::shell::ShellArguments;
use crate::auth::Credentials;
use crate::auth::credentials::Sources;
use crate::auth::realm::names_a_host;
use crate::commands::{Command, Format};
use crate::lab::scenario;
use crate::oci::{Host, Platform};
use crate::session::{Bound, LabChoice, Logins, Settings};
use crate::text::Secret;
use crate::transport::{ClientIdentity, ResolveTo};

/// The id of the option that uses the lab.
pub(crate) const LAB: &str = "lab";

/// The heading of the options that every command has.
pub(super) const OUTPUT: &str = "Output";

/// Find out why a container image will not pull
///
/// Sends a registry every Accept header that clients use, shows the answers side by side, and explains them. Read-only: it
/// never pushes, deletes or changes anything.
#[derive(Debug, Parser)]
#[command(name = "ociscope", version, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Option<Invocation>,

    #[command(flatten)]
    pub global: Global,
}

/// What to run. Without a command, the shell is opened.
#[derive(Debug, Subcommand)]
pub(super) enum Invocation {
    /// Open the interactive shell, or run a script of its commands
    Shell(ShellArguments),
    #[command(flatten)]
    Command(Command),
}

/// Options of every command. The parser accepts them anywhere; help shows them for the commands that they apply to
/// (`help`), and [`Global::check_for`] refuses the others.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Output format [default: terminal] [env: OCISCOPE_FORMAT]
    #[arg(long, global = true, value_name = "FORMAT", value_enum, help_heading = OUTPUT, hide_short_help = true)]
    format: Option<Format>,

    #[command(flatten)]
    pub display: Display,

    /// Same as --format json
    #[arg(long, global = true, conflicts_with = "format", help_heading = OUTPUT, hide_short_help = true)]
    pub json: bool,

    /// Show all of the evidence on a terminal; Markdown, HTML and JSON always include it
    #[arg(long, short, global = true, help_heading = OUTPUT, hide_short_help = true)]
    pub verbose: bool,

    #[command(flatten)]
    pub recording: RecordingOptions,

    /// Replace internal hosts, repositories, addresses, user names and home directories with pseudonyms
    #[arg(long, global = true, help_heading = OUTPUT, hide_short_help = true)]
    pub(super) public: bool,

    /// With --public, keep the names of repositories on internal hosts
    #[arg(long, global = true, requires = "public", help_heading = OUTPUT, hide_short_help = true)]
    keep_names: bool,

    /// When to use color [default: auto] [env: OCISCOPE_COLOR]
    #[arg(long, global = true, value_name = "WHEN", value_enum, help_heading = OUTPUT, hide_short_help = true)]
    color: Option<Colour>,

    /// Platform, such as arm64, linux/arm/v7 or windows/amd64 [default: linux on this machine's architecture] [env: OCISCOPE_PLATFORM]
    #[arg(long, global = true, value_name = "[OS/]ARCH[/VARIANT]", hide_short_help = true)]
    pub(super) platform: Option<Platform>,

    /// Use no credentials
    #[arg(long, global = true, conflicts_with = "username", help_heading = "Authentication", hide_short_help = true)]
    anonymous: bool,

    /// Log in as NAME to the registry of the first reference; asks for the password on the terminal, without echo
    #[arg(
        long,
        short = 'u',
        global = true,
        value_name = "NAME",
        help_heading = "Authentication",
        hide_short_help = true
    )]
    username: Option<String>,

    /// Read the password from standard input instead
    #[arg(long, global = true, requires = "username", help_heading = "Authentication", hide_short_help = true)]
    password_stdin: bool,

    /// Log in to this registry instead of that of the first reference
    // Parsed later: a pasted address may contain a password, and the argument parser repeats values that it refuses.
    #[arg(long, global = true, value_name = "HOST[:PORT]", help_heading = "Authentication", hide_short_help = true)]
    login_host: Option<String>,

    /// Read credentials only from FILE: a Podman auth.json or a Docker config.json [env: OCISCOPE_AUTH_FILE]
    #[arg(long, global = true, value_name = "FILE", conflicts_with_all = ["anonymous", "username"], help_heading = "Authentication", hide_short_help = true)]
    pub(super) auth_file: Option<PathBuf>,

    /// Use the Kubernetes pull secret in FILE: a Secret in YAML or JSON
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        conflicts_with_all = ["anonymous", "username", "auth_file"],
        help_heading = "Authentication",
        hide_short_help = true
    )]
    pull_secret: Option<PathBuf>,

    /// Also send credentials to the token service on HOST; repeatable
    #[arg(long, global = true, value_name = "HOST", value_parser = host, help_heading = "Authentication", hide_short_help = true)]
    trust_realm: Vec<String>,

    /// Use plain HTTP
    #[arg(long, global = true, help_heading = "Connection", hide_short_help = true)]
    plain_http: bool,

    /// Send credentials over plain HTTP to the registry of the first reference; anyone on the network path can read them
    #[arg(long, global = true, help_heading = "Authentication", hide_short_help = true)]
    allow_cleartext_login: bool,

    /// Do not verify the registry's certificate
    #[arg(long, global = true, help_heading = "Connection", hide_short_help = true)]
    pub insecure: bool,

    /// Also trust the certificate authorities in FILE (PEM) [env: OCISCOPE_CACERT]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Connection", hide_short_help = true)]
    pub(super) cacert: Option<PathBuf>,

    /// Client certificate for the registry of the first reference (PEM); may also contain the key
    #[arg(long, global = true, value_name = "FILE", help_heading = "Connection", hide_short_help = true)]
    cert: Option<PathBuf>,

    /// Private key of the client certificate (PEM, not encrypted)
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        requires = "cert",
        help_heading = "Connection",
        hide_short_help = true
    )]
    key: Option<PathBuf>,

    /// Connect to ADDRESS for HOST:PORT, even in a private network; repeatable
    #[arg(long, global = true, value_name = "HOST:PORT:ADDRESS", help_heading = "Connection", hide_short_help = true)]
    resolve: Vec<ResolveTo>,

    /// Send this header to the registry of the first reference; repeatable
    // Parsed later: the value may be a secret, and the argument parser repeats values that it refuses.
    #[arg(long, global = true, value_name = "NAME: VALUE", help_heading = "Connection", hide_short_help = true)]
    header: Vec<String>,

    /// Use the built-in simulated registries instead of the network: those of SCENARIO, or of the one that knows REF
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
            help_heading = "Connection",
            hide_short_help = true
        )
    )]
    lab: Option<Option<String>>,

    /// Stop after this many seconds and report what is known so far [default: 120] [env: OCISCOPE_TIMEOUT]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds, action = ArgAction::Set, help_heading = "Connection", hide_short_help = true)]
    pub(super) timeout: Option<Duration>,
}

impl Global {
    /// The format, by an option, the name of the file that is written, or the user's preference; `None` if none is given.
    pub fn format(&self) -> Option<Format> {
        let said = if self.json { Some(Format::Json) } else { self.format };
        let by_name = || self.display.file().and_then(format_by_name);
        said.or_else(by_name).or(self.display.preferred_format())
    }

    /// When to use color; `None` if not given.
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

    /// Whether the password comes on standard input.
    pub fn reads_password(&self) -> bool {
        self.password_stdin && !self.anonymous
    }

    /// Whether a platform is selected.
    pub fn selects_platform(&self) -> bool {
        self.platform.is_some()
    }

    /// Whether a file with credentials is given.
    pub fn names_credentials(&self) -> bool {
        self.auth_file.is_some() || self.pull_secret.is_some()
    }

    /// The user name and, if given, the registry of the login.
    ///
    /// # Errors
    /// Where the name has a colon (RFC 7617, section 2), or the host is not valid. Neither is repeated: it may contain a
    /// password.
    pub fn login(&self) -> Result<Option<(&str, Option<Host>)>, String> {
        let Some(username) = self.username.as_deref() else {
            return match self.login_host {
                Some(_) => Err("--login-host needs --username NAME".to_owned()),
                None => Ok(None),
            };
        };
        if username.contains(':') {
            let words = "a user name has no colon, and a password does not belong on a command line; use --username NAME, \
                         which asks for the password, or add --password-stdin";
            return Err(words.to_owned());
        }
        let words = "--login-host takes a host with an optional port: r.example.com or r.example.com:5000";
        let host = self.login_host.as_deref().map(|host| host.parse().map_err(|_| words.to_owned()));
        Ok(Some((username, host.transpose()?)))
    }

    fn sources(&self) -> Result<Sources, String> {
        let sources = Sources::of_this_process(self.auth_file.clone(), self.pull_secret.clone());
        sources.check().map_err(|error| error.to_string())?;
        Ok(patient(sources))
    }

    /// The settings of the run, with the password of the login, if there is one, and the pairs of registry and realm that
    /// the user trusts.
    ///
    /// # Errors
    /// Where the login or a header is not valid.
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

    /// These options applied over other settings, except for a login: in the shell, standard input is not where a password
    /// comes from.
    ///
    /// # Errors
    /// Where a header is not valid, there is no such scenario, or a file with credentials or a client certificate cannot be
    /// used.
    pub fn settings_over(&self, base: &Settings) -> Result<Settings, String> {
        let headers = self.header.iter().map(|text| header(text)).collect::<Result<Vec<_>, _>>()?;
        let read = |certificate: &PathBuf| ClientIdentity::read(certificate, self.key.as_deref());
        let identity = self.cert.as_ref().map(read).transpose().map_err(|error| error.to_string())?;
        let exposed = identity.as_ref().and_then(ClientIdentity::exposed_key_file);
        if let Some(file) = exposed.filter(|_| !self.display.is_quiet()) {
            complain(&format!("other users can read the private key in {}; restrict it: chmod 600", file.display()));
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
                // Stored credentials are never for the lab.
                false => base.stored.clone().filter(|_| !self.anonymous && self.lab.is_none()),
            },
            trusted_realms: with(&base.trusted_realms, &self.trust_realm),
            trusted_pairs: base.trusted_pairs.clone(),
            plain_http: self.plain_http || base.plain_http,
            insecure: self.insecure || base.insecure,
            authority_file: self.cacert.clone().or_else(|| base.authority_file.clone()),
            resolve: base.resolve.iter().chain(&self.resolve).cloned().collect(),
            timeout: self.timeout.or(base.timeout),
            recording: base.recording.clone(),
            public: base
                .public
                .clone()
                .or_else(|| self.public.then(|| whose_machine().keeping_repositories(self.keep_names))),
        })
    }
}

/// Waits longer for credential helpers where a user at a terminal may have to unlock a keyring.
fn patient(sources: Sources) -> Sources {
    if io::stdin().is_terminal() { sources.with_patience(Duration::from_secs(30)) } else { sources }
}

fn host(text: &str) -> Result<String, String> {
    if names_a_host(text) {
        Ok(text.to_owned())
    } else {
        Err("write a host with an optional port: auth.example.com or auth.example.com:5001".to_owned())
    }
}

/// Parses a header that the user gave. Its value may be a secret and is never shown.
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
        .map_err(|_| "the value of --header contains characters that are not allowed in a header".to_owned())?;
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
    fn arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn value_of_a_header_is_a_secret() {
        let parsed = header("X-Api-Key: CANARY").unwrap();
        assert!(!format!("{parsed:?}").contains("CANARY"));
        assert!(header("no colon").is_err() && header("Accept: x").is_err() && header("X: a\nb").is_err());
    }
}
