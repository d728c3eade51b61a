//! Takes the scenarios of the lab into the program, with what it takes to find one of them without reading the others.

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

const SCENARIOS: &str = "src/lab/scenarios";

/// What is read of a file.
struct Entry {
    registry: String,
    name: String,
    reference: String,
    hosts: Vec<(String, Vec<String>)>,
    path: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={SCENARIOS}");
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join(SCENARIOS);
    let mut entries =
        std::fs::read_dir(folder)?.map(|file| entry(file?.path())).collect::<Result<Vec<Entry>, Box<dyn Error>>>()?;
    entries.sort_by(|one, other| (&one.registry, &one.name).cmp(&(&other.registry, &other.name)));
    let target = Path::new(&std::env::var("OUT_DIR")?).join("scenarios.rs");
    Ok(std::fs::write(target, source(&entries)?)?)
}

fn entry(path: PathBuf) -> Result<Entry, Box<dyn Error>> {
    let wrong = |what: &str| format!("{}: {what}", path.display());
    let text = std::fs::read_to_string(&path)?;
    let table: Table = text.parse().map_err(|error| wrong(&format!("{error}")))?;
    let word = |name: &str| table.get(name).and_then(Value::as_str).map(str::to_owned);
    let name = path.file_stem().and_then(|stem| stem.to_str()).ok_or_else(|| wrong("its name is not UTF-8"))?;
    let hosts = table.get("host").and_then(Value::as_array).into_iter().flatten().filter_map(host);
    Ok(Entry {
        registry: word("registry").ok_or_else(|| wrong("it names no registry"))?,
        name: name.to_owned(),
        reference: word("reference").ok_or_else(|| wrong("it names no reference"))?,
        hosts: hosts.collect(),
        path,
    })
}

/// The name of a host, and the repositories that it stores.
fn host(host: &Value) -> Option<(String, Vec<String>)> {
    let name = host.get("name")?.as_str()?.to_owned();
    let repositories = host.get("repositories").and_then(Value::as_table).into_iter().flat_map(Table::keys);
    Some((name, repositories.cloned().collect()))
}

fn source(entries: &[Entry]) -> Result<String, std::fmt::Error> {
    let mut source = format!("static ENTRIES: [Entry; {}] = [\n", entries.len());
    for Entry { name, reference, hosts, path, .. } in entries {
        write!(source, "Entry {{ name: {name:?}, reference: {reference:?}, hosts: &[")?;
        for (host, repositories) in hosts {
            write!(source, "({host:?}, &{repositories:?}), ")?;
        }
        writeln!(
            source,
            "], canonical: OnceLock::new(), scenario: LazyLock::new(|| read({name:?}, include_str!({path:?}))) }},"
        )?;
    }
    source.push_str("];\n");
    Ok(source)
}
