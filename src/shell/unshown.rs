//! The result of a line between its end and its being shown: a pager is started when nothing else reads keys or listens to
//! Ctrl-C.

use crate::cli::Delivery;
use crate::commands::CommandError;
use crate::diagnosis::ExitStatus;

/// A result that has not been shown yet.
pub(super) struct Unshown {
    /// The way to where it is shown.
    pub delivery: Delivery,
    /// With what the line ended.
    pub status: ExitStatus,
}

impl Unshown {
    /// Shows it.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub async fn show(self) -> Result<(), CommandError> {
        self.delivery.deliver(self.status).await?;
        Ok(())
    }
}
