//! `tutorial`: the story that this program began with, told by doing it again in the lab.
//!
//! A night in 2018: a client pulled an image and printed `ERROR Beep boop! Not Found: 404`. The registry had the image, and
//! had even said what was wrong. Each step is a command that the reader types, or takes with Enter.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::{CONFIG, CommandError, CommandSpec, EXPLAIN, Group, MANIFEST, Output, Overview};
use crate::diagnosis::{CommandLine, ExitStatus};
use crate::report::{Block, Form, Label, Layout, Published, Span, plain};
use crate::session::{LabChoice, Logins};
use crate::shell::error::ShellError;
use crate::shell::state::{State, Walk};

/// The description of `tutorial`.
#[cfg_attr(not(feature = "lab"), expect(dead_code, reason = "it leads through the lab"))]
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Rest, at: (0, 0), usage: "tutorial", about: "a guided walk" }),
    examples: &[("tutorial", "from the beginning; any command can be tried on the way")],
    forms: &[Published::of::<WrittenWalk>()],
    ..CommandSpec::named("tutorial")
};

/// What `tutorial` is told.
#[derive(Debug, Args)]
pub(in crate::shell) struct TutorialArguments {
    /// stop: leave the walk before its end
    #[arg(value_name = "stop", value_parser = ["stop"])]
    stop: Option<String>,
}

/// One step: what is said before it, and the command.
struct Lesson {
    title: &'static str,
    words: &'static str,
    command: &'static str,
}

/// The walk.
const STEPS: [Lesson; 12] = [
    Lesson {
        title: "Not found",
        words: "It is 2018. A client pulls an image and prints `ERROR Beep boop! Not Found: 404`. It has asked for the old \
                kind of manifest, docker v1, because entrypoint and environment are in there. Ask as it did.",
        command: "get https://gcr.io/v2/deepvariant-docker/deepvariant/manifests/0.5.0 --accept docker-v1",
    },
    Lesson {
        title: "Read the error in full",
        words: "404, and yet the body says that there is a manifest: of another type than the client accepts. Nobody saw \
                that, because the client only printed the number. What does the code mean?",
        command: EXPLAIN.name,
    },
    Lesson {
        title: "Every Accept header",
        words: "So the answer depends on the Accept header. Which one gets what? `probe` sends all twelve that clients use. A \
                reference alone does the same.",
        command: "gcr.io/deepvariant-docker/deepvariant:0.5.0",
    },
    Lesson {
        title: "The media type that is stored",
        words: "Only who names docker v2 is served. The prompt now says where you are and how the last request went. \
                Commands without an argument speak of this place.",
        command: MANIFEST.name,
    },
    Lesson {
        title: "Look into it",
        words: "The layers are there, but neither entrypoint nor environment. There is a `config`, with a media type and a \
                digest. `query` looks into the last body.",
        command: "query $.config.digest",
    },
    Lesson {
        title: "The config is not a manifest",
        words: "The client asked for that digest as a manifest, with the config's own type. A beginning of the digest is \
                enough here, because it was seen before.",
        command: "get manifests/sha256:4a7b3c1e31bd --accept docker-config",
    },
    Lesson {
        title: "It is a blob",
        words: "404 again, and the rule that explains it has its name below the answer. The same digest, asked for as a \
                blob, is what was missing all night.",
        command: CONFIG.name,
    },
    Lesson {
        title: "What was said so far",
        words: "Every exchange was kept. `show 1` prints one in full, `headers 1 3` puts some side by side, `curl 1` repeats \
                one outside.",
        command: super::session::SPEC.name,
    },
    Lesson {
        title: "Authentication",
        words: "Other registries want a token first, even for public images. Ask one for its tags, and look at what was \
                exchanged for that.",
        command: "tags ghcr.io/example/greeting:1.0",
    },
    Lesson {
        title: "A challenge, and its answer",
        words: "A 401 with a challenge, a token from the realm that it named, and the same request again. It is all in the \
                session, with the token taken out.",
        command: "session 3",
    },
    Lesson {
        title: "Lists and platforms",
        words: "A tag need not be an image. Most are lists, with an image for each platform.",
        command: "platforms ghcr.io/example/greeting:1.0",
    },
    Lesson { title: "One of them", words: "Entries of the last list have numbers.", command: "manifest 1" },
];

/// The walk.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenWalk {
    /// Its steps.
    steps: Vec<WrittenStep>,
}

impl Form for WrittenWalk {
    const NAME: &'static str = "tutorial";
    const TITLE: &'static str = "tutorial";
}

/// One step.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenStep {
    /// Its title.
    title: &'static str,
    /// The command that it proposes.
    command: &'static str,
}

impl WrittenStep {
    fn of(step: &Lesson) -> Self {
        Self { title: step.title, command: step.command }
    }
}

impl TutorialArguments {
    pub fn run(&self, state: &mut State, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
        if self.stop.is_some() {
            leave(state);
            return Ok(ExitStatus::Success);
        }
        let mut document = Layout::new();
        if !state.is_interactive {
            // Nobody is there to walk with: this is what it would be.
            for (number, step) in STEPS.iter().enumerate() {
                document.extend(introduction(number).into_iter().flatten());
                document.push(Block::Command { command: CommandLine::ours(step.command), purpose: String::new() });
            }
        } else if let Some(walk) = &mut state.walk {
            walk.step = 0;
        } else {
            state.walk = Some(Walk { step: 0, settings: state.settings.clone(), current: state.current.take() });
            (state.settings.logins, state.settings.bound) = (Logins::default(), Vec::new());
            state.settings.lab = Some(LabChoice::ByReference);
        }
        let words = "Everything happens in the lab, inside this program; nothing leaves this machine. Enter takes the command \
                     that is proposed; any other can be typed as well. `tutorial stop` ends the walk.";
        let json = WrittenWalk { steps: STEPS.iter().map(WrittenStep::of).collect() }.to_json();
        document.insert(0, Block::Text(vec![plain(words)]));
        output.document(&document, &json).map_err(CommandError::from)?;
        Ok(ExitStatus::Success)
    }
}

/// What is said before a step.
pub(in crate::shell) fn introduction(number: usize) -> Option<Layout> {
    let step = STEPS.get(number)?;
    let head = format!("{} of {}  {}", number + 1, STEPS.len(), step.title);
    Some(vec![Block::Gap, Block::Text(vec![Span::new(head, Label::Strong)]), Block::Text(vec![plain(step.words)])])
}

/// The command of a step.
pub(in crate::shell) fn proposed(number: usize) -> Option<&'static str> {
    STEPS.get(number).map(|step| step.command)
}

/// What is said at the end.
pub(in crate::shell) fn farewell() -> Layout {
    vec![
        Block::Gap,
        Block::Text(vec![Span::new("That was the walk.", Label::Strong)]),
        Block::Text(vec![plain(
            "The night of 2018 came down to two things that the registry had said all along: ask for the type that is \
             stored, and ask for the config as a blob. Try your own image now: `probe` and its name.",
        )]),
    ]
}

/// Goes back to where the walk began.
pub(in crate::shell) fn leave(state: &mut State) {
    if let Some(walk) = state.walk.take() {
        state.settings = walk.settings;
        state.current = walk.current;
        state.shown = None;
        state.list.entries.clear();
    }
}
