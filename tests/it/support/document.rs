//! Documents of the repository: those that are generated, and the schemas of what is printed.

use std::path::Path;

use serde_json::Value;

/// Compares a generated file of the repository with what it should be.
#[track_caller]
pub fn assert_up_to_date(file: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == expected, "{file} is stale; run `cargo xtask generate` and read the difference");
}

/// Checks what was printed against a schema of the repository, and that the schema is one.
#[track_caller]
pub fn assert_described(schema: &str, printed: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(schema);
    let schema = std::fs::read_to_string(path).expect("the schema");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    jsonschema::draft202012::meta::validate(&schema).expect("a schema of JSON Schema 2020-12");
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    let printed: Value = serde_json::from_str(printed).expect("JSON");
    let errors: Vec<_> = validator.iter_errors(&printed).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert!(!validator.is_valid(&serde_json::json!({})), "a schema that refuses nothing says nothing");
}
