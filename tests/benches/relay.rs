//! A relay that makes a server on this machine a distant one.
//!
//! Only bytes can be held back here, not the handshake of TCP: a connection to this relay is there at once. So
//! what is sent on a new one waits for the round trip that the handshake would have taken.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::ops::Add;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// What went through a relay.
#[derive(Clone, Copy, Default)]
pub struct Seen {
    pub connections: u64,
    /// Bytes from the client, those of TLS included.
    pub sent: u64,
    /// Bytes to the client.
    pub received: u64,
}

impl Add for Seen {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            connections: self.connections + other.connections,
            sent: self.sent + other.sent,
            received: self.received + other.received,
        }
    }
}

/// A relay. It runs until the process ends.
pub struct Relay {
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

impl Relay {
    /// Starts a relay to this server.
    pub fn to(server: SocketAddr, round_trip: Duration) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        let seen = Arc::new(Mutex::new(Seen::default()));
        thread::spawn({
            let seen = Arc::clone(&seen);
            move || {
                for client in listener.incoming() {
                    let open_from = Instant::now() + round_trip;
                    let client = client.expect("a connection");
                    let server = TcpStream::connect(server).expect("the server of the relay");
                    pass_on(&client, &server, open_from, round_trip / 2, &seen);
                }
            }
        });
        Self { address, seen }
    }

    /// What went through since the last call.
    pub fn take_seen(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock().expect("no panic in the relay"))
    }
}

/// Passes bytes on in both directions, each `delay` after it came, but as if the connection were open only from `open_from`.
fn pass_on(client: &TcpStream, server: &TcpStream, open_from: Instant, delay: Duration, seen: &Arc<Mutex<Seen>>) {
    seen.lock().expect("no panic in the relay").connections += 1;
    // Waiting to fill a packet would add delays that are no round trips.
    client.set_nodelay(true).expect("to send at once");
    server.set_nodelay(true).expect("to send at once");
    let handles = || (client.try_clone().expect("a handle"), server.try_clone().expect("a handle"));
    let ((from_client, to_server), (to_client, from_server)) = (handles(), handles());
    let due = move || Instant::now().max(open_from) + delay;
    let (upwards, downwards) = (Arc::clone(seen), Arc::clone(seen));
    delayed(from_client, to_server, due, move |bytes| {
        upwards.lock().expect("no panic in the relay").sent += bytes as u64
    });
    delayed(from_server, to_client, due, move |bytes| {
        downwards.lock().expect("no panic in the relay").received += bytes as u64;
    });
}

/// Reads at once and writes when it is due, so that what is on its way does not hold up what comes after.
fn delayed(
    mut from: TcpStream,
    mut to: TcpStream,
    due: impl Fn() -> Instant + Send + 'static,
    count: impl Fn(usize) + Send + 'static,
) {
    let (on_its_way, arriving) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut buffer = [0; 16 << 10];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            count(length);
            if on_its_way.send((due(), buffer[..length].to_vec())).is_err() {
                return;
            }
        }
        // The end of a stream takes its time too. If the other side is gone, there is nothing to end.
        let _ = on_its_way.send((due(), Vec::new()));
    });
    thread::spawn(move || {
        for (due, bytes) in arriving {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if bytes.is_empty() || to.write_all(&bytes).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}
