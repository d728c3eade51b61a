//! What somebody sees who waits.

use std::convert::Infallible;
use std::io::{self, IsTerminal};
use std::rc::Rc;
use std::time::Duration;

use super::place::{error_width, is_dumb};
use crate::commands::Progress;
use crate::session::Session;

/// After how many seconds a credential helper is said to be what is waited for: until then most have answered.
const PATIENCE: u64 = 3;

/// Where progress is told, if there is somebody to see it: on standard error, where that is a terminal.
pub(crate) fn progress(is_seen: bool) -> Rc<Progress> {
    Rc::new(match is_seen && io::stderr().is_terminal() && !is_dumb() {
        true => Progress::on_terminal(Box::new(io::stderr()), error_width()),
        false => Progress::default(),
    })
}

/// Says every second that nothing has come yet.
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
