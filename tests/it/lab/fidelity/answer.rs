//! Answers in the form in which two of them are compared: without what differs between two runs of the same registry.

use serde_json::Value;

use crate::support::http::Answer;

/// What is compared of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparable {
    status: u16,
    /// In the order of their names.
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Whether all of the body came that was announced.
    whole: bool,
}

impl Comparable {
    pub fn of(answer: &Answer) -> Self {
        let mut body = answer.body.clone();
        let content_type = answer.header("Content-Type").unwrap_or_default().to_owned();
        let boundary = content_type.split_once("boundary=").map(|(_, boundary)| boundary.to_owned());
        if content_type.ends_with("v1+prettyjws") {
            for field in ["kid", "x", "y", "signature", "protected"] {
                body = without_value_of(field, &body);
            }
        } else if content_type.starts_with("application/json") {
            body = sorted(body);
        }
        if let Some(boundary) = &boundary {
            body = String::from_utf8_lossy(&body).replace(boundary, "BOUNDARY").into_bytes();
        }
        let mut headers: Vec<_> = answer.headers.clone();
        // The clock, and what is between the two ends of one connection.
        headers.retain(|(name, _)| name != "Date" && name != "Connection");
        for (name, value) in &mut headers {
            if name == "Www-Authenticate" {
                *value = with_sorted_scope(value);
            }
            if let Some(boundary) = &boundary {
                *value = value.replace(boundary, "BOUNDARY");
            }
        }
        headers.sort();
        Self { status: answer.status, headers, body, whole: answer.whole }
    }

    /// For an answer whose body was not kept.
    pub fn forget_body(&mut self) {
        self.body.clear();
    }

    /// Where the two differ, in words; empty where they do not.
    pub fn differences(&self, lab: &Self) -> String {
        let mut differences = Vec::new();
        if self.status != lab.status {
            differences.push(format!("status {} and not {}", lab.status, self.status));
        }
        for header in self.headers.iter().filter(|header| !lab.headers.contains(header)) {
            differences.push(format!("no header {}: {}", header.0, header.1));
        }
        for header in lab.headers.iter().filter(|header| !self.headers.contains(header)) {
            differences.push(format!("a header {}: {}", header.0, header.1));
        }
        if self.body != lab.body || self.whole != lab.whole {
            let shown = |one: &Self| String::from_utf8_lossy(&one.body).chars().take(3000).collect::<String>();
            differences.push(format!("body {:?} and not {:?}", shown(lab), shown(self)));
        }
        differences.join("\n    ")
    }
}

/// The text with the value of each field of this name left out. What is made anew for each answer stands in strings.
fn without_value_of(field: &str, body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(body.to_vec()).expect("JSON");
    let start = format!("\"{field}\": \"");
    let mut parts = text.split(&start);
    let mut left = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, rest) = part.split_once('"').expect("the end of a string");
        left.push_str(&start);
        left.push('"');
        left.push_str(rest);
    }
    left.into_bytes()
}

/// 2.8 lists tags in the order of a folder, which is none.
fn sorted(body: Vec<u8>) -> Vec<u8> {
    let Ok(mut document) = serde_json::from_slice::<Value>(&body) else { return body };
    let Some(tags) = document["tags"].as_array_mut() else { return body };
    tags.sort_by_key(|tag| tag.as_str().map(str::to_owned));
    format!("{document}\n").into_bytes()
}

/// The entries of a scope, and the actions of each, come in the order of a Go map, which is none.
fn with_sorted_scope(challenge: &str) -> String {
    let Some((before, rest)) = challenge.split_once("scope=\"") else { return challenge.to_owned() };
    let (scope, after) = rest.split_once('"').expect("the end of the scope");
    let mut entries: Vec<_> = scope
        .split(' ')
        .map(|entry| {
            let (resource, actions) = entry.rsplit_once(':').expect("actions");
            let mut actions: Vec<_> = actions.split(',').collect();
            actions.sort_unstable();
            format!("{resource}:{}", actions.join(","))
        })
        .collect();
    entries.sort();
    format!("{before}scope=\"{}\"{after}", entries.join(" "))
}
