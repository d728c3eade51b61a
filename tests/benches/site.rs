//! The servers of a row, each with a relay of its own, and the options with which the program reaches them.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tempfile::NamedTempFile;

use super::answers::{Elsewhere, Registry, Role, TokenService};
use super::certificates::Authority;
use super::content::{Content, Store, TAG, repository, token};
use super::limits::Counts;
use super::relay::{Relay, Seen};
use super::server::{Server, Speaks};

const REGISTRY_HOST: &str = "registry.example.test";
const TOKEN_HOST: &str = "auth.example.test";
const STORAGE_HOST: &str = "storage.example.test";
const HANGING_HOST: &str = "hanging.example.test";

/// How the servers of a row behave.
#[derive(Clone, Copy)]
pub struct Setup {
    pub speaks: Speaks,
    /// The length of the token that the registry requires, in characters; `None` if everything is public.
    pub token: Option<usize>,
    /// Whether the registry issues tokens itself; if not, a server on another host does.
    pub own_tokens: bool,
    pub content: Content,
    /// Whether a second registry accepts requests and never answers.
    pub hangs: bool,
    pub round_trip: Duration,
}

type Reached = (Server, Relay);

/// The URLs of the requests for one reference.
pub struct Asked {
    pub by_head: Vec<String>,
    pub by_get: Vec<String>,
    /// The URLs of which only the first 512 bytes are requested.
    pub beginnings: Vec<String>,
}

/// Running servers. They run until the process ends.
pub struct Site {
    store: Arc<Store>,
    registry: Reached,
    others: Vec<(&'static str, Reached)>,
    authority: NamedTempFile,
    is_plain: bool,
    setup: Setup,
}

impl Site {
    /// Starts the servers.
    pub fn start(setup: Setup) -> Self {
        let signer = Authority::new();
        let is_plain = setup.speaks == Speaks::Plain;
        let scheme = if is_plain { "http" } else { "https" };
        let start = |role, host| {
            let server = Server::start(role, setup.speaks, &signer, host);
            let relay = Relay::to(server.address, setup.round_trip);
            (server, relay)
        };
        let elsewhere = |name, (_, relay): &Reached| Elsewhere { scheme, name, port: relay.address.port() };
        let store = Arc::new(Store::new(setup.content));
        let mut others = Vec::new();
        let tokens = setup.token.map(|length| {
            let token = token(length);
            if setup.own_tokens {
                return (token, TokenService::Own { scheme });
            }
            let server = start(Role::Tokens(token.clone()), TOKEN_HOST);
            let realm = TokenService::Other(elsewhere(TOKEN_HOST, &server));
            others.push((TOKEN_HOST, server));
            (token, realm)
        });
        let storage = setup.content.signed.then(|| {
            let server = start(Role::Storage(Arc::clone(&store)), STORAGE_HOST);
            let storage = elsewhere(STORAGE_HOST, &server);
            others.push((STORAGE_HOST, server));
            storage
        });
        if setup.hangs {
            others.push((HANGING_HOST, start(Role::Hanging, HANGING_HOST)));
        }
        let registry =
            Role::Registry(Registry { store: Arc::clone(&store), tokens, storage, signed: AtomicU64::new(0) });
        let mut authority = NamedTempFile::new().expect("a file");
        authority.write_all(signer.certificate.as_bytes()).expect("to write it");
        Self { store, registry: start(registry, REGISTRY_HOST), others, authority, is_plain, setup }
    }

    /// The options that lead the names of the site to its relays, and trust its authority.
    pub fn options(&self) -> Vec<String> {
        let named = self.others.iter().map(|(name, reached)| (*name, reached));
        let mut options = Vec::new();
        for (name, (_, relay)) in std::iter::once((REGISTRY_HOST, &self.registry)).chain(named) {
            options.extend(["--resolve".to_owned(), format!("{name}:{}:127.0.0.1", relay.address.port())]);
        }
        if self.is_plain {
            options.push("--plain-http".to_owned());
        } else {
            options.extend(["--cacert".to_owned(), self.authority_file()]);
        }
        options
    }

    /// The references of the site as users write them; one of the registry that hangs goes first.
    pub fn references(&self) -> Vec<String> {
        let hanging = self.others.iter().filter(|(name, _)| *name == HANGING_HOST);
        let hanging = hanging.map(|(name, (_, relay))| format!("{name}:{}/demo/app:{TAG}", relay.address.port()));
        hanging.chain(self.at(&format!("{REGISTRY_HOST}:{}", self.port()))).collect()
    }

    /// The references at the address of the registry, for programs without an option like `--resolve`.
    pub fn references_by_address(&self) -> Vec<String> {
        self.at(&self.address()).collect()
    }

    /// The requests for each image reference: those of a client for the manifest, and those for its parts.
    pub fn asked(&self) -> Vec<Asked> {
        let scheme = if self.is_plain { "http" } else { "https" };
        let base = format!("{scheme}://{}/v2", self.address());
        let of = |number: usize| {
            let name = repository(number);
            let manifest = self.store.at(&format!("{name}/manifests/{TAG}")).expect("a manifest");
            let document: serde_json::Value = serde_json::from_slice(&manifest.body).expect("a document");
            let blob = |part: &serde_json::Value| {
                format!("{base}/{name}/blobs/{}", part["digest"].as_str().unwrap_or_default())
            };
            let manifests = [TAG, &manifest.digest].map(|at| format!("{base}/{name}/manifests/{at}"));
            let config = blob(&document["config"]);
            Asked {
                by_head: vec![manifests[0].clone(), config.clone()],
                by_get: [&manifests[..], &[config]].concat(),
                beginnings: document["layers"].as_array().into_iter().flatten().map(blob).collect(),
            }
        };
        (0..self.setup.content.repositories).map(of).collect()
    }

    /// The address of the registry, as `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    /// The file with the authority that signed the certificates.
    pub fn authority_file(&self) -> String {
        self.authority.path().display().to_string()
    }

    /// Whether its servers speak plain HTTP.
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Whether its registry requires a token.
    pub fn needs_token(&self) -> bool {
        self.setup.token.is_some()
    }

    /// The counts since the last call.
    pub fn take_counts(&self) -> Counts {
        // What the ends of connections still carry arrives within a round trip.
        std::thread::sleep(self.setup.round_trip + Duration::from_millis(30));
        let all = std::iter::once(&self.registry).chain(self.others.iter().map(|(_, reached)| reached));
        let (requests, seen) = all.fold((0, Seen::default()), |(requests, seen), (server, relay)| {
            (requests + server.take_requests(), seen + relay.take_seen())
        });
        Counts {
            requests: Some(requests),
            connections: Some(seen.connections),
            sent: Some(seen.sent),
            received: Some(seen.received),
            ..Counts::default()
        }
    }

    fn at(&self, host: &str) -> impl Iterator<Item = String> {
        let host = host.to_owned();
        (0..self.setup.content.repositories).map(move |number| format!("{host}/{}:{TAG}", repository(number)))
    }

    fn port(&self) -> u16 {
        self.registry.1.address.port()
    }
}
