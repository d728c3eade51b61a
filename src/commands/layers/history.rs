//! `layers --as commands`: the history of an image as build steps.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::listing::counted;
use crate::image::Descriptor;
use crate::recipe::Step;
use crate::report::{Block, Label, Layout, Span};
use crate::text::Untrusted;

/// The most characters of an instruction that are shown.
const INSTRUCTION: usize = 2000;

/// The steps, each below a comment with the layer that it made.
pub(super) fn build_steps(steps: &[Step], layers: &[Descriptor]) -> Layout {
    let remark = |words: &str| Block::Text(vec![Span::new(words, Label::Caution)]);
    if steps.is_empty() {
        return vec![remark("The config has no history.")];
    }
    let mut document = vec![remark(
        "Reconstructed from the history in the config, as its builder wrote it; this is not the Dockerfile.",
    )];
    let with_layer = steps.iter().filter(|step| !step.is_empty).count();
    if with_layer != layers.len() {
        let steps = counted(with_layer, "step", "steps");
        let layers = counted(layers.len(), "layer", "layers");
        document.push(remark(&format!(
            "The history has {steps} with a layer, the manifest {layers}: which made which is unknown."
        )));
    }
    let lines = steps.iter().enumerate().flat_map(|(at, step)| [about(at + 1, step, layers), instruction(step)]);
    document.push(Block::Code { language: "dockerfile", lines: lines.collect() });
    document
}

/// `# 3 · sha256:… · 850 bytes`
fn about(number: usize, step: &Step, layers: &[Descriptor]) -> String {
    let layer = step.layer.and_then(|layer| layers.get(layer));
    let layer = match layer {
        Some(layer) => {
            let size = layer.size.map_or_else(|| "size unknown".to_owned(), |size| format!("{size} bytes"));
            format!("{} · {size}", layer.digest.printable_within(140))
        }
        None if step.is_empty => "no layer".to_owned(),
        None => "layer unknown".to_owned(),
    };
    let arguments = match step.arguments.as_str() {
        "" => String::new(),
        _ => format!(" · build arguments: {}", step.arguments.printable_within(200)),
    };
    format!("# {number} · {layer}{arguments}")
}

/// The instruction on one line. A step of an unknown builder is a comment.
fn instruction(step: &Step) -> String {
    match (&step.instruction, step.created_by.as_str().trim()) {
        (Some(instruction), _) => instruction.printable_within(INSTRUCTION),
        (None, "") => "# The history does not say what made it.".to_owned(),
        (None, _) => format!("# Created by: {}", step.created_by.printable_within(INSTRUCTION)),
    }
}

/// A build step.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct WrittenStep {
    /// The instruction of a Dockerfile, reconstructed; null if the builder is not known.
    instruction: Option<String>,
    /// The build arguments of the instruction, as in the history; null if there are none.
    build_arguments: Option<String>,
    /// The text in the history.
    created_by: String,
    /// Whether the step made no layer.
    empty_layer: bool,
    /// The digest of the layer that it made; null if it made none, or the history does not match the layers.
    digest: Option<String>,
}

impl WrittenStep {
    /// A step, and the layers of its image.
    pub fn of(step: &Step, layers: &[Descriptor]) -> Self {
        let text = |text: &Untrusted| text.as_str().to_owned();
        Self {
            instruction: step.instruction.as_ref().map(text),
            build_arguments: Some(text(&step.arguments)).filter(|arguments| !arguments.is_empty()),
            created_by: text(&step.created_by),
            empty_layer: step.is_empty,
            digest: step.layer.and_then(|layer| layers.get(layer)).map(|layer| text(&layer.digest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{ImageConfig, Manifest};
    use crate::recipe::steps;
    use crate::text::cut_at_marks;
    use serde_json::json;

    fn lines(history: &serde_json::Value, layers: usize) -> (Vec<String>, Vec<String>) {
        let config = ImageConfig::read(json!({ "history": history }).to_string().as_bytes()).unwrap();
        let layers = vec![json!({ "digest": "sha256:ab", "size": 850 }); layers];
        let layers = Manifest::read(json!({ "layers": layers }).to_string().as_bytes()).unwrap().layers();
        let mut remarks = Vec::new();
        let mut code = Vec::new();
        for block in build_steps(&steps(&config, &layers), &layers) {
            match block {
                Block::Text(line) => remarks.push(line.into_iter().map(|span| span.text).collect()),
                Block::Code { lines, .. } => code.extend(lines.iter().map(|line| cut_at_marks(line))),
                other => panic!("{other:?}"),
            }
        }
        (remarks, code)
    }

    #[test]
    fn step_is_below_the_layer_that_it_made() {
        let history = json!([
            { "created_by": "/bin/sh -c #(nop) ADD file:a in / " },
            { "created_by": "/bin/sh -c #(nop)  CMD [\"sh\"]", "empty_layer": true },
            { "created_by": "|1 A=\u{1b}[2J /bin/sh -c make\n%post" },
            { "created_by": "a builder" }, {},
        ]);
        let (remarks, code) = lines(&history, 4);
        assert_eq!(remarks.len(), 1, "{remarks:?}");
        assert_eq!(
            code,
            [
                "# 1 · sha256:ab · 850 bytes",
                "ADD file:a in /",
                "# 2 · no layer",
                "CMD [\"sh\"]",
                "# 3 · sha256:ab · 850 bytes · build arguments: A=\\x1b[2J",
                "RUN make\\n%post",
                "# 4 · sha256:ab · 850 bytes",
                "# Created by: a builder",
                "# 5 · sha256:ab · 850 bytes",
                "# The history does not say what made it.",
            ]
        );
    }

    #[test]
    fn layer_is_unknown_where_the_history_does_not_match() {
        let (remarks, code) = lines(&json!([{ "created_by": "COPY a /" }]), 2);
        assert_eq!(
            remarks[1],
            "The history has 1 step with a layer, the manifest 2 layers: which made which is unknown."
        );
        assert_eq!(code, ["# 1 · layer unknown", "COPY a /"]);
        assert_eq!(lines(&json!([]), 2), (vec!["The config has no history.".to_owned()], Vec::new()));
    }
}
