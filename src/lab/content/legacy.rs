//! Images in the formats from before 2016, and one of 2018.

use serde_json::{Value, json};

use super::document::{Artifact, Blob, digest_of};
use super::images::{DOCKER, manifest};
use super::layer::Layer;
use super::platform::AMD64;
use crate::lab::schema1;
use crate::oci::media_type::DOCKER_V1_SIGNED;

/// A Docker schema 1 image with its signature, as Docker 1.6 pushed it: every step with the config after it
/// (distribution, docs/spec/manifest-v2-1.md). Its name and tag are `legacy/greeting:1.0`.
///
/// The signature is new in every run. The digest does not cover it.
pub(super) fn schema1_signed() -> Artifact {
    let layer = Layer::with_greeting("Hello from linux/amd64.\n").blob();
    let empty = Blob::new(schema1::EMPTY_LAYER_BYTES);
    let id = |step: &str| digest_of(step.as_bytes()).trim_start_matches("sha256:").to_owned();
    let settings = json!({ "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "GREETING=hello"], "Cmd": ["/greeting"] });
    let step = |name: &str, parent: Option<&str>, command: &str, config: Value| {
        let mut step = json!({ "id": id(name) });
        if let Some(parent) = parent {
            step["parent"] = json!(id(parent));
        }
        step["created"] = json!("2015-04-01T12:00:00Z");
        step["container_config"] = json!({ "Cmd": ["/bin/sh", "-c", command] });
        step["docker_version"] = json!("1.6.0");
        step["config"] = config;
        step["architecture"] = json!("amd64");
        step["os"] = json!("linux");
        json!({ "v1Compatibility": format!("{step}\n") })
    };
    let document = json!({
        "schemaVersion": 1,
        "name": "legacy/greeting",
        "tag": "1.0",
        "architecture": "amd64",
        "fsLayers": [{ "blobSum": empty.digest }, { "blobSum": layer.digest }],
        "history": [
            step("command", Some("greeting"), "#(nop) CMD [\"/greeting\"]", settings),
            step("greeting", None, "#(nop) COPY file:greeting in /greeting", json!({})),
        ],
    });
    let signed = schema1::sign(&document).expect("random numbers for a key, which every connection needs too");
    Artifact { digest: signed.digest, ..Artifact::of_bytes(DOCKER_V1_SIGNED, signed.bytes) }.with_blobs([layer, empty])
}

/// A build step: its command, and the file that it created, if any.
struct BuildStep(&'static str, Option<&'static str>);

/// The build of the image in the scenario `gcr-deepvariant` (google/deepvariant, deepvariant/docker/Dockerfile), on top
/// of the build of Ubuntu 16.04. Each file has a placeholder as content, and long commands are cut.
const STEPS: [BuildStep; 14] = [
    BuildStep("/bin/sh -c #(nop) ADD file:ubuntu-xenial-core-cloudimg-amd64-root.tar.gz in / ", Some("etc/os-release")),
    BuildStep("/bin/sh -c set -xe && echo '#!/bin/sh' > /usr/sbin/policy-rc.d", Some("usr/sbin/policy-rc.d")),
    BuildStep("/bin/sh -c rm -rf /var/lib/apt/lists/*", Some("var/lib/apt/.wh.lists")),
    BuildStep(
        "/bin/sh -c sed -i 's/^#\\s*\\(deb.*universe\\)$/\\1/g' /etc/apt/sources.list",
        Some("etc/apt/sources.list"),
    ),
    BuildStep(
        "/bin/sh -c mkdir -p /run/systemd && echo 'docker' > /run/systemd/container",
        Some("run/systemd/container"),
    ),
    BuildStep("/bin/sh -c #(nop)  CMD [\"/bin/bash\"]", None),
    BuildStep("/bin/sh -c #(nop)  ARG DV_GPU_BUILD=0", None),
    BuildStep("/bin/sh -c #(nop)  ENV DV_GPU_BUILD=0", None),
    BuildStep("|1 DV_GPU_BUILD=0 /bin/sh -c #(nop) ADD multi:README.txt,LICENSE,AUTHORS in / ", Some("LICENSE")),
    BuildStep("|1 DV_GPU_BUILD=0 /bin/sh -c mkdir -p /opt/deepvariant/bin", Some("opt/deepvariant/bin/.keep")),
    BuildStep(
        "/bin/sh -c #(nop) ADD multi:settings.sh,run-prereq.sh in /tmp/deepvariant_docker/ ",
        Some("tmp/settings.sh"),
    ),
    BuildStep("|1 DV_GPU_BUILD=0 /bin/sh -c ./run-prereq.sh && apt-get install -y parallel", Some("usr/bin/parallel")),
    BuildStep(
        "/bin/sh -c #(nop) ADD multi:make_examples.zip,call_variants.zip in /opt/deepvariant/bin/ ",
        Some("opt/bin.zip"),
    ),
    BuildStep(
        "|1 DV_GPU_BUILD=0 /bin/sh -c chmod +x /opt/deepvariant/bin/*",
        Some("opt/deepvariant/bin/make_examples"),
    ),
];

/// The image of the scenario `gcr-deepvariant`: Docker v2, with many steps, and with settings in its config only.
pub(super) fn deepvariant() -> Artifact {
    let layers: Vec<_> = STEPS.iter().filter_map(|step| Some(Layer::with_file(step.1?, step.0))).collect();
    let diff_ids: Vec<_> = layers.iter().map(|layer| layer.diff_id.as_str()).collect();
    let history = STEPS.iter().enumerate().map(|(number, BuildStep(command, file))| {
        let mut step = json!({ "created": format!("2018-02-13T20:{number:02}:00Z"), "created_by": command });
        if file.is_none() {
            step["empty_layer"] = json!(true);
        }
        step
    });
    let settings = json!({
        "Hostname": "",
        "Domainname": "",
        "User": "",
        "AttachStdin": false,
        "AttachStdout": false,
        "AttachStderr": false,
        "Tty": false,
        "OpenStdin": false,
        "StdinOnce": false,
        "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "DV_GPU_BUILD=0"],
        "Cmd": ["/bin/bash"],
        "ArgsEscaped": true,
        "Volumes": null,
        "WorkingDir": "",
        "Entrypoint": null,
        "OnBuild": null,
        "Labels": {},
    });
    let mut config = Value::Object(AMD64.fields());
    config["config"] = settings;
    config["created"] = json!("2018-02-13T20:13:00Z");
    config["docker_version"] = json!("17.05.0-ce");
    config["history"] = history.collect();
    config["rootfs"] = json!({ "type": "layers", "diff_ids": diff_ids });
    let blobs: Vec<_> = layers.iter().map(Layer::blob).collect();
    let descriptors: Vec<_> = blobs.iter().map(|blob| blob.descriptor(DOCKER.layer)).collect();
    manifest(&DOCKER, Blob::new(config.to_string()), &descriptors).with_blobs(blobs)
}
