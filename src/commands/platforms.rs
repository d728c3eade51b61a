//! `platforms`: the platforms of a reference.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::envelope::{Envelope, Fetched};
use super::{CommandError, CommandSpec, EntryKind, Exchanges, FROM, Group, Output, Overview, Shown, fetched};
use crate::diagnosis::ExitStatus;
use crate::diagnosis::content::{chosen, is_for_running, serves};
use crate::evidence::{Method, Query};
use crate::image::{Descriptor, ListedPlatform, Manifest as Manifests};
use crate::oci::media_type;
use crate::report::{Block, Cell, Column, Label, Published, Row, Span, Table, short_digest};
use crate::session::Session;
use crate::text::Untrusted;

/// The description of `platforms`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Content,
        at: (1, 0),
        usage: "platforms",
        about: "lists with numbered entries: manifest 3",
    }),
    one_shot: &[("ociscope platforms alpine:3.20", ""), ("ociscope platforms --json alpine:3.20", "for a program")],
    examples: &[("platforms", "of the current image"), ("platforms :0.5.0", "of another tag")],
    by_platform: true,
    takes: Some(EntryKind::Manifest),
    shown,
    forms: &[Published::of::<Envelope<WrittenPlatforms>>()],
    asks_a_registry: true,
    ..CommandSpec::named("platforms")
};

/// The arguments of `platforms`.
#[derive(Debug, Args)]
pub struct PlatformsArguments {
    /// Image reference
    #[arg(value_name = "REF", required_unless_present = FROM)]
    pub(super) reference: Option<String>,
}

/// An entry of an index: an image, or an attestation.
struct Listed {
    descriptor: Descriptor,
    /// Whether a client for the requested platform selects it.
    is_wanted: bool,
}

impl PlatformsArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let mut conversation = fetched::begin(session, self.reference.as_deref()).await?;
        let root = conversation.answer(&Query::manifest(Method::Get, &[])).await?;
        let wanted = session.platform();
        let observation = conversation.journal().observation(root).cloned();
        let index = observation
            .as_ref()
            .filter(|observation| observation.is_index() && conversation.journal().get(root).is_success())
            .and_then(|observation| observation.document.as_ref());
        let mut in_manifest = false;
        let (listed, answer) = match index {
            Some(index) => {
                let entries = index.manifests();
                let taken = chosen(&entries, wanted).map(|entry| entry.digest.clone());
                let is_wanted = |entry: &Descriptor| taken.as_ref() == Some(&entry.digest) && is_for_running(entry);
                let listed =
                    entries.into_iter().map(|descriptor| Listed { is_wanted: is_wanted(&descriptor), descriptor });
                (listed.collect::<Vec<_>>(), root)
            }
            None => {
                let found = match conversation.image_of(root).await? {
                    Ok(image) => conversation.config(&image).await?.map(|(answer, _, config)| (answer, config)),
                    Err(stopped) => match conversation.schema1(&stopped) {
                        Some(manifest) => Ok((stopped.at, manifest.config)),
                        None => Err(stopped),
                    },
                };
                let (answer, config) = match found {
                    Ok(found) => found,
                    Err(stopped) => return fetched::stopped::<WrittenPlatforms>(&conversation, &stopped, output),
                };
                in_manifest = answer == root;
                let platform = config.platform();
                let is_wanted = platform.as_ref().is_some_and(|platform| serves(platform, wanted));
                let digest = observation.as_ref().and_then(|observation| observation.digest());
                let descriptor = Descriptor {
                    media_type: observation.as_ref().map(|observation| observation.served.clone()).unwrap_or_default(),
                    digest: digest.map(|digest| Untrusted::new(digest.to_string())).unwrap_or_default(),
                    size: observation.as_ref().and_then(|observation| observation.size),
                    urls: Vec::new(),
                    platform,
                    artifact_type: None,
                    attestation: false,
                    attests: None,
                    faults: Vec::new(),
                };
                (vec![Listed { descriptor, is_wanted }], answer)
            }
        };
        let written = WrittenPlatforms {
            index: index.is_some(),
            wanted: wanted.to_string(),
            platforms: listed.iter().map(WrittenPlatform::of).collect(),
        };
        let object = fetched::object(&conversation, answer, written);

        let mut redactor = conversation.redactor();
        let mut document = fetched::titled(&conversation);
        let words = about(&listed, index.is_some());
        document.push(Block::Text(vec![Span::new(words, Label::Strong)]));
        document.extend(in_manifest.then(fetched::config_is_in_the_manifest));
        document.push(Block::Table(table(&listed)));
        if !listed.iter().any(|one| one.is_wanted) {
            let words = format!("No entry is for {wanted}.");
            document.push(Block::Text(vec![Span::new(words, Label::Caution)]));
        }
        document.push(fetched::request_line(&conversation, answer, None, &mut redactor));
        output.fetched(&document, &object, &mut redactor)?;
        Ok(ExitStatus::Success)
    }
}

/// `an index with 2 images and 2 attestations or other entries`
fn about(listed: &[Listed], is_index: bool) -> String {
    if !is_index {
        return "one image, for one platform".to_owned();
    }
    let images = listed.iter().filter(|one| is_for_running(&one.descriptor)).count();
    let entries = if images == 1 { "1 image".to_owned() } else { format!("{images} images") };
    match listed.len() - images {
        0 => format!("an index with {entries}"),
        1 => format!("an index with {entries} and 1 entry that is not an image"),
        others => format!("an index with {entries} and {others} entries that are not images"),
    }
}

/// The entries of the index, or the one image.
fn shown(exchanges: &Exchanges<'_>) -> Shown {
    let entries = exchanges.last_with(Manifests::manifests);
    Shown::manifests(entries.or_else(|| Some(vec![Some(exchanges.reference()?.clone())])))
}

/// The platforms of a reference.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenPlatforms {
    /// Whether the reference is an index; otherwise it is one image.
    index: bool,
    /// The requested platform.
    wanted: String,
    /// The entries of the index in order, or the one image.
    platforms: Vec<WrittenPlatform>,
}

impl Fetched for WrittenPlatforms {
    const NAME: &'static str = "platforms";
    const TITLE: &'static str = "Output of `ociscope platforms REF --json`";
}

/// One entry.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenPlatform {
    /// The platform as text, such as linux/arm/v7; null if there is none.
    platform: Option<String>,
    /// The operating system.
    os: Option<String>,
    /// The architecture.
    architecture: Option<String>,
    /// The variant of the architecture.
    variant: Option<String>,
    /// The build of the operating system.
    os_version: Option<String>,
    /// The media type; empty if there is none.
    media_type: String,
    /// The digest; empty if there is none.
    digest: String,
    /// The size of the manifest in bytes.
    size: Option<u64>,
    /// Whether it is an attestation and not an image.
    attestation: bool,
    /// The digest of the image that the attestation is about.
    attests: Option<String>,
    /// Whether a client for the requested platform selects it.
    wanted: bool,
}

impl WrittenPlatform {
    fn of(one: &Listed) -> Self {
        let Descriptor { media_type, digest, size, platform, attests, .. } = &one.descriptor;
        let platform = platform.as_ref();
        let text = |text: &Untrusted| text.as_str().to_owned();
        Self {
            platform: platform.map(|platform| text(&platform.text())),
            os: platform.map(|platform| platform.os().to_owned()),
            architecture: platform.map(|platform| platform.architecture().to_owned()),
            variant: platform.and_then(ListedPlatform::variant).map(str::to_owned),
            os_version: platform.and_then(ListedPlatform::os_version).as_ref().map(text),
            media_type: text(media_type),
            digest: text(digest),
            size: *size,
            attestation: one.descriptor.attestation,
            attests: attests.as_ref().map(text),
            wanted: one.is_wanted,
        }
    }
}

fn table(listed: &[Listed]) -> Table {
    let columns = vec![
        Column::numbers("#"),
        Column::text("Platform"),
        Column::flexible("Type"),
        Column::text("Digest"),
        Column::numbers("Size"),
        Column::text(""),
    ];
    Table { columns, rows: listed.iter().zip(1..).map(row).collect() }
}

fn row((one, number): (&Listed, usize)) -> Row {
    let Descriptor { media_type, digest, size, platform, attestation, attests, .. } = &one.descriptor;
    let version = platform.as_ref().and_then(ListedPlatform::os_version);
    let version = version.map(|version| format!(" {}", version.printable_within(30))).unwrap_or_default();
    let name = platform.as_ref().map_or_else(|| "–".to_owned(), |platform| platform.text().printable_within(40));
    let kind = media_type::plain_words(&media_type::essence(media_type.as_str()));
    let kind = kind.map_or_else(|| media_type.printable_within(80), str::to_owned);
    let label = match (one.is_wanted, is_for_running(&one.descriptor)) {
        (true, _) => Label::Strong,
        (false, true) => Label::Plain,
        (false, false) => Label::Quiet,
    };
    let note = match (one.is_wanted, attestation, attests) {
        (true, ..) => "← selected".to_owned(),
        (_, true, Some(image)) => format!("attestation of {}", short_digest(image)),
        (_, true, None) => "attestation".to_owned(),
        _ => String::new(),
    };
    vec![
        Cell::new(number.to_string(), Label::Quiet),
        Cell::new(format!("{name}{version}"), label),
        Cell::new(kind, label),
        Cell::new(short_digest(digest), label),
        Cell::new(size.map_or_else(|| "–".to_owned(), |size| size.to_string()), label),
        Cell::new(note, if one.is_wanted { Label::Good } else { Label::Quiet }),
    ]
}
