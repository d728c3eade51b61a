//! Which room may use which, and where the outside world may be touched.

use super::source::{Named, Read, Source};

/// A room, and those that it stands on. It may use them, and all that they may use.
struct Room {
    name: &'static str,
    stands_on: &'static [&'static str],
}

/// The rooms from the bottom up. What does something (`transport` to `probe`) and what judges (`diagnosis`, `report`)
/// do not know each other; they meet in `session` alone.
const ROOMS: [Room; 22] = [
    Room { name: "text", stands_on: &[] },
    Room { name: "oci", stands_on: &["text"] },
    Room { name: "knowledge", stands_on: &["oci"] },
    Room { name: "image", stands_on: &["knowledge"] },
    Room { name: "recipe", stands_on: &["image"] },
    Room { name: "evidence", stands_on: &["image"] },
    Room { name: "endpoint", stands_on: &["knowledge"] },
    Room { name: "transport", stands_on: &["evidence"] },
    Room { name: "auth", stands_on: &["transport"] },
    Room { name: "registry", stands_on: &["auth", "endpoint"] },
    Room { name: "probe", stands_on: &["registry"] },
    Room { name: "diagnosis", stands_on: &["evidence"] },
    Room { name: "recording", stands_on: &["auth", "diagnosis"] },
    Room { name: "comparison", stands_on: &["diagnosis"] },
    Room { name: "report", stands_on: &["diagnosis"] },
    Room { name: "explanation", stands_on: &["report"] },
    Room { name: "lab", stands_on: &["knowledge"] },
    Room { name: "session", stands_on: &["probe", "recording", "report", "lab"] },
    Room { name: "commands", stands_on: &["session", "explanation", "comparison", "recipe"] },
    Room { name: "cli", stands_on: &["commands"] },
    Room { name: "shell", stands_on: &["cli"] },
    Room { name: "main", stands_on: &["shell"] },
];

/// The rooms that a user's words and results go through. Together with two others they are the only ones that touch
/// the outside world, so that the rest can be run again from a recording, with the same result.
const APPLICATION: [&str; 6] = ["lab", "session", "commands", "cli", "shell", "main"];
const OUTSIDE: [&str; 2] = ["transport", "auth::credentials"];

/// A way to touch the outside world.
struct Effect {
    what: &'static str,
    /// Paths of the libraries; what is below them is meant too.
    paths: &'static [&'static str],
    /// What is below them and harmless.
    except: &'static [&'static str],
    macros: &'static [&'static str],
    /// The rooms that it is for; where none are named, the application and those of [`OUTSIDE`].
    rooms: &'static [&'static str],
}

const EFFECTS: [Effect; 5] = [
    Effect { what: "the environment", paths: &["std::env"], except: &["std::env::consts"], macros: &[], rooms: &[] },
    Effect { what: "the file system", paths: &["std::fs", "tokio::fs"], except: &[], macros: &[], rooms: &[] },
    Effect {
        what: "standard input and output",
        paths: &[
            "std::io::stdin",
            "std::io::stdout",
            "std::io::stderr",
            "std::io::Stdin",
            "std::io::Stdout",
            "std::io::Stderr",
            "tokio::io::stdin",
            "tokio::io::stdout",
            "tokio::io::stderr",
        ],
        except: &[],
        macros: &["print", "println", "eprint", "eprintln", "dbg"],
        rooms: &[],
    },
    Effect {
        what: "the clock",
        paths: &["std::time::Instant", "std::time::SystemTime", "std::time::UNIX_EPOCH"],
        except: &[],
        macros: &[],
        rooms: &[],
    },
    // For an answer, also of a credential helper, and for a command that was interrupted to say what it knows; and to tell
    // that one waits.
    Effect {
        what: "waiting",
        paths: &["tokio::time"],
        except: &[],
        macros: &[],
        rooms: &["transport", "shell", "cli", "auth::credentials", "commands::several"],
    },
];

/// Everything that these sources, which are those of `src`, do against the rules, as `file:line: what`.
pub fn violations(sources: &[Source]) -> Vec<String> {
    let read: Vec<_> = sources.iter().map(|source| (source, source.read())).collect();
    let tests: Vec<_> = read.iter().flat_map(|(_, read)| read.test_modules.clone()).collect();
    let mut found = declared_rooms(&read);
    for (source, read) in &read {
        let module = source.module();
        if tests.iter().any(|test| module.starts_with(test)) || source.path == "src/lib.rs" {
            continue;
        }
        let room = if source.path == "src/main.rs" { "main".to_owned() } else { module[0].clone() };
        // That it is none of ours was said where it is declared.
        let Some(room) = Room::named(&room) else { continue };
        let at = |line: usize, words: String| format!("{}:{line}: {words}", source.path);
        let mut here: Vec<(usize, String)> = Vec::new();
        here.extend(read.paths.iter().filter_map(|path| Some((path.line, room.refuses(path)?))));
        here.extend(read.paths.iter().filter_map(|path| Some((path.line, refused_effect(room, &module, path)?))));
        here.extend(read.macros.iter().filter_map(|(name, line)| {
            let effect = EFFECTS.iter().find(|effect| effect.macros.contains(&name.as_str()))?;
            Some((*line, effect.refusal(room, &module, &format!("{name}!"))?))
        }));
        here.sort();
        here.dedup();
        found.extend(here.into_iter().map(|(line, words)| at(line, words)));
    }
    found
}

/// What the facade gives to tests, fuzz targets and benchmarks: a module inside `lib.rs`, and not a room.
const INTERNALS: &str = "internals";

/// Whether `lib.rs` declares the rooms that are there, and no others than are known here.
fn declared_rooms(read: &[(&Source, Read)]) -> Vec<String> {
    let mut found = Vec::new();
    let Some((_, library)) = read.iter().find(|(source, _)| source.path == "src/lib.rs") else {
        return vec!["src/lib.rs: there is none".to_owned()];
    };
    for (name, line) in &library.modules {
        if Room::named(name).is_none() && name != INTERNALS {
            found.push(format!("src/lib.rs:{line}: the room `{name}` is not known in {}", file!()));
        }
    }
    for (source, _) in read {
        let module = source.module();
        if let Some(room) = module.first()
            && !library.modules.iter().any(|(name, _)| name == room)
        {
            found.push(format!("{}:1: src/lib.rs does not declare the room `{room}`", source.path));
        }
    }
    found
}

impl Room {
    fn named(name: &str) -> Option<&'static Self> {
        ROOMS.iter().find(|room| room.name == name)
    }

    fn may_use(&self, name: &str) -> bool {
        self.stands_on.iter().any(|&below| below == name || Self::named(below).is_some_and(|room| room.may_use(name)))
    }

    /// Why the room may not name this path.
    fn refuses(&self, path: &Named) -> Option<String> {
        let target = path.segments.first()?.as_str();
        // Where a name comes from was judged at its `use`.
        let is_facade = self.name == "main" && target == INTERNALS;
        if !path.ours || path.by_use > 0 || target == self.name || is_facade || self.may_use(target) {
            return None;
        }
        let named = format!("`crate::{}`", path.segments.join("::"));
        let below: Vec<_> = ROOMS.iter().map(|room| room.name).filter(|name| self.may_use(name)).collect();
        let below = if below.is_empty() { "no other room".to_owned() } else { format!("only {}", below.join(", ")) };
        Some(if Self::named(target).is_some() {
            format!("{named} is imported, but `{}` may use {below}", self.name)
        } else {
            format!("{named} is imported, but there is no room `{target}`; name the room that it comes from")
        })
    }
}

fn refused_effect(room: &Room, module: &[String], path: &Named) -> Option<String> {
    if path.ours || path.segments.len() < 2 {
        return None;
    }
    let named = path.segments.join("::");
    let effect = EFFECTS.iter().find(|effect| effect.is_meant_by(&named))?;
    // Where the `use` was refused already, that is enough.
    let by_use = path.segments[..path.by_use].join("::");
    if effect.is_meant_by(&by_use) { None } else { effect.refusal(room, module, &named) }
}

impl Effect {
    fn is_meant_by(&self, named: &str) -> bool {
        // A parent's `use std::io` reaches its children by `use super::*`.
        let full = if named.starts_with("std::") { named.to_owned() } else { format!("std::{named}") };
        let below = |path: &str| [named, &full].iter().any(|name| is_below(name, path));
        let hidden = |path: &str| named.strip_suffix("::*").is_some_and(|all| is_below(path, all));
        self.paths.iter().any(|path| below(path) || hidden(path)) && !self.except.iter().any(|path| below(path))
    }

    fn refusal(&self, room: &Room, module: &[String], named: &str) -> Option<String> {
        let module = module.join("::");
        let (allowed, places) = if !self.rooms.is_empty() {
            (self.rooms.iter().any(|place| *place == room.name || is_below(&module, place)), self.rooms.join(", "))
        } else {
            let outside = OUTSIDE.iter().any(|place| is_below(&module, place));
            let places: Vec<_> = APPLICATION.into_iter().chain(OUTSIDE).collect();
            (outside || APPLICATION.contains(&room.name), places.join(", "))
        };
        (!allowed).then(|| format!("`{named}` is {}, which is for {places} alone, not for `{module}`", self.what))
    }
}

/// Whether a path is this one or below it.
fn is_below(path: &str, top: &str) -> bool {
    path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Rooms and the folders in them that do not begin by saying what they are for.
pub fn without_a_word(sources: &[Source]) -> Vec<String> {
    let opens_a_module = |path: &str| path.ends_with("/mod.rs") || path.matches('/').count() == 1;
    let silent = sources.iter().filter(|source| opens_a_module(&source.path) && !source.text.starts_with("//!"));
    silent.map(|source| format!("{}:1: it does not begin with what it is for (`//!`)", source.path)).collect()
}

/// Files longer than `limit` that are not on the list, and entries of the list that have become shorter or gone.
pub fn too_long(sources: &[Source], limit: usize, list: &[(&str, &str)]) -> Vec<String> {
    let lines = |source: &Source| source.text.lines().count();
    let long: Vec<_> = sources.iter().filter(|source| lines(source) > limit).collect();
    let unlisted = long.iter().copied().filter(|source| !list.iter().any(|(path, _)| *path == source.path));
    let gone = list.iter().filter(|(path, _)| !long.iter().any(|source| source.path == *path));
    let too_long = |source: &Source| {
        format!("{}:{}: {} lines; split it, or say in the list why not", source.path, limit + 1, lines(source))
    };
    let needless = |(path, _): &(&str, &str)| format!("{path}:1: not longer than {limit} lines; take it from the list");
    unlisted.map(too_long).chain(gone.map(needless)).collect()
}
