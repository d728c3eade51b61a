//! The program on a terminal: what it writes there, byte for byte.

use std::io::Read;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use tempfile::TempDir;

/// Runs the program on a terminal of this many columns, and returns its exit status and everything it wrote.
pub fn run_on_a_terminal(arguments: &[&str], columns: u16, environment: &[(&str, &str)]) -> (u32, String) {
    let home = TempDir::new().expect("a home folder");
    let size = PtySize { rows: 50, cols: columns, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ociscope"));
    command.args(arguments);
    command.env_clear();
    command.env("HOME", home.path());
    command.env("TERM", "xterm-256color");
    for (name, value) in environment {
        command.env(name, value);
    }
    command.cwd(home.path());
    let mut process = pair.slave.spawn_command(command).expect("to start the program");
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("the other end of the terminal");
    let mut written = Vec::new();
    // The end of a terminal is an error on Linux; what came before it is all there is.
    let _ = reader.read_to_end(&mut written);
    let status = process.wait().expect("its status");
    (status.exit_code(), String::from_utf8(written).expect("the program writes UTF-8"))
}
