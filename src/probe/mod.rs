//! The main job: every Accept variant against one reference, and which of them got which answer.

mod plan;
mod run;

pub use plan::Plan;
pub use run::Prober;
