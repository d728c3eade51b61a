//! A real registry: Debian's `docker-registry`, which is CNCF distribution 2.8, as a process of one test.

use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::certificates::Authority;
use super::content::Document;
use super::http::{Answer, Endpoint};
use super::{basic_authorization, digest_of, search_path};

/// The one account of a registry that asks for a password.
pub const USER: &str = "reader";
pub const PASSWORD: &str = "correct horse battery staple";
/// The account as `htpasswd -nbB -C 5` writes it, so that no tool is needed to make it.
const HTPASSWD_LINE: &str = "reader:$2y$05$Kzcz4LxZ19YJsAjo07wqNOqWuVg1.CkMDxUc/uy.OkftMS0f/On9u\n";

/// Start-up takes about 50 ms; a machine that is busy building gets more.
const START_DEADLINE: Duration = Duration::from_secs(30);

/// How the registry is set up. The default is open to all, writable, speaks plain HTTP, and does not delete.
#[derive(Default)]
pub struct Options<'a> {
    /// Who may do what.
    pub access: Access,
    /// The registry in front of which this one is a pull-through cache, such as `http://127.0.0.1:5000`.
    pub cache_of: Option<String>,
    /// Whether documents may be deleted.
    pub delete: bool,
    /// Whether Docker schema 1 manifests may be pushed.
    pub schema1: bool,
    /// Whether writing is refused for maintenance.
    pub read_only: bool,
    /// Speak TLS, with a certificate of this authority.
    pub tls: Option<&'a Authority>,
    /// Headers that are added to every answer.
    pub headers: Vec<(&'static str, &'static str)>,
    /// What an earlier registry has stored.
    pub storage: Option<TempDir>,
}

/// How a registry knows who asks.
#[derive(Default)]
pub enum Access {
    /// It does not ask.
    #[default]
    Open,
    /// [`USER`] and [`PASSWORD`], sent with each request.
    Password,
    /// A token from a token server.
    Token(TokenAccess),
}

/// Where a registry sends clients for a token, and whose tokens it believes.
pub struct TokenAccess {
    pub realm: String,
    pub service: String,
    pub issuer: String,
    /// The certificate of the key that signs tokens.
    pub certificate: String,
}

/// A running registry. It ends when this value is dropped.
pub struct Registry {
    /// Where it listens, as the first part of a reference.
    pub address: SocketAddr,
    /// The way to ask it anything.
    pub endpoint: Endpoint,
    /// What is sent as `Authorization` when the tests themselves push, delete or compare.
    pub authorization: Option<String>,
    process: Child,
    log: Receiver<String>,
    storage: TempDir,
    /// Its configuration, which is removed with it.
    _settings: TempDir,
}

/// What is left of a registry that has ended.
pub struct Stopped {
    /// What it has stored.
    pub storage: TempDir,
    /// Every line that it wrote about requests and errors.
    pub log: Vec<String>,
}

impl Registry {
    /// Starts a registry and waits until it listens.
    pub fn start(options: Options<'_>) -> Self {
        let settings = TempDir::new().expect("a folder for the settings");
        let mut configuration = configuration(&options, &settings);
        let authority = options.tls.map(|authority| authority.certificate.clone());
        let authorization = matches!(options.access, Access::Password).then(|| basic_authorization(USER, PASSWORD));
        let storage = options.storage.unwrap_or_else(|| TempDir::new().expect("a folder for the content"));
        configuration["storage"]["filesystem"] = json!({ "rootdirectory": storage.path() });

        let (address, process, log) = start_on_a_free_port(&settings, configuration);
        let endpoint = match authority {
            None => Endpoint::plain(address),
            Some(certificate) => Endpoint::tls(address, &certificate),
        };
        Self { address, endpoint, authorization, process, log, storage, _settings: settings }
    }

    /// A reference to this tag or digest as a user would type it.
    pub fn reference(&self, repository: &str, tag_or_digest: &str) -> String {
        let separator = if tag_or_digest.contains(':') { '@' } else { ':' };
        format!("{}/{repository}{separator}{tag_or_digest}", self.address)
    }

    /// Uploads the document under a tag, or under its digest alone, after everything that it refers to.
    pub fn push(&self, repository: &str, tag_or_digest: &str, document: &Document) {
        for blob in &document.blobs {
            self.push_blob(repository, blob);
        }
        for child in &document.children {
            self.push(repository, &child.digest, child);
        }
        let answer = self.put_manifest(repository, tag_or_digest, document).expect(201);
        assert_eq!(answer.header("Docker-Content-Digest"), Some(document.digest.as_str()));
    }

    /// The last step of a push, whatever comes of it.
    pub fn put_manifest(&self, repository: &str, tag_or_digest: &str, document: &Document) -> Answer {
        let path = format!("/v2/{repository}/manifests/{tag_or_digest}");
        self.send("PUT", &path, &[("Content-Type", document.media_type)], &document.bytes)
    }

    /// Deletes the document of this digest, and with it the tags on it.
    pub fn delete_manifest(&self, repository: &str, digest: &str) -> Answer {
        self.send("DELETE", &format!("/v2/{repository}/manifests/{digest}"), &[], b"")
    }

    /// Deletes a blob.
    pub fn delete_blob(&self, repository: &str, digest: &str) -> Answer {
        self.send("DELETE", &format!("/v2/{repository}/blobs/{digest}"), &[], b"")
    }

    /// Asks for a manifest with these `Accept` lines, and no others.
    pub fn get_manifest(&self, repository: &str, tag_or_digest: &str, accept: &[&str]) -> Answer {
        let accept: Vec<(&str, &str)> = accept.iter().map(|line| ("Accept", *line)).collect();
        self.send("GET", &format!("/v2/{repository}/manifests/{tag_or_digest}"), &accept, b"")
    }

    /// Ends the registry and returns what it leaves. Only then is its log known to be complete.
    pub fn stop(mut self) -> Stopped {
        self.end();
        let log = self.log.iter().collect();
        Stopped { storage: std::mem::replace(&mut self.storage, TempDir::new().expect("a folder")), log }
    }

    /// Uploads a blob.
    pub fn push_blob(&self, repository: &str, content: &[u8]) {
        let started = self.send("POST", &format!("/v2/{repository}/blobs/uploads/"), &[], b"").expect(202);
        let location = started.header("Location").expect("where to upload");
        let path = &location[location.find("/v2/").expect("a path of the registry")..];
        let path = format!("{path}&digest={}", digest_of(content));
        self.send("PUT", &path, &[("Content-Type", "application/octet-stream")], content).expect(201);
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let authorization = self.authorization.iter().map(|value| ("Authorization", value.as_str()));
        let headers: Vec<_> = headers.iter().copied().chain(authorization).collect();
        self.endpoint.send(method, path, &headers, body)
    }

    fn end(&mut self) {
        // An error means that it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.end();
    }
}

/// The configuration, which is YAML, of which JSON is a part.
fn configuration(options: &Options<'_>, settings: &TempDir) -> Value {
    let file = |name: &str, content: &str| {
        let path = settings.path().join(name);
        std::fs::write(&path, content).expect("to write the settings");
        path
    };
    let mut headers = json!({ "X-Content-Type-Options": ["nosniff"] });
    for (name, value) in &options.headers {
        headers[*name] = json!([value]);
    }
    let mut configuration = json!({
        "version": 0.1,
        "log": { "level": "info" },
        "storage": { "cache": { "blobdescriptor": "inmemory" }, "delete": { "enabled": options.delete } },
        "http": { "headers": headers, "secret": "the same for all" },
    });
    if options.read_only {
        configuration["storage"]["maintenance"] = json!({ "readonly": { "enabled": true } });
    }
    if options.schema1 {
        configuration["compatibility"] = json!({ "schema1": { "enabled": true } });
    }
    if let Some(origin) = &options.cache_of {
        configuration["proxy"] = json!({ "remoteurl": origin });
    }
    if let Some(authority) = options.tls {
        let (certificate, key) = authority.sign_loopback();
        let files = json!({ "certificate": file("server.pem", &certificate), "key": file("server.key", &key) });
        configuration["http"]["tls"] = files;
    }
    match &options.access {
        Access::Open => {}
        Access::Password => {
            let path = file("htpasswd", HTPASSWD_LINE);
            configuration["auth"] = json!({ "htpasswd": { "realm": "Registry Realm", "path": path } });
        }
        Access::Token(access) => {
            configuration["auth"] = json!({ "token": {
                "realm": access.realm,
                "service": access.service,
                "issuer": access.issuer,
                "rootcertbundle": file("tokens.pem", &access.certificate),
            } });
        }
    }
    configuration
}

/// The registry cannot choose a port itself, so one is chosen for it. Another process may take it in between; then the
/// registry ends at once, and the next port is tried.
fn start_on_a_free_port(settings: &TempDir, mut configuration: Value) -> (SocketAddr, Child, Receiver<String>) {
    let mut seen = Vec::new();
    for _ in 0..5 {
        let address = free_address();
        configuration["http"]["addr"] = json!(address.to_string());
        let file = settings.path().join("config.yml");
        std::fs::write(&file, configuration.to_string()).expect("to write the configuration");

        let mut process = Command::new("docker-registry")
            .arg("serve")
            .arg(&file)
            .env_clear()
            .envs(search_path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| match error.kind() {
                ErrorKind::NotFound => panic!(
                    "these tests need a real registry: install Debian's package `docker-registry`, or run `tests/run`, \
                     which does it"
                ),
                _ => panic!("docker-registry cannot be started: {error}"),
            });
        let (sender, log) = mpsc::channel();
        pass_lines_on(process.stdout.take().expect("a pipe"), sender.clone());
        pass_lines_on(process.stderr.take().expect("a pipe"), sender);

        let deadline = Instant::now() + START_DEADLINE;
        // The line is written once the port is taken; the channel closes when the process has ended.
        while let Ok(line) = log.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            let listens = line.contains("listening on");
            seen.push(line);
            if listens {
                return (address, process, log);
            }
        }
        let _ = process.kill();
        let _ = process.wait();
    }
    panic!("docker-registry does not start:\n{}", seen.join("\n"));
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address")
}

/// Reads to the end in a thread of its own, so that the process never waits for a reader.
fn pass_lines_on(pipe: impl Read + Send + 'static, sender: Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
}
