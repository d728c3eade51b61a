//! `diagnose`: the one-shot report.

use clap::Args;

use super::probe::header_text;
use super::{CommandError, Output};
use crate::diagnosis::{Depth, ExitStatus};
use crate::oci::Reference;
use crate::session::{Assignment, Session};

/// What `diagnose` is told.
#[derive(Debug, Args)]
pub struct DiagnoseArguments {
    /// The images, as any tool writes them
    #[arg(value_name = "REF", required = true)]
    references: Vec<String>,

    /// Judge for a client that accepts this media type; may be repeated [default: the four types of current clients]
    #[arg(long, value_name = "TYPE", value_parser = header_text)]
    accept: Vec<String>,
}

impl DiagnoseArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let mut status = ExitStatus::Success;
        for reference in &self.references {
            let reference =
                Reference::parse(reference).map_err(|refusal| CommandError::Reference(Box::new(refusal)))?;
            let assignment =
                Assignment { reference: &reference, accept: &self.accept, depth: Depth::Diagnosis, mended: None };
            let (report, mut redactor) = session.examine(assignment, &|_, _| {}).await?;
            output.report(&report, &mut redactor)?;
            if status == ExitStatus::Success {
                status = report.exit;
            }
        }
        Ok(status)
    }
}
