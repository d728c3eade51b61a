//! Pages in a real browser: nothing that a server says runs, asks or opens anything there, and a page can be read on a narrow
//! and a wide window, in both schemes of colours, and on paper.
//!
//! A group of its own (`tests/run --with chromium`), because the browser is larger than everything else that tests need.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::hostile::payloads::{self, MARK, PLACES, VERBS};
use crate::hostile::{checked, plain};
use crate::support::browser::{Browser, Seen};
use crate::support::hostile::{Server, answer};
use crate::support::ociscope::{here, ociscope};

/// The host that payloads name.
const EVIL: &str = "evil.test";

/// A browser in which every host is one server, which counts, and a folder for pages.
struct Window {
    browser: Browser,
    server: Server,
    folder: TempDir,
}

impl Window {
    fn new() -> Self {
        let server = Server::answering(|_| answer("200 OK", &[("Content-Type", "text/plain")], "asked"));
        Self { browser: Browser::start(server.address), server, folder: TempDir::new().expect("a folder") }
    }

    fn file(&self, page: &str) -> PathBuf {
        let path = self.folder.path().join("page.html");
        std::fs::write(&path, page).expect("a file");
        path
    }

    fn open(&mut self, page: &str) -> Seen {
        let path = self.file(page);
        self.browser.open(&path, "")
    }

    /// How many connections were for the host of the payloads, which both a request and a TLS handshake name in the clear. The
    /// browser asks its maker for things of its own.
    fn asked(&self) -> usize {
        let names = |bytes: &Vec<u8>| bytes.windows(EVIL.len()).any(|part| part == EVIL.as_bytes());
        self.server.connections_received().iter().filter(|bytes| names(bytes)).count()
    }
}

/// The page of a diagnosis in the lab.
fn page_of(reference: &str) -> String {
    ociscope(&["--lab", "--platform", "linux/amd64", "diagnose", "--format", "html", reference]).run().stdout
}

/// What is looked for is found where it is: the payloads as they are, in a page that lets them.
#[test]
#[ignore = "it needs Chromium; run tests/run --with chromium"]
fn payloads_act_in_a_page_that_lets_them() {
    let mut window = Window::new();
    let (mut acting, mut all) = (0, Seen::default());
    for payload in payloads::active_in_browsers() {
        let seen = window.open(&format!("<!DOCTYPE html><title>x</title><p>{payload}</p>"));
        acting += usize::from(!seen.is_nothing());
        all.requests.extend(seen.requests);
        all.scripts.extend(seen.scripts);
        all.dialogs.extend(seen.dialogs);
    }
    // The others are for attributes and for what is only clicked, or are escaped already.
    assert!(acting >= 12, "{acting} act: {all:?}");
    assert!(all.requests.iter().any(|one| one.contains(EVIL)) && window.asked() > 3, "{all:?}");
    assert!(!all.scripts.is_empty() && !all.dialogs.is_empty(), "{all:?}");
    let refused = window.open(
        "<!DOCTYPE html><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\"><script>alert(1)</script>",
    );
    assert!(!refused.refused.is_empty() && refused.dialogs.is_empty(), "{refused:?}");
}

/// Case D26: neither does anything, nor is anything there for the policy to refuse.
#[test]
#[ignore = "it needs Chromium; run tests/run --with chromium"]
fn nothing_that_a_server_says_acts_in_a_page() {
    let mut window = Window::new();
    let mut shown = 0;
    for (place, verb) in PLACES.into_iter().flat_map(|place| VERBS.map(|verb| (place, verb))) {
        let server = payloads::server(place);
        for _ in 0..payloads::runs() {
            let run = checked(here(&[verb, "--format", "html", &plain(&server)]));
            let seen = window.open(&run.stdout);
            assert!(seen.is_nothing(), "{place}, {verb}: {seen:?} in:\n{}", run.stdout);
            let text = window.browser.evaluate("document.body.textContent");
            shown += usize::from(text.as_str().is_some_and(|text| text.contains(MARK)));
        }
    }
    assert!(shown > 50, "{shown} pages have a payload in them");
    assert_eq!(window.asked(), 0);
}

/// Every link is followed, with a click and not by hand.
#[test]
#[ignore = "it needs Chromium; run tests/run --with chromium"]
fn links_stay_in_the_page() {
    let mut window = Window::new();
    assert!(window.open(&page_of("registry.example/cleaned/greeting:1.0")).is_nothing());
    let places = window.browser.evaluate(
        "[...document.querySelectorAll('a')].map(link => { \
           link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, view: window })); \
           return location.href; })",
    );
    let places = places.as_array().expect("a list").clone();
    assert!(places.len() > 20, "{places:?}");
    for place in places {
        let place = place.as_str().expect("an address");
        assert!(place.starts_with("file://") && place.contains("/page.html#exchange-"), "{place}");
    }
}

#[test]
#[ignore = "it needs Chromium; run tests/run --with chromium"]
fn page_fits_a_narrow_and_a_wide_window() {
    let mut window = Window::new();
    for reference in [
        "registry.example/prefixed/greeting:1.2.3",
        "gcr.io/deepvariant-docker/deepvariant:0.5.0",
        "registry.example/cleaned/greeting:1.0",
        "registry.example/expired/app:1.0",
    ] {
        let page = page_of(reference);
        for width in [360, 800, 1200] {
            window.browser.set_width(width);
            window.open(&page);
            window.browser.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)");
            // Without the bar by which it is scrolled downwards.
            let [needed, room] = ["scrollWidth", "clientWidth"]
                .map(|of| window.browser.evaluate(&format!("document.documentElement.{of}")).as_u64());
            assert!(needed.is_some() && needed == room, "{reference} takes {needed:?} of {width}");
        }
    }
}

#[test]
#[ignore = "it needs Chromium; run tests/run --with chromium"]
fn link_opens_its_exchange_and_paper_shows_all() {
    let mut window = Window::new();
    let path = window.file(&page_of("registry.example/prefixed/greeting:1.2.3"));
    window.browser.open(&path, "#exchange-2");
    let shown = "[...document.querySelectorAll('details[id]')].filter(one => one.querySelector('dl').checkVisibility()).map(one => one.id)";
    assert_eq!(window.browser.evaluate(shown), serde_json::json!(["exchange-2"]));
    let paper = "getComputedStyle(document.body).backgroundColor";
    window.browser.set_media("screen", "dark");
    assert_ne!(window.browser.evaluate(paper), "rgb(255, 255, 255)");
    window.browser.set_media("print", "dark");
    assert_eq!(window.browser.evaluate(paper), "rgb(255, 255, 255)");
    assert_eq!(
        window.browser.evaluate(&format!("{shown}.length === document.querySelectorAll('details[id]').length")),
        true
    );
}
