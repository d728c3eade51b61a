//! 3: recordings of 3.1.1 (`tests/recordings/README.md`), with the same content in the lab.
//!
//! What was written to it then is no part of them: the lab is only read.

use ociscope::internals::Scenario;

use super::answer::Comparable;
use super::requests::{Credential, Request};
use super::running::{Running, Side};
use super::three_content::recorded;
use crate::support::http::Answer;
use crate::support::recording::{VARIANTS, Variant};

const ANSWERS: &str = include_str!("../../../recordings/distribution-3.1.1-answers.txt");
const MATRIX: &str = include_str!("../../../recordings/distribution-3.1.1-matrix.txt");

/// A request with the answer that was recorded.
struct Exchange {
    /// `open`, `token` or `basic`.
    setup: &'static str,
    request: Request,
    answer: Answer,
    /// Whether the body is in the recording.
    has_body: bool,
}

fn header(line: &'static str) -> (&'static str, String) {
    let (name, value) = line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""));
    (name, value.to_owned())
}

/// Whole answers.
fn exchanges() -> Vec<Exchange> {
    let read = |text: &'static str| {
        let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
        let mut lines = head.lines().peekable();
        let title: Vec<&'static str> = lines.next().unwrap_or_default().splitn(3, ' ').collect();
        let [setup, method, path] = title[..] else { panic!("a title: SETUP: METHOD PATH; and not {title:?}") };
        let mut sent = Vec::new();
        while let Some(line) = lines.peek().and_then(|line| line.strip_prefix("> ")) {
            sent.push(header(line));
            lines.next();
        }
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status line");
        let headers: Vec<_> = lines.map(header).map(|(name, value)| (name.to_owned(), value)).collect();
        let mut answer = Answer { status, headers, body: body.trim_end().as_bytes().to_vec(), whole: true };
        if let Some(length) = answer.header("Content-Length").filter(|_| method != "HEAD") {
            // Line feeds at the end are lost in the recording, and counted.
            answer.body.resize(length.parse().expect("a length"), b'\n');
        }
        let has_body = body.trim_end() != "(not kept)";
        let request = Request { method, path: path.to_owned(), headers: sent, credential: Credential::Nobody };
        Exchange { setup: setup.trim_end_matches(':'), request, answer, has_body }
    };
    ANSWERS.split("## ").skip(1).map(read).collect()
}

/// A cell of the matrix.
struct Cell {
    content: &'static str,
    by_digest: bool,
    variant: &'static Variant,
    /// What was noted of the answer.
    noted: &'static str,
}

fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    let (mut title, mut noted) = ("", "");
    for line in MATRIX.lines() {
        if let Some(text) = line.strip_prefix("## ") {
            title = text;
        } else if let Some(names) = line.trim().strip_prefix("<= ") {
            let (content, way) = title.split_once(" by ").expect("a title: CONTENT by WAY");
            for name in names.split(", ") {
                let variant = VARIANTS.iter().find(|variant| variant.recorded_name == name).expect("a known variant");
                cells.push(Cell { content, by_digest: way == "digest", variant, noted });
            }
        } else {
            noted = line.trim();
        }
    }
    cells
}

/// How many requests are compared: each cell is one `GET` and one `HEAD`.
pub fn compared() -> usize {
    exchanges().len() + 2 * cells().len()
}

fn scenario(access: &str) -> Scenario {
    let text = format!(
        "title = \"CNCF distribution 3.1.1\"\nregistry = \"CNCF distribution\"\nyear = \"2026\"\nknown = \"recorded\"\n\
         sources = [\"tests/recordings/\"]\nstory = \"None.\"\nlook = [\"Nothing.\"]\n\
         reference = \"registry.example/demo/app\"\nexit = 0\n[[host]]\nname = \"registry.example\"\n\
         dialect = \"distribution-3\"\nscheme = \"http\"\naccess = \"{access}\"\n\
         {}service = \"registry.example.test\"\n",
        if access == "token" { "realm = \"https://auth.example.test/token\"\n" } else { "" }
    );
    let mut scenario = Scenario::from_toml(&text).unwrap_or_else(|error| panic!("{error}"));
    for (tag, piece) in recorded() {
        scenario.store("registry.example", "demo/app", tag, piece);
    }
    scenario
}

#[test]
fn the_lab_answers_as_distribution_3_was_recorded() {
    let mut found = Vec::new();
    for setup in ["open", "token", "basic"] {
        let running = Running::start(scenario(setup));
        let lab = Side::open(running.host("registry.example"));
        for exchange in exchanges().iter().filter(|exchange| exchange.setup == setup) {
            let (mut real, mut ours) = (Comparable::of(&exchange.answer), lab.answer(&exchange.request));
            if !exchange.has_body {
                real.forget_body();
                ours.forget_body();
            }
            let differences = real.differences(&ours);
            if !differences.is_empty() {
                found.push(format!("{:?}\n    {differences}", exchange.request));
            }
        }
    }
    assert!(found.is_empty(), "{} answers differ:\n{}", found.len(), found.join("\n"));
    assert!(exchanges().len() > 40, "the recording was read");
}

/// An answer in the form of the recorded matrix.
fn noted(get: &Answer, head: &Answer, stored: &str, content: &str) -> String {
    let content_type = get.header("Content-Type").unwrap_or_default();
    let short = content_type
        .replace("application/vnd.docker.distribution.manifest.", "docker.")
        .replace("application/vnd.oci.image.", "oci.");
    let end = format!("| HEAD {} cl={}", head.status, head.header("Content-Length").unwrap_or_default());
    if get.status != 200 {
        let body = String::from_utf8_lossy(&get.body);
        return format!("{} ct={short} dcd=- {} {end}", get.status, body.trim_end());
    }
    let digest = get.header("Docker-Content-Digest").unwrap_or_default();
    let told = if digest == stored { "same".to_owned() } else { format!("DIFFERENT {}", &digest[..19]) };
    // The bytes of the artifact were not kept.
    let same = if content == "artifact" || digest == get.body_digest() { "==" } else { "!=" };
    format!(
        "200 ct={short} dcd={told} len={} bodydigest={same}hdr schemaVersion={} {end}",
        get.body.len(),
        get.json()["schemaVersion"]
    )
}

#[test]
fn every_cell_of_the_recorded_matrix_of_distribution_3_holds() {
    let running = Running::start(scenario("open"));
    let lab = running.host("registry.example");
    let stored = recorded();
    let cells = cells();
    assert_eq!(cells.len(), 16 * VARIANTS.len(), "the recording was read");
    for cell in cells {
        let piece =
            stored.iter().find(|(tag, _)| *tag == Some(cell.content)).map(|(_, piece)| piece).expect("its content");
        let asked = if cell.by_digest { piece.digest.as_str() } else { cell.content };
        let path = format!("/v2/demo/app/manifests/{asked}");
        let accept: Vec<_> = cell.variant.lines.iter().map(|line| ("Accept", *line)).collect();
        let (get, head) = (lab.get(&path, &accept), lab.send("HEAD", &path, &accept, b""));
        let what = format!("{} as {asked}, Accept: {}", cell.content, cell.variant.recorded_name);
        assert_eq!(noted(&get, &head, &piece.digest, cell.content), cell.noted, "{what}");
    }
}
