//! Ctrl-Z, which leads back to the shell that ociscope was started from.
//!
//! The line editor puts the terminal back, stops the process, and draws the line anew when it goes on. If another thread
//! is given the signal, the editor has drawn the line before anything stops, and whoever comes back sees nothing. So the
//! thread of the editor is the only one that takes it.

/// Keeps the signal from this thread and those that it starts. Programs that are run are not concerned.
#[cfg(unix)]
pub fn leave_to_editor() {
    // Where it cannot be had, Ctrl-Z works most of the time.
    let _ = signal().thread_block();
}

/// Takes the signal in this thread.
#[cfg(unix)]
pub(super) fn take() {
    let _ = signal().thread_unblock();
}

#[cfg(unix)]
fn signal() -> nix::sys::signal::SigSet {
    nix::sys::signal::Signal::SIGTSTP.into()
}

/// There is no such signal.
#[cfg(not(unix))]
pub fn leave_to_editor() {}

#[cfg(not(unix))]
pub(super) fn take() {}
