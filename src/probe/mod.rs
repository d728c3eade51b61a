//! The core of a run: sends every Accept variant for one reference, and groups the answers.

mod plan;
mod run;

pub use plan::Plan;
pub use run::Prober;
