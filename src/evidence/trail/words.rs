//! Describes the steps of a search.

use super::{
    CredentialForm, CredentialPlace, Damage, Elsewhere, HelperOutcome, NearMiss, PlaceReason, PullSecretFault, Reader,
    Seen,
};
use crate::text::Untrusted;

/// The maximum number of characters shown of a key or a name.
const LIMIT: usize = 120;

impl CredentialPlace {
    /// The file, printable.
    pub fn named(&self) -> String {
        self.file.printable_within(200)
    }
}

impl PlaceReason {
    /// The variable or option that names the place, as written; `None` for a default place.
    pub fn named_by(self) -> Option<&'static str> {
        match self {
            Self::AuthFileOption => Some("--auth-file"),
            Self::PullSecretOption => Some("--pull-secret"),
            Self::RegistryAuthFile => Some("$REGISTRY_AUTH_FILE"),
            Self::DockerConfig => Some("$DOCKER_CONFIG"),
            Self::RuntimeFolder | Self::ConfigFolder | Self::DockerHome => None,
        }
    }
}

impl Reader {
    /// The client, for a sentence.
    pub fn client(self) -> &'static str {
        match self {
            Self::Docker => "Docker",
            Self::Containers => "Podman",
            Self::Kubelet => "the kubelet",
        }
    }
}

impl CredentialForm {
    /// The form, with its article.
    pub fn words(self) -> &'static str {
        match self {
            Self::Password => "a user name and a password",
            Self::IdentityToken => "an identity token",
            Self::RegistryToken => "a token for the registry",
        }
    }
}

impl NearMiss {
    /// The fault of the key, for a registry and a client.
    pub fn words(&self, registry: &str, reader: Reader) -> String {
        match self {
            Self::Port => format!("its port is not that of {registry}"),
            Self::HubAlias(right) => format!("{} looks for Docker Hub under {right}", reader.client()),
            Self::Repository => "it is for another repository".to_owned(),
            Self::Blank => "it contains whitespace or control characters".to_owned(),
            Self::NotPlain(right) => format!("helpers are looked up under {right} only"),
            Self::SameService => "it is another host of the same service".to_owned(),
            Self::Domain => format!("it is not the host {registry}"),
        }
    }
}

impl Damage {
    /// The fault of the credential.
    pub fn words(self) -> String {
        match self {
            Self::NotBase64 => "its auth field is not base64".to_owned(),
            Self::UrlSafeBase64 => {
                "its auth field is URL-safe base64 (- and _), which clients do not decode".to_owned()
            }
            Self::TwiceEncoded => "its auth field was encoded twice".to_owned(),
            Self::NoColon => "its auth field is not NAME:PASSWORD: it has no colon".to_owned(),
            Self::NoName => "the user name is empty".to_owned(),
            Self::NoPassword => "the password is empty".to_owned(),
            Self::NotUtf8 => "its auth field is not UTF-8 text".to_owned(),
            Self::LineBreak => "the user name or password ends with a line break".to_owned(),
            Self::Blank => "the user name or password has leading or trailing whitespace".to_owned(),
            Self::Control => "the user name or password contains a control character".to_owned(),
            Self::Contradiction => "auth contradicts the username and password next to it".to_owned(),
            Self::NotText(field) => format!("{} is not text", field.name()),
            Self::TooLong => "it is longer than 64 KiB".to_owned(),
        }
    }
}

impl HelperOutcome {
    /// The outcome, after the name of the program.
    pub fn words(&self, server: &Untrusted) -> String {
        let server = server.printable_within(LIMIT);
        match self {
            Self::Gave(form, damage) => format!("gives {} for {server}{}", form.words(), but(damage)),
            Self::HasNone => format!("has nothing for {server}"),
            Self::NotFound => "is not on PATH".to_owned(),
            Self::NameRefused => "is not run: a helper has a plain name".to_owned(),
            Self::CannotStart(words) => format!("cannot be started: {words}"),
            Self::Failed { status, printed } => {
                let ended = match status {
                    Some(status) => format!("ends with status {status}"),
                    None => "is ended by a signal".to_owned(),
                };
                format!("{ended}; its output ({printed} bytes) may contain secrets and is not shown")
            }
            Self::TimedOut(seconds) => {
                format!(
                    "did not answer within {seconds} s and was stopped; it may have been waiting for you to unlock it"
                )
            }
            Self::TooMuch => "printed more than 64 KiB and was stopped".to_owned(),
            Self::Unusable(why) => format!("returned an unusable answer: {why}"),
            Self::ServerRefused => "is not asked: the server name contains invalid characters".to_owned(),
        }
    }
}

impl PullSecretFault {
    /// The fault of the pull secret.
    pub fn words(&self) -> String {
        let named = |names: &[Untrusted]| {
            names.iter().take(5).map(|name| name.named_within(LIMIT)).collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::NotYaml(why) => format!("the file is neither YAML nor JSON: {why}"),
            Self::NoSecret(kinds) if kinds.is_empty() => "the file does not contain a Secret".to_owned(),
            Self::NoSecret(kinds) => format!("the file does not contain a Secret, only {}", named(kinds)),
            Self::OnlyNames(names) => {
                format!("the file names the Secrets of a Pod ({}), and has none of that name", named(names))
            }
            Self::WrongType(found) => format!(
                "the Secret is of the type {}; a pull secret is of the type kubernetes.io/dockerconfigjson",
                found.named_within(LIMIT)
            ),
            Self::NoData(key) => format!("the Secret has no data under {key}"),
            Self::NotBase64 => "the data of the Secret is not base64".to_owned(),
            Self::TwiceEncoded => "the data of the Secret was base64-encoded twice".to_owned(),
            Self::NotConfig(why) => format!("the Secret does not contain a Docker config: {why}"),
        }
    }
}

impl Seen {
    /// The finding as a sentence without its full stop, for a registry and the client whose rules apply.
    pub fn words(&self, registry: &str, reader: Reader) -> String {
        let named = |text: &Untrusted| text.named_within(LIMIT);
        match self {
            Self::NotThere => "not there".to_owned(),
            Self::Unreadable(words) => format!("cannot be read: {words}"),
            Self::Unusable(why) => format!("cannot be used: {why}"),
            Self::NoEntry { others: 0, .. } => "no entries".to_owned(),
            Self::NoEntry { others: 1, .. } => format!("1 entry, not for {registry}"),
            Self::NoEntry { others, .. } => format!("{others} entries, none for {registry}"),
            Self::NearMiss { key, why, helper } => {
                let what = if *helper { "helper of" } else { "entry" };
                format!("the {what} {} is not used: {}", named(key), why.words(registry, reader))
            }
            Self::Entry { key, form, damage } => {
                format!("the entry {} is used: {}{}", named(key), form.words(), but(damage))
            }
            Self::Damaged { key, damage } => format!("the entry {} cannot be used: {}", named(key), damage.words()),
            Self::Empty { key } => format!("the entry {} holds no credential", named(key)),
            Self::BehindHelper { key, helper } => {
                format!("the entry {} is not read: {} is asked instead", named(key), program(helper))
            }
            Self::Repeated { key } => format!("{} occurs more than once; the last one counts", named(key)),
            Self::OthersDamaged(1) => {
                "an entry of another registry is damaged, so Docker ignores the whole file".to_owned()
            }
            Self::OthersDamaged(number) => {
                format!("{number} entries of other registries are damaged, so Docker ignores the whole file")
            }
            Self::Helper { helper, server, outcome } => format!("{} {}", program(helper), outcome.words(server)),
            Self::StoreNotHeeded { helper } => {
                format!("{} is not asked: {} ignores credsStore", program(helper), reader.client())
            }
            Self::PullSecret(fault) => fault.words(),
            Self::Elsewhere { key, why } => {
                let why = match why {
                    Elsewhere::Variable(name) => format!("${name} names another file"),
                    Elsewhere::SudoUser(user) => format!("it is that of {}, who runs this with sudo", named(user)),
                };
                format!("not looked at, and it has the entry {}: {why}", named(key))
            }
        }
    }
}

/// The program of a helper.
fn program(helper: &Untrusted) -> String {
    let name = helper.printable_within(64);
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    if plain { format!("docker-credential-{name}") } else { format!("the helper “{name}”") }
}

fn but(damage: &[Damage]) -> String {
    let words: Vec<_> = damage.iter().map(|damage| damage.words()).collect();
    if words.is_empty() { String::new() } else { format!(", but {}", words.join(", and ")) }
}
