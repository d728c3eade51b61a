//! The schemas as they are kept in `docs`, and the list that is made of them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::names;
use crate::support::document::assert_up_to_date;
use crate::support::ociscope::ociscope;

/// The file with the words of which the names of fields consist: a password that is one of them would otherwise change our
/// JSON.
const FIELDS: &str = "src/evidence/redaction/fields.txt";

/// The schemas as they are kept, and the words of their fields.
pub fn texts() -> Vec<(String, String)> {
    let printed = names().into_iter().map(|name| {
        let text = ociscope(&["schema", &name]).run().stdout;
        (format!("docs/{name}.schema.json"), text)
    });
    let printed: Vec<_> = printed.collect();
    let mut words = BTreeSet::new();
    for (_, text) in &printed {
        collect_words(&serde_json::from_str(text).expect("a schema"), &mut words);
    }
    let words = words.iter().map(|word| format!("{word}\n")).collect();
    printed.into_iter().chain([(FIELDS.to_owned(), words)]).collect()
}

fn collect_words(schema: &Value, words: &mut BTreeSet<String>) {
    /// The shortest word of a field that may be a password and is searched for.
    const SHORTEST: usize = 6;
    let names = schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|fields| fields.keys());
    words.extend(names.flat_map(|name| name.split('_')).filter(|word| word.len() >= SHORTEST).map(str::to_owned));
    match schema {
        Value::Object(fields) => fields.values().for_each(|value| collect_words(value, words)),
        Value::Array(values) => values.iter().for_each(|value| collect_words(value, words)),
        _ => {}
    }
}

#[test]
fn names_of_fields_are_listed_where_secrets_are_searched_for() {
    let (path, words) = texts().pop().expect("the list is the last");
    assert_up_to_date(&path, &words);
}

#[test]
fn every_schema_is_kept_as_the_program_prints_it() {
    let names = names();
    for name in &names {
        let run = ociscope(&["schema", name]).run();
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        assert_up_to_date(&format!("docs/{name}.schema.json"), &run.stdout);
        let schema = run.json();
        jsonschema::draft202012::meta::validate(&schema).expect("a schema of JSON Schema 2020-12");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["$id"], format!("urn:ociscope:schema:{name}:1"));
    }
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/docs")).expect("the folder");
    let files = folder.map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned());
    let kept: BTreeSet<_> = files.filter_map(|file| file.strip_suffix(".schema.json").map(str::to_owned)).collect();
    assert_eq!(kept, names.into_iter().collect(), "what is kept, and what is printed");
}
