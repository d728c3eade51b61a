//! The recorded matrix: what a real registry answered to every `Accept` header for every kind of content.
//!
//! The expected values of the tests are read from here, so that none of them is taken from our own output. How the
//! recording was made is written in `tests/recordings/README.md`.

use super::content::media_type::{
    DOCKER_CONFIG, DOCKER_LIST, DOCKER_V1, DOCKER_V1_SIGNED, DOCKER_V2, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST,
};

const RECORDING: &str = include_str!("../../recordings/distribution-2.8.3-matrix.txt");

/// An `Accept` variant: its name in the recording, the name of our probe if there is one, and its header lines.
pub struct Variant {
    pub recorded_name: &'static str,
    pub probe: Option<&'static str>,
    pub lines: &'static [&'static str],
}

const fn variant(recorded_name: &'static str, probe: Option<&'static str>, lines: &'static [&'static str]) -> Variant {
    Variant { recorded_name, probe, lines }
}

/// What a current client accepts, in one line.
pub const ALL_CURRENT_TYPES: &str = "application/vnd.oci.image.index.v1+json, \
     application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.docker.distribution.manifest.v2+json";

/// All variants of the recording; those with a probe come first, in the order of our report.
pub const VARIANTS: [Variant; 18] = [
    variant("v1+json", Some("docker-v1"), &[DOCKER_V1]),
    variant("v1+prettyjws", Some("docker-v1-signed"), &[DOCKER_V1_SIGNED]),
    variant("v2+json", Some("docker-v2"), &[DOCKER_V2]),
    variant("list.v2", Some("docker-list"), &[DOCKER_LIST]),
    variant("oci.manifest", Some("oci-manifest"), &[OCI_MANIFEST]),
    variant("oci.index", Some("oci-index"), &[OCI_INDEX]),
    variant("docker config", Some("docker-config"), &[DOCKER_CONFIG]),
    variant("oci config", Some("oci-config"), &[OCI_CONFIG]),
    variant("application/json", Some("json"), &["application/json"]),
    variant("*/*", Some("any"), &["*/*"]),
    variant("none", Some("none"), &[]),
    variant("all", Some("all"), &[ALL_CURRENT_TYPES]),
    variant(
        "v2,list",
        None,
        &["application/vnd.docker.distribution.manifest.v2+json,\
           application/vnd.docker.distribution.manifest.list.v2+json"],
    ),
    variant("oci both", None, &["application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json"]),
    variant("text/html", None, &["text/html"]),
    variant("application/*", None, &["application/*"]),
    variant("v2;q=0.5", None, &["application/vnd.docker.distribution.manifest.v2+json;q=0.5"]),
    variant("two headers s2+list", None, &[DOCKER_V2, DOCKER_LIST]),
];

/// The variants that our report has a probe for, in its order.
pub fn probes() -> impl Iterator<Item = (&'static str, &'static Variant)> {
    VARIANTS.iter().filter_map(|variant| variant.probe.map(|id| (id, variant)))
}

/// One row of the matrix: one kind of content, asked for in one way.
pub struct Row {
    pub content: String,
    /// By digest, or else by tag.
    pub by_digest: bool,
    answers: Vec<(Vec<String>, Recorded)>,
}

/// What the registry answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// A document was served.
    Served {
        /// Its full media type.
        media_type: String,
        /// Whether the `Docker-Content-Digest` is that of the stored document.
        stored_digest: bool,
        /// Whether the bytes of the body have that digest too; those of a signed Docker v1 manifest never do.
        body_has_digest: bool,
    },
    /// An error was answered.
    Refused { status: u16, code: String, message: String },
}

impl Recorded {
    /// Whether the registry converted the image to the oldest format.
    pub fn is_docker_v1(&self) -> bool {
        matches!(self, Self::Served { media_type, .. } if media_type == DOCKER_V1_SIGNED)
    }
}

impl Row {
    /// The recorded answer to this variant.
    pub fn answer(&self, variant: &Variant) -> &Recorded {
        let named = |names: &Vec<String>| names.iter().any(|name| name == variant.recorded_name);
        let found = self.answers.iter().find(|(names, _)| named(names));
        &found.unwrap_or_else(|| panic!("{} has no {:?}", self.content, variant.recorded_name)).1
    }

    /// The probes that were answered alike, as groups: the registry gave each group one answer.
    pub fn probes_by_answer(&self) -> Vec<Vec<&'static str>> {
        let ids = |names: &[String]| -> Vec<&'static str> {
            probes()
                .filter(|(_, variant)| names.iter().any(|name| name == variant.recorded_name))
                .map(|(id, _)| id)
                .collect()
        };
        self.answers.iter().map(|(names, _)| ids(names)).filter(|group| !group.is_empty()).collect()
    }
}

/// The whole recording.
pub fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut answer = None;
    for line in RECORDING.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            let (content, way) = title.split_once(" by ").expect("a title: CONTENT by WAY");
            rows.push(Row { content: content.to_owned(), by_digest: way == "digest", answers: Vec::new() });
        } else if let Some(names) = line.trim_start().strip_prefix("<= ") {
            let names = names.split(", ").map(str::to_owned).collect();
            let row = rows.last_mut().expect("a title before the first answer");
            row.answers.push((names, answer.take().expect("an answer before the names that got it")));
        } else {
            answer = Some(parse_answer(line.trim()));
        }
    }
    rows
}

/// The row of this content, by digest or by tag.
pub fn row(content: &str, by_digest: bool) -> Row {
    let found = rows().into_iter().find(|row| row.content == content && row.by_digest == by_digest);
    found.unwrap_or_else(|| panic!("the recording has no {content:?}"))
}

/// Reads a line such as `200 ct=docker.v2+json dcd=same len=522 bodydigest===hdr schemaVersion=2 | HEAD 200 cl=522`.
fn parse_answer(line: &str) -> Recorded {
    let status = line.split(' ').next().and_then(|status| status.parse().ok()).expect("a status");
    if status != 200 {
        let (body, _) = line[line.find('{').expect("an error body")..].split_once(" | HEAD").expect("the HEAD part");
        let body: serde_json::Value = serde_json::from_str(body).expect("the errors as JSON");
        let text = |field: &str| body["errors"][0][field].as_str().expect("a text").to_owned();
        return Recorded::Refused { status, code: text("code"), message: text("message") };
    }
    let field = |name: &str| {
        let found = line.split(' ').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        found.unwrap_or_else(|| panic!("no {name} in {line:?}"))
    };
    Recorded::Served {
        media_type: full_media_type(field("ct")).to_owned(),
        stored_digest: field("dcd") == "same",
        body_has_digest: field("bodydigest") == "==hdr",
    }
}

fn full_media_type(short: &str) -> &'static str {
    match short {
        "docker.v1+prettyjws" => DOCKER_V1_SIGNED,
        "docker.v2+json" => DOCKER_V2,
        "docker.list.v2+json" => DOCKER_LIST,
        "oci.manifest.v1+json" => OCI_MANIFEST,
        "oci.index.v1+json" => OCI_INDEX,
        _ => panic!("the recording names an unknown type: {short:?}"),
    }
}

#[test]
fn the_recording_answers_every_variant_for_all_content_in_both_ways() {
    use super::content::RECORDED_NAMES;
    let rows = rows();
    assert_eq!(rows.len(), 2 * RECORDED_NAMES.len());
    for (row, (name, by_digest)) in
        rows.iter().zip(RECORDED_NAMES.iter().flat_map(|name| [(name, false), (name, true)]))
    {
        assert_eq!((row.content.as_str(), row.by_digest), (*name, by_digest));
        for variant in &VARIANTS {
            row.answer(variant);
        }
        assert_eq!(row.probes_by_answer().concat().len(), 12, "every probe gets exactly one answer");
    }
}
