//! Recordings: runs that are written to a file, and judged again from there.

mod compared;
mod files;
mod har;
mod interruption;
mod replay;
mod session;
mod transcripts;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::ociscope::{Ociscope, Run, ociscope};

/// A reference whose tag does not exist, and the scenario that knows it.
const MISSING: &str = "registry-3.example/demo/tagged:3.0";
const SCENARIO: &str = "--lab=distribution-3-tag-missing";
const IMAGE: &str = "gcr.io/deepvariant-docker/deepvariant:0.5.0";

/// A folder for recordings.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).expect("a file")
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).expect("JSON")
    }

    /// Prepares a command in this folder, for linux/amd64.
    fn prepare(&self, line: &str) -> Ociscope {
        let words: Vec<&str> = line.split(' ').collect();
        ociscope(&words).in_folder(self.0.path()).env("OCISCOPE_PLATFORM", "linux/amd64")
    }

    /// Runs a command in this folder.
    fn run(&self, line: &str) -> Run {
        self.prepare(line).run()
    }

    /// The names of all files.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("a folder");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

/// A report without the paragraph that says where the answers come from.
fn judged(run: &Run) -> &str {
    run.stdout.split_once("\n\n").map(|(_, judged)| judged).expect("a paragraph")
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}
