//! Forms of JSON: a type says how a value is written and, by the same fields, the schema that describes it.
//!
//! A schema is made when it is asked for, never before: a run that does not print one does not pay for it.

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The dialect of all schemas.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A form of JSON that programs may rely on. Its fields are those of the type; `schema`, the name of the form, goes first.
pub trait Form: Serialize + JsonSchema {
    /// Its name, as `ociscope schema` takes it.
    const NAME: &'static str;
    /// The title of its schema, which says what prints it.
    const TITLE: &'static str;

    /// The value in this form.
    fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("schema".to_owned(), form_in_full(Self::NAME).into());
        let fields = serde_json::to_value(self).expect("forms have text for keys, and nothing of them fails");
        match fields {
            Value::Object(fields) => object.extend(fields),
            _ => debug_assert!(false, "{} is not an object", Self::NAME),
        }
        object.into()
    }
}

/// The name of a form as its values say it: `ociscope.report/1`.
pub fn form_in_full(name: &str) -> String {
    format!("ociscope.{}/1", name.replace('-', "."))
}

/// A schema that can be printed.
#[derive(Debug, Clone, Copy)]
pub struct Published {
    /// Its name, as `ociscope schema` takes it.
    pub name: &'static str,
    /// Its title, which says what prints the values that it describes.
    pub title: &'static str,
    schema: fn(&mut SchemaGenerator) -> Schema,
}

impl Published {
    /// That of a form.
    pub const fn of<F: Form>() -> Self {
        Self { name: F::NAME, title: F::TITLE, schema: described::<F> }
    }

    /// The schema, as a document of its own.
    pub fn schema(&self) -> Value {
        let mut generator = generator();
        let schema = (self.schema)(&mut generator);
        document(self.name, self.title, schema, generator)
    }
}

/// A schema of several forms, as a document of its own: a value is one of them.
pub fn schema_of_one_of(name: &str, title: &str, about: &str, forms: &[Published]) -> Value {
    let mut generator = generator();
    let one = |form: &Published| {
        let mut schema = (form.schema)(&mut generator);
        schema.insert("title".to_owned(), form.title.into());
        schema.to_value()
    };
    let all: Vec<Value> = forms.iter().map(one).collect();
    document(name, title, schemars::json_schema!({ "description": about, "oneOf": all }), generator)
}

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().for_serialize().into_generator()
}

/// A schema with its name, its title, and what its parts share.
fn document(name: &str, title: &str, mut schema: Schema, mut generator: SchemaGenerator) -> Value {
    Plain.transform(&mut schema);
    let mut fields = Map::new();
    fields.insert("$schema".to_owned(), DIALECT.into());
    fields.insert("$id".to_owned(), format!("urn:ociscope:schema:{name}:1").into());
    fields.insert("title".to_owned(), title.into());
    fields.extend(schema.to_value().as_object().cloned().unwrap_or_default());
    let mut shared = generator.take_definitions(false);
    for value in shared.values_mut() {
        if let Ok(schema) = value.try_into() {
            Plain.transform(schema);
        }
    }
    if !shared.is_empty() {
        fields.insert("$defs".to_owned(), shared.into());
    }
    fields.into()
}

/// The schema of a form, with the field `schema`.
fn described<F: Form>(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = F::json_schema(generator);
    let name = json!({ "description": "The name of this form.", "const": form_in_full(F::NAME) });
    let object = schema.ensure_object();
    let mut properties = Map::from_iter([("schema".to_owned(), name)]);
    if let Some(Value::Object(fields)) = object.get_mut("properties") {
        properties.append(fields);
    }
    object.insert("properties".to_owned(), properties.into());
    let mut required = vec![Value::from("schema")];
    if let Some(Value::Array(names)) = object.get_mut("required") {
        required.append(names);
    }
    object.insert("required".to_owned(), required.into());
    schema
}

/// Writes a schema plainly: descriptions as running text, lists of constants as `enum`, and without the widths of Rust's
/// numbers, which say nothing about JSON.
#[derive(Clone)]
struct Plain;

impl Transform for Plain {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else { return };
        if let Some(Value::String(text)) = object.get_mut("description") {
            *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        object.shift_remove("format");
        let constants =
            |variants: &Vec<Value>| variants.iter().map(|one| one.get("const").cloned()).collect::<Option<_>>();
        if let Some(names) = object.get("oneOf").and_then(Value::as_array).and_then(constants) {
            let names: Vec<Value> = names;
            object.shift_remove("oneOf");
            object.insert("enum".to_owned(), names.into());
        }
        // What is read first goes first.
        let first = ["title", "description", "type", "required"];
        let first = first.iter().filter_map(|name| object.shift_remove_entry(*name));
        let ordered: Map<String, Value> = first.collect();
        let rest = std::mem::replace(object, ordered);
        object.extend(rest);
    }
}
