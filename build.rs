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
    title: String,
    reference: String,
    options: Vec<String>,
    password: Option<String>,
    hosts: Vec<Host>,
    path: PathBuf,
}

/// The keys of a host: its name, its repositories and its accounts.
struct Host {
    name: String,
    repositories: Vec<String>,
    accounts: Vec<(String, String)>,
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
    let options = table.get("options").and_then(Value::as_array).into_iter().flatten();
    Ok(Entry {
        registry: word("registry").ok_or_else(|| wrong("it names no registry"))?,
        name: name.to_owned(),
        title: word("title").ok_or_else(|| wrong("it has no title"))?,
        options: options.filter_map(|option| option.as_str().map(str::to_owned)).collect(),
        password: word("password"),
        reference: word("reference").ok_or_else(|| wrong("it names no reference"))?,
        hosts: hosts.collect(),
        path,
    })
}

fn host(host: &Value) -> Option<Host> {
    let table = |name: &str| host.get(name).and_then(Value::as_table).into_iter().flatten();
    let accounts = table("accounts").filter_map(|(name, password)| Some((name.clone(), password.as_str()?.to_owned())));
    Some(Host {
        name: host.get("name")?.as_str()?.to_owned(),
        repositories: table("repositories").map(|(name, _)| name.clone()).collect(),
        accounts: accounts.collect(),
    })
}

fn source(entries: &[Entry]) -> Result<String, std::fmt::Error> {
    let mut source = format!("static ENTRIES: [Entry; {}] = [\n", entries.len());
    for Entry { registry, name, title, reference, options, password, hosts, path } in entries {
        write!(
            source,
            "Entry {{ registry: {registry:?}, name: {name:?}, title: {title:?}, reference: {reference:?}, "
        )?;
        write!(source, "options: &{options:?}, password: {password:?}, hosts: &[")?;
        for Host { name, repositories, accounts } in hosts {
            write!(
                source,
                "EntryHost {{ name: {name:?}, repositories: &{repositories:?}, accounts: &{accounts:?} }}, "
            )?;
        }
        writeln!(
            source,
            "], canonical: OnceLock::new(), scenario: LazyLock::new(|| read({name:?}, include_str!({path:?}))) }},"
        )?;
    }
    source.push_str("];\n");
    Ok(source)
}
