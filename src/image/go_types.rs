//! The Go types that clients decode manifests, indexes and configs into, as a table.
//!
//! Nearly every registry client parses these documents with Go's `encoding/json`, which rejects a whole document if one
//! field has a JSON type that does not fit its Go type. The table lists for each field its Go type and the clients that
//! have it (image-spec, specs-go/v1; moby, daemon/internal/image and api/types/container; distribution 2.8, blobs.go
//! and manifest/manifestlist; containers/image, manifest/docker_schema2.go).

/// A client whose decoder has a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoReader {
    /// Docker Engine with its classic image store.
    Docker,
    /// Docker Engine 29 and later with its classic image store, which no longer accepts a string for a list of one.
    Docker29,
    /// containerd, with the kubelet, Docker's containerd store, nerdctl and BuildKit.
    Containerd,
    /// containers/image: Podman, Buildah, skopeo and CRI-O.
    ContainersImage,
}

use GoReader::{Containerd, ContainersImage, Docker, Docker29};

/// Every client.
const ALL: &[GoReader] = &[Docker, Containerd, ContainersImage];
/// Clients that know artifacts and embedded data (image-spec 1.1).
const OF_OCI_1_1: &[GoReader] = &[Containerd, ContainersImage];
/// Clients that decode Docker's manifests into OCI types.
const WITH_OCI_TYPES: &[GoReader] = &[Containerd];
/// Clients that decode more of a descriptor in Docker's manifests than Docker defined.
const WITH_FULL_DESCRIPTORS: &[GoReader] = &[Docker, Containerd];
/// Clients that know the fields of Docker's own configs.
const OF_DOCKER: &[GoReader] = &[Docker, ContainersImage];
/// Docker's classic store alone.
const DOCKER_ALONE: &[GoReader] = &[Docker];
/// Clients that reject a string for a list of strings in a field in which Docker once accepted both.
const STRICT_ABOUT_LISTS: &[GoReader] = &[Docker29, Containerd, ContainersImage];
/// Those among them that decode the fields of Docker's own configs.
const STRICT_ABOUT_DOCKER_LISTS: &[GoReader] = &[Docker29];

/// A Go type, as far as it decides which JSON it accepts. `null` leaves a value of any type unchanged.
#[derive(Debug, Clone, Copy)]
pub(super) enum GoType {
    /// `string`.
    Text,
    /// `int` and `int64`: a JSON number without fraction and exponent, within 64 bits.
    Integer,
    /// `bool`.
    Flag,
    /// `time.Time`: a string in RFC 3339 format.
    Time,
    /// `[]byte`: a base64 string.
    Base64,
    /// `struct{}`: any object.
    Empty,
    /// `[]string` in some clients, and a string or a list of strings in others; with the clients that reject a string.
    TextOrTexts(&'static [GoReader]),
    /// A struct, with its fields.
    Struct(&'static [GoField]),
    /// A slice.
    List(&'static GoType),
    /// A map from strings.
    Map(&'static GoType),
}

/// A field of a struct.
#[derive(Debug)]
pub(super) struct GoField {
    /// The name in JSON, which Go matches in any case.
    pub name: &'static str,
    /// Its type.
    pub kind: GoType,
    /// The clients that have the field; empty if it is unknown in this position.
    pub readers: &'static [GoReader],
    /// `true` if it decides which content an image has, or which image is selected.
    pub decides: bool,
}

/// A document type, by the Go types that clients decode it into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoDocument {
    /// An OCI image manifest.
    OciManifest,
    /// A Docker v2 manifest (schema 2).
    DockerManifest,
    /// An OCI image index.
    OciIndex,
    /// A Docker manifest list.
    DockerList,
    /// An image config.
    Config,
}

impl GoDocument {
    /// The fields of the struct that it is decoded into.
    pub(super) fn fields(self) -> &'static [GoField] {
        match self {
            Self::OciManifest => OCI_MANIFEST,
            Self::DockerManifest => DOCKER_MANIFEST,
            Self::OciIndex => OCI_INDEX,
            Self::DockerList => DOCKER_LIST,
            Self::Config => CONFIG,
        }
    }

    /// The fields that any manifest or index may have, schema 1 included, for documents of unknown type.
    pub(super) fn any() -> &'static [GoField] {
        ANY
    }

    /// The name of the document in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::OciManifest | Self::DockerManifest => "manifest",
            Self::OciIndex | Self::DockerList => "index",
            Self::Config => "config",
        }
    }
}

const fn field(name: &'static str, kind: GoType, readers: &'static [GoReader]) -> GoField {
    GoField { name, kind, readers, decides: false }
}

const fn deciding(name: &'static str, kind: GoType) -> GoField {
    GoField { name, kind, readers: ALL, decides: true }
}

use GoType::{Base64, Empty, Flag, Integer, List, Map, Struct, Text, TextOrTexts, Time};

const TEXTS: GoType = List(&Text);
const TEXT_MAP: GoType = Map(&Text);
const SET: GoType = Map(&Empty);

/// `v1.Platform`, with `features` of Docker's manifest lists for these clients.
const fn platform(features: &'static [GoReader]) -> [GoField; 6] {
    [
        deciding("architecture", Text),
        deciding("os", Text),
        deciding("os.version", Text),
        deciding("os.features", TEXTS),
        deciding("variant", Text),
        field("features", TEXTS, features),
    ]
}
const PLATFORM: &[GoField] = &platform(&[]);
const LISTED_IN_OCI: &[GoField] = &platform(DOCKER_ALONE);
const LISTED_IN_DOCKER: &[GoField] = &platform(OF_DOCKER);

/// A descriptor: the clients that decode its annotations, those that decode the fields of image-spec 1.1, and the
/// platform field of its position.
const fn descriptor(annotations: &'static [GoReader], of_1_1: &'static [GoReader], platform: GoField) -> [GoField; 8] {
    [
        deciding("mediaType", Text),
        deciding("digest", Text),
        deciding("size", Integer),
        field("urls", TEXTS, ALL),
        field("annotations", TEXT_MAP, annotations),
        field("data", Base64, of_1_1),
        platform,
        field("artifactType", Text, of_1_1),
    ]
}
const OCI_PART: GoType = Struct(&descriptor(ALL, OF_OCI_1_1, deciding("platform", Struct(PLATFORM))));
const OCI_ENTRY: GoType = Struct(&descriptor(ALL, OF_OCI_1_1, deciding("platform", Struct(LISTED_IN_OCI))));
const DOCKER_PART: GoType = Struct(&descriptor(
    WITH_FULL_DESCRIPTORS,
    WITH_OCI_TYPES,
    field("platform", Struct(PLATFORM), WITH_FULL_DESCRIPTORS),
));
const DOCKER_ENTRY: GoType =
    Struct(&descriptor(WITH_FULL_DESCRIPTORS, WITH_OCI_TYPES, deciding("platform", Struct(LISTED_IN_DOCKER))));

/// A manifest with these parts.
const fn manifest(
    part: &'static GoType,
    annotations: &'static [GoReader],
    of_1_1: &'static [GoReader],
) -> [GoField; 7] {
    [
        field("schemaVersion", Integer, ALL),
        deciding("mediaType", Text),
        field("artifactType", Text, of_1_1),
        deciding("config", *part),
        deciding("layers", List(part)),
        field("subject", *part, of_1_1),
        field("annotations", TEXT_MAP, annotations),
    ]
}
const OCI_MANIFEST: &[GoField] = &manifest(&OCI_PART, ALL, OF_OCI_1_1);
const DOCKER_MANIFEST: &[GoField] = &manifest(&DOCKER_PART, WITH_OCI_TYPES, WITH_OCI_TYPES);

/// An index with these entries.
const fn index(entry: &'static GoType, part: &'static GoType, of_1_1: &'static [GoReader]) -> [GoField; 6] {
    [
        field("schemaVersion", Integer, ALL),
        deciding("mediaType", Text),
        field("artifactType", Text, of_1_1),
        deciding("manifests", List(entry)),
        field("subject", *part, of_1_1),
        field("annotations", TEXT_MAP, of_1_1),
    ]
}
const OCI_INDEX: &[GoField] = &index(&OCI_ENTRY, &OCI_PART, OF_OCI_1_1);
const DOCKER_LIST: &[GoField] = &index(&DOCKER_ENTRY, &DOCKER_PART, WITH_OCI_TYPES);

/// The fields of all types above, and of schema 1.
const ANY: &[GoField] = &[
    field("schemaVersion", Integer, ALL),
    deciding("mediaType", Text),
    field("artifactType", Text, OF_OCI_1_1),
    deciding("config", OCI_PART),
    deciding("layers", List(&OCI_PART)),
    deciding("manifests", List(&OCI_ENTRY)),
    field("subject", OCI_PART, OF_OCI_1_1),
    field("annotations", TEXT_MAP, ALL),
    deciding("fsLayers", List(&Struct(&[deciding("blobSum", Text)]))),
    deciding("history", List(&Struct(&[deciding("v1Compatibility", Text)]))),
    deciding("architecture", Text),
];

/// `HealthcheckConfig`; durations are in nanoseconds.
const HEALTH_CHECK: &[GoField] = &[
    field("Test", TEXTS, OF_DOCKER),
    field("Interval", Integer, OF_DOCKER),
    field("Timeout", Integer, OF_DOCKER),
    field("StartPeriod", Integer, OF_DOCKER),
    field("StartInterval", Integer, OF_DOCKER),
    field("Retries", Integer, OF_DOCKER),
];

/// The runtime settings of a container, as Docker's struct has them; `spec` are the clients that read the fields that
/// image-spec has as well.
const fn run_config(spec: &'static [GoReader], lists: &'static [GoReader]) -> [GoField; 25] {
    [
        field("User", Text, spec),
        field("ExposedPorts", SET, spec),
        field("Env", TEXTS, spec),
        field("Entrypoint", TextOrTexts(lists), spec),
        field("Cmd", TextOrTexts(lists), spec),
        field("Volumes", SET, spec),
        field("WorkingDir", Text, spec),
        field("Labels", TEXT_MAP, spec),
        field("StopSignal", Text, spec),
        field("ArgsEscaped", Flag, spec),
        field("Healthcheck", Struct(HEALTH_CHECK), OF_DOCKER),
        field("OnBuild", TEXTS, OF_DOCKER),
        field("Shell", TextOrTexts(STRICT_ABOUT_DOCKER_LISTS), OF_DOCKER),
        field("StopTimeout", Integer, OF_DOCKER),
        field("Hostname", Text, OF_DOCKER),
        field("Domainname", Text, OF_DOCKER),
        field("AttachStdin", Flag, OF_DOCKER),
        field("AttachStdout", Flag, OF_DOCKER),
        field("AttachStderr", Flag, OF_DOCKER),
        field("Tty", Flag, OF_DOCKER),
        field("OpenStdin", Flag, OF_DOCKER),
        field("StdinOnce", Flag, OF_DOCKER),
        field("NetworkDisabled", Flag, OF_DOCKER),
        field("Image", Text, OF_DOCKER),
        field("MacAddress", Text, OF_DOCKER),
    ]
}
const RUN: &[GoField] = &run_config(ALL, STRICT_ABOUT_LISTS);
/// The container that an image was committed from, which only Docker's structs have.
const COMMITTED: &[GoField] = &run_config(OF_DOCKER, STRICT_ABOUT_DOCKER_LISTS);

const ROOT_FS: &[GoField] = &[field("type", Text, ALL), deciding("diff_ids", TEXTS)];
const STEP: &[GoField] = &[
    field("created", Time, ALL),
    field("created_by", Text, ALL),
    field("author", Text, ALL),
    field("comment", Text, ALL),
    field("empty_layer", Flag, ALL),
];
const CONFIG: &[GoField] = &[
    field("created", Time, ALL),
    field("author", Text, ALL),
    deciding("architecture", Text),
    deciding("os", Text),
    deciding("os.version", Text),
    deciding("os.features", TEXTS),
    deciding("variant", Text),
    field("config", Struct(RUN), ALL),
    deciding("rootfs", Struct(ROOT_FS)),
    field("history", List(&Struct(STEP)), ALL),
    field("id", Text, OF_DOCKER),
    field("parent", Text, OF_DOCKER),
    field("comment", Text, OF_DOCKER),
    field("container", Text, OF_DOCKER),
    field("container_config", Struct(COMMITTED), OF_DOCKER),
    field("docker_version", Text, OF_DOCKER),
    field("Size", Integer, OF_DOCKER),
];
