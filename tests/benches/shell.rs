//! How long it takes from a key to its echo in the shell, while the tags of the current repository are asked for in the
//! background and do not come. What is aimed at is less than 10 ms: what takes longer, fast typists notice.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

/// How many keys are pressed.
const KEYS: usize = 300;
/// How long an echo may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn Error>> {
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let address = silent.local_addr()?;
    let (asked, was_asked) = mpsc::channel();
    thread::spawn(move || {
        let mut held = Vec::new();
        for connection in silent.incoming().flatten() {
            held.push(connection);
            // Whoever measures may be done.
            let _ = asked.send(());
        }
    });

    let home = tempfile::TempDir::new()?;
    let pair = native_pty_system().openpty(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 })?;
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ociscope"));
    command.env_clear();
    command.env("HOME", home.path());
    command.env("TERM", "xterm-256color");
    let mut process = pair.slave.spawn_command(command)?;
    drop(pair.slave);
    let mut keyboard = pair.master.take_writer()?;
    let screen = read(pair.master.try_clone_reader()?);

    wait_for(&screen, "❯")?;
    write!(keyboard, "use http://{address}/a/b:1\r")?;
    keyboard.flush()?;
    was_asked.recv_timeout(PATIENCE)?;
    wait_for(&screen, "a/b:1 ")?;
    thread::sleep(Duration::from_millis(200));
    while screen.try_recv().is_ok() {}

    let mut times = Vec::with_capacity(KEYS);
    for number in 0..KEYS {
        let key = char::from(b'a' + u8::try_from(number % 26)?);
        let pressed = Instant::now();
        write!(keyboard, "{key}")?;
        keyboard.flush()?;
        wait_for(&screen, &key.to_string())?;
        times.push(pressed.elapsed());
        if number % 40 == 39 {
            // A line of ordinary length; Ctrl-U takes it away.
            keyboard.write_all(b"\x15")?;
            keyboard.flush()?;
            thread::sleep(Duration::from_millis(20));
            while screen.try_recv().is_ok() {}
        }
    }
    times.sort();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1000.0;
    let mut stdout = std::io::stdout().lock();
    writeln!(
        stdout,
        "key to echo, with a request under way: median {:.2} ms, 95 of 100 within {:.2} ms, longest {:.2} ms",
        at(50),
        at(95),
        at(100)
    )?;
    process.kill()?;
    Ok(())
}

/// What is written to the terminal, piece by piece.
fn read(mut terminal: Box<dyn Read + Send>) -> Receiver<Vec<u8>> {
    let (pieces, received) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = terminal.read(&mut buffer) {
            if pieces.send(buffer[..length].to_vec()).is_err() {
                return;
            }
        }
    });
    received
}

/// Waits until a text is written.
fn wait_for(screen: &Receiver<Vec<u8>>, text: &str) -> Result<(), Box<dyn Error>> {
    let mut seen = Vec::new();
    loop {
        seen.extend(screen.recv_timeout(PATIENCE).map_err(|_| format!("{text:?} was not written"))?);
        if String::from_utf8_lossy(&seen).contains(text) {
            return Ok(());
        }
    }
}
