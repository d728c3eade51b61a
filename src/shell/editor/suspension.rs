//! Ctrl-Z, which returns to the shell that ociscope was started from.
//!
//! The line editor restores the terminal, stops the process, and redraws the line when the process continues. If another
//! thread receives the signal, the line is redrawn before the process stops, and the user sees no prompt afterwards. So only
//! the thread of the editor receives it.

/// Blocks the signal in this thread and those that it starts. Other programs are not affected.
#[cfg(unix)]
pub fn leave_to_editor() {
    // If this fails, Ctrl-Z still works most of the time.
    let _ = signal().thread_block();
}

/// Unblocks the signal in this thread.
#[cfg(unix)]
pub(super) fn take() {
    let _ = signal().thread_unblock();
}

#[cfg(unix)]
fn signal() -> nix::sys::signal::SigSet {
    nix::sys::signal::Signal::SIGTSTP.into()
}

/// Does nothing: there is no such signal.
#[cfg(not(unix))]
pub fn leave_to_editor() {}

#[cfg(not(unix))]
pub(super) fn take() {}
