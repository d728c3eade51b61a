//! The expected diagnosis of a scenario, as in its file.

use std::fmt;

use serde::Deserialize;

/// All findings of a diagnosis, and its exit status.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The exit status.
    pub exit: u8,
    /// All findings, the most important first.
    pub finds: Vec<ExpectedFinding>,
}

/// One finding: `tag-not-found error certain`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ExpectedFinding {
    /// The rule's name.
    pub rule: String,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// `certain` or `likely`.
    pub certainty: String,
}

impl fmt::Display for ExpectedFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.rule, self.severity, self.certainty)
    }
}

impl TryFrom<String> for ExpectedFinding {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let words: Vec<_> = text.split(' ').collect();
        match words[..] {
            [rule, severity @ ("error" | "warning" | "info"), certainty @ ("certain" | "likely")] => {
                Ok(Self { rule: rule.to_owned(), severity: severity.to_owned(), certainty: certainty.to_owned() })
            }
            _ => Err(format!("{text:?} is not a rule, a severity and a certainty")),
        }
    }
}
