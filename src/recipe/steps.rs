//! The history of an image as build steps. Each tool that builds images writes its instructions in a way of its own.

use crate::image::{Descriptor, ImageConfig};
use crate::text::Untrusted;

/// The instructions of a Dockerfile (Dockerfile reference).
const INSTRUCTIONS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// The default shells of builders, as they are before the command of `RUN`.
const SHELLS: [&str; 2] = ["/bin/sh -c ", "cmd /S /C "];
/// What the classic builder and Buildah put before an instruction that runs nothing.
const NOTHING_RUN: &str = "#(nop)";
/// What BuildKit puts after each instruction.
const BUILDKIT: &str = "# buildkit";

/// A build step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The instruction, reconstructed; `None` if the text in the history is not one of a known builder.
    pub instruction: Option<Untrusted>,
    /// The build arguments before the command of `RUN`; empty if there are none.
    pub arguments: Untrusted,
    /// The text in the history.
    pub created_by: Untrusted,
    /// Whether it made no layer.
    pub is_empty: bool,
    /// The layer that it made, by its position in the manifest; `None` if it made none, or the history does not match the
    /// layers.
    pub layer: Option<usize>,
}

/// The build steps in the history of a config, the first one first. `layers` are those of its manifest.
pub fn steps(config: &ImageConfig, layers: &[Descriptor]) -> Vec<Step> {
    let history = config.history();
    let fits = history.iter().filter(|step| !step.is_empty).count() == layers.len();
    let mut next = 0;
    let steps = history.into_iter().map(|step| {
        let layer = (fits && !step.is_empty).then_some(next);
        next += usize::from(layer.is_some());
        let (instruction, arguments) = instruction(step.created_by.as_str());
        Step {
            instruction: instruction.map(Untrusted::new),
            arguments: Untrusted::new(arguments),
            created_by: step.created_by,
            is_empty: step.is_empty,
            layer,
        }
    });
    steps.collect()
}

/// The instruction, and its build arguments.
fn instruction(created_by: &str) -> (Option<String>, String) {
    let text = created_by.trim();
    // BuildKit: `CMD ["sh"]`, and `RUN /bin/sh -c make # buildkit`.
    let text = text.strip_suffix(BUILDKIT).unwrap_or(text).trim_end();
    let run = text.strip_prefix("RUN ");
    let (arguments, command) = without_arguments(run.unwrap_or(text));
    let in_a_shell = SHELLS.iter().find_map(|shell| command.strip_prefix(shell));
    // The classic builder: `/bin/sh -c #(nop)  CMD ["sh"]`.
    if let Some(nothing_run) = in_a_shell.unwrap_or(command).strip_prefix(NOTHING_RUN) {
        return (known(nothing_run.trim()), arguments.to_owned());
    }
    match in_a_shell.or(run.map(|_| command)) {
        Some(command) => (Some(format!("RUN {}", command.trim())), arguments.to_owned()),
        None => (known(text), String::new()),
    }
}

/// The text, if it begins with the name of an instruction.
fn known(text: &str) -> Option<String> {
    let name = text.split_whitespace().next()?;
    INSTRUCTIONS.contains(&name).then(|| text.to_owned())
}

/// `|2 A=1 B=2 /bin/sh -c make`: the number of build arguments and the arguments, which may have spaces, so they end where
/// the shell begins.
fn without_arguments(command: &str) -> (&str, &str) {
    let counted = command.strip_prefix('|').and_then(|rest| rest.split_once(' '));
    let Some((count, rest)) = counted else { return ("", command) };
    if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return ("", command);
    }
    let start = SHELLS.iter().filter_map(|shell| rest.find(shell)).min();
    match start.map(|start| rest.split_at(start)) {
        Some((arguments, command)) => (arguments.trim(), command),
        None => ("", command),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// As builders write them: Docker 1.13 to 20.10 (classic), BuildKit, Buildah, Bazel and buildpacks.
    #[test]
    fn instruction_is_reconstructed_from_each_builder() {
        for (created_by, expected, arguments) in [
            ("/bin/sh -c #(nop)  CMD [\"bash\"]", Some("CMD [\"bash\"]"), ""),
            ("/bin/sh -c #(nop) ADD file:1be3 in / ", Some("ADD file:1be3 in /"), ""),
            (
                "/bin/sh -c apt-get update && apt-get -y install curl",
                Some("RUN apt-get update && apt-get -y install curl"),
                "",
            ),
            ("|1 DV_GPU_BUILD=0 /bin/sh -c mkdir -p /opt", Some("RUN mkdir -p /opt"), "DV_GPU_BUILD=0"),
            ("|2 A=1 2 B= /bin/sh -c make", Some("RUN make"), "A=1 2 B="),
            ("|1 A=1 /bin/sh -c #(nop) ADD multi:b in / ", Some("ADD multi:b in /"), "A=1"),
            ("RUN /bin/sh -c make # buildkit", Some("RUN make"), ""),
            ("RUN |1 V=3 /bin/sh -c make # buildkit", Some("RUN make"), "V=3"),
            ("RUN /bin/bash -o pipefail -c a | b # buildkit", Some("RUN /bin/bash -o pipefail -c a | b"), ""),
            ("COPY /src /app # buildkit", Some("COPY /src /app"), ""),
            ("ENV PATH=/usr/bin", Some("ENV PATH=/usr/bin"), ""),
            ("WORKDIR /app", Some("WORKDIR /app"), ""),
            ("cmd /S /C #(nop) USER ContainerUser", Some("USER ContainerUser"), ""),
            ("cmd /S /C dir", Some("RUN dir"), ""),
            ("/bin/sh -c #(nop) COPY dir:ab in /x # a comment", Some("COPY dir:ab in /x # a comment"), ""),
            ("bazel build //:image", None, ""),
            ("Buildpacks Launcher Config", None, ""),
            ("", None, ""),
            ("/bin/sh -c #(nop) whatever", None, ""),
            ("|x A=1 /bin/sh -c make", None, ""),
            ("|9999999999999999999999", None, ""),
        ] {
            let (found, with) = instruction(created_by);
            assert_eq!((found.as_deref(), with.as_str()), (expected, arguments), "{created_by}");
        }
    }

    #[test]
    fn layers_are_named_only_if_the_history_matches() {
        let history = json!({ "history": [
            { "created_by": "ADD a /" }, { "created_by": "CMD [\"a\"]", "empty_layer": true }, { "created_by": "COPY b /" },
        ] });
        let config = ImageConfig::read(history.to_string().as_bytes()).unwrap();
        let manifest = |count: usize| {
            let layers = vec![json!({ "digest": "sha256:00", "size": 1 }); count];
            crate::image::Manifest::read(json!({ "layers": layers }).to_string().as_bytes()).unwrap().layers()
        };
        let layers = |count| steps(&config, &manifest(count)).into_iter().map(|step| step.layer).collect::<Vec<_>>();
        assert_eq!(layers(2), [Some(0), None, Some(1)]);
        assert_eq!(layers(3), [None, None, None], "a step would be attributed to the wrong layer");
    }
}
