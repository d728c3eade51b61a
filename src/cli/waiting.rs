//! Progress while the run waits.

use std::convert::Infallible;
use std::io::{self, IsTerminal};
use std::rc::Rc;
use std::time::Duration;

use super::place::{error_width, is_dumb};
use crate::commands::Progress;
use crate::session::Session;

/// The seconds after which a credential helper is named as the cause: most answer sooner.
const PATIENCE: u64 = 3;

/// The progress line: on standard error, if that is a terminal and progress is wanted.
pub(crate) fn progress(is_seen: bool) -> Rc<Progress> {
    Rc::new(match is_seen && io::stderr().is_terminal() && !is_dumb() {
        true => Progress::on_terminal(Box::new(io::stderr()), error_width()),
        false => Progress::default(),
    })
}

/// Reports every second that nothing has arrived yet.
pub(crate) async fn tell_of_waiting(progress: &Progress, session: &Session) -> Infallible {
    const SECOND: Duration = Duration::from_secs(1);
    let mut seconds = 0;
    loop {
        tokio::time::sleep(SECOND).await;
        seconds += 1;
        let helper = session.helper().filter(|_| seconds >= PATIENCE);
        progress.waiting(seconds, helper.as_deref(), session.ended().waited_for().as_ref());
    }
}
