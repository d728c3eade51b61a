//! The program on a terminal: what it writes there, byte for byte.

use crate::support::screen::Screen;

/// Runs the program on a terminal of this many columns, and returns its exit status and everything it wrote.
pub fn run_on_a_terminal(arguments: &[&str], columns: u16, environment: &[(&str, &str)]) -> (u32, String) {
    let prepared = Screen::open(arguments).columns(columns).rows(50);
    let prepared = environment.iter().fold(prepared, |prepared, (name, value)| prepared.env(name, value));
    let mut screen = prepared.start();
    let status = screen.wait_for_exit();
    (status, String::from_utf8(screen.raw()).expect("the program writes UTF-8"))
}
