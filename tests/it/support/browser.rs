//! Chromium without a window, by its debugging protocol (Chrome DevTools Protocol) over a pipe: what a page asks for, runs and
//! shows, as the browser itself reports it.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long the browser may take to answer, on a machine that does other things.
const PATIENCE: Duration = Duration::from_secs(60);
/// The name of the scripts of the tests themselves, by which the browser reports them.
const OURS: &str = "ociscope-test.js";

/// A running browser with one window. It ends with this value.
pub struct Browser {
    process: Child,
    commands: File,
    messages: Receiver<Value>,
    /// The tab, and the connection to it.
    target: Option<Value>,
    session: String,
    /// The size of windows, where it is not the usual one.
    size: Option<Value>,
    calls: u64,
    seen: Seen,
    /// The documents that are loaded, by the names that the browser gives them.
    loaded: HashSet<String>,
    _folder: TempDir,
}

/// What a page did while it was open.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The addresses of its requests, other than of itself.
    pub requests: Vec<String>,
    /// The scripts that were compiled.
    pub scripts: Vec<String>,
    /// The words of its dialogs.
    pub dialogs: Vec<String>,
    /// What its policy kept it from.
    pub refused: Vec<String>,
}

impl Seen {
    /// Whether it did nothing.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl Browser {
    /// Starts Chromium. Whatever host is asked, this address answers.
    pub fn start(every_host: std::net::SocketAddr) -> Self {
        let folder = TempDir::new().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let pipes = [at("commands"), at("messages")];
        assert!(Command::new("mkfifo").args(&pipes).status().expect("mkfifo").success());
        let mut command = Command::new("sh");
        command.args([
            "-c",
            "commands=$1 messages=$2; shift 2; exec chromium \"$@\" 3<\"$commands\" 4>\"$messages\"",
            "sh",
        ]);
        command.args(&pipes).args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--remote-debugging-pipe",
            "--no-first-run",
        ]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-pings"]);
        command
            .arg(format!("--host-resolver-rules=MAP * {every_host}"))
            .arg(format!("--user-data-dir={}", at("profile").display()));
        command.env("HOME", folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("a shell");
        // Each is opened when the shell opens its other end.
        let commands = OpenOptions::new().write(true).open(&pipes[0]).expect("a pipe");
        let messages = read_all(File::open(&pipes[1]).expect("a pipe"));
        let mut browser = Self {
            process,
            commands,
            messages,
            target: None,
            session: String::new(),
            size: None,
            calls: 0,
            seen: Seen::default(),
            loaded: HashSet::new(),
            _folder: folder,
        };
        browser.new_tab();
        browser
    }

    /// Leaves the page, with whatever it still has in mind, for a tab of its own.
    fn new_tab(&mut self) {
        self.session.clear();
        let target = self.call("Target.createTarget", json!({ "url": "about:blank" }))["targetId"].clone();
        if let Some(last) = self.target.replace(target.clone()) {
            self.call("Target.closeTarget", json!({ "targetId": last }));
        }
        let attached = self.call("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        self.session = attached["sessionId"].as_str().expect("a session").to_owned();
        for domain in ["Page", "Network", "Runtime", "Debugger", "Log", "Audits"] {
            self.call(&format!("{domain}.enable"), json!({}));
        }
        self.call("Page.setLifecycleEventsEnabled", json!({ "enabled": true }));
        if let Some(size) = self.size.clone() {
            self.call("Emulation.setDeviceMetricsOverride", size);
        }
    }

    /// Opens a file, at a place in it if there is a fragment, and waits until it is loaded and everything that it started at
    /// once has begun.
    pub fn open(&mut self, path: &Path, fragment: &str) -> Seen {
        self.new_tab();
        self.seen = Seen::default();
        let address = format!("file://{}", path.display());
        let opened = self.call("Page.navigate", json!({ "url": format!("{address}{fragment}") }));
        let document = opened["loaderId"].as_str().unwrap_or_else(|| panic!("not opened: {opened}")).to_owned();
        while !self.loaded.contains(&document) {
            self.next("the end of loading");
        }
        // A page that has gone elsewhere meanwhile has no answer to this. In a tab that is not shown, no frames are drawn, but
        // clocks go on.
        self.try_evaluate("new Promise(done => setTimeout(done, 50))");
        let mut seen = std::mem::take(&mut self.seen);
        seen.requests.retain(|one| !one.starts_with(&address));
        seen
    }

    /// The value of an expression in the page, when it is known.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        self.try_evaluate(expression).unwrap_or_else(|| panic!("the page has gone before {expression}"))
    }

    fn try_evaluate(&mut self, expression: &str) -> Option<Value> {
        let expression = format!("{expression}\n//# sourceURL={OURS}");
        let parameters = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        Some(self.try_call("Runtime.evaluate", parameters).ok()?["result"]["value"].clone())
    }

    /// Makes the windows of further pages this wide.
    pub fn set_width(&mut self, width: u32) {
        self.size = Some(json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false }));
    }

    /// Shows the page as for this medium, to a reader who prefers this scheme of colours.
    pub fn set_media(&mut self, media: &str, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.call("Emulation.setEmulatedMedia", json!({ "media": media, "features": [feature] }));
    }

    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.try_call(method, parameters).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    fn try_call(&mut self, method: &str, parameters: Value) -> Result<Value, Value> {
        let id = self.send(method, parameters);
        loop {
            let message = self.next(method);
            if message["id"] == id {
                return if message["error"].is_null() {
                    Ok(message["result"].clone())
                } else {
                    Err(message["error"].clone())
                };
            }
        }
    }

    fn send(&mut self, method: &str, parameters: Value) -> u64 {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": parameters });
        if !self.session.is_empty() {
            message["sessionId"] = self.session.as_str().into();
        }
        let bytes = [message.to_string().as_bytes(), b"\0"].concat();
        self.commands.write_all(&bytes).expect("a browser that listens");
        self.calls
    }

    /// The next message on the way to what is awaited. It is noted where it says what the page does.
    fn next(&mut self, awaited: &str) -> Value {
        let received = self.messages.recv_timeout(PATIENCE);
        let message = received.unwrap_or_else(|error| panic!("{awaited}: no message of Chromium: {error}"));
        if message["sessionId"].as_str().unwrap_or_default() != self.session {
            return message;
        }
        let event = &message["params"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match message["method"].as_str().unwrap_or_default() {
            "Page.lifecycleEvent" if event["name"] == "load" => drop(self.loaded.insert(text(&event["loaderId"]))),
            "Network.requestWillBeSent" => self.seen.requests.push(text(&event["request"]["url"])),
            "Debugger.scriptParsed" if event["url"] != OURS => {
                self.seen.scripts.push(format!("{} at line {}", text(&event["url"]), event["startLine"]));
            }
            "Page.javascriptDialogOpening" => {
                self.seen.dialogs.push(text(&event["message"]));
                // A dialog holds up the page, and its answer is not waited for.
                self.send("Page.handleJavaScriptDialog", json!({ "accept": false }));
            }
            "Log.entryAdded" if event["entry"]["source"] == "security" => {
                self.seen.refused.push(text(&event["entry"]["text"]));
            }
            "Audits.issueAdded" => self.seen.refused.push(text(&event["issue"]["code"])),
            _ => {}
        }
        message
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The messages of a pipe, each of which ends with a zero byte.
fn read_all(pipe: File) -> Receiver<Value> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        loop {
            let mut bytes = Vec::new();
            if !matches!(pipe.read_until(0, &mut bytes), Ok(1..)) {
                return;
            }
            let message = serde_json::from_slice(bytes.strip_suffix(b"\0").unwrap_or(&bytes)).expect("JSON");
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    receiver
}
