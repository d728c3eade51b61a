//! A relay in front of a server, which writes down what clients really send.
//!
//! A report says what a program believes that it has sent; a library below it may have added a header of its own.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::http;

/// The head of a request as it was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
}

impl Sent {
    /// The values of all headers of this name.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }
}

/// A running relay. It ends when this value is dropped.
pub struct Relay {
    /// Where it listens.
    pub address: SocketAddr,
    connections: Arc<Mutex<Vec<Vec<u8>>>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    /// Starts a relay to this server, which speaks plain HTTP.
    pub fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        let connections = Arc::new(Mutex::new(Vec::new()));
        let ends = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let (connections, ends) = (Arc::clone(&connections), Arc::clone(&ends));
            move || {
                for client in listener.incoming() {
                    if ends.load(Ordering::SeqCst) {
                        return;
                    }
                    let server = TcpStream::connect(server).expect("the server behind the relay");
                    pass_on(client.expect("a connection"), server, &connections);
                }
            }
        });
        Self { address, connections, ends, thread: Some(thread) }
    }

    /// All requests so far. They are expected to have no bodies.
    pub fn requests(&self) -> Vec<Sent> {
        let connections = self.connections.lock().expect("no panic in the relay");
        connections.iter().flat_map(|bytes| heads(bytes)).collect()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        // A last connection wakes the relay up to see that it ends.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Passes bytes in both directions until one side closes. Both threads end with the connection.
fn pass_on(client: TcpStream, server: TcpStream, connections: &Arc<Mutex<Vec<Vec<u8>>>>) {
    let number = {
        let mut connections = connections.lock().expect("no panic in the relay");
        connections.push(Vec::new());
        connections.len() - 1
    };
    let back = (server.try_clone().expect("a handle"), client.try_clone().expect("a handle"));
    let connections = Arc::clone(connections);
    std::thread::spawn(move || {
        // Written down before it is passed on: a client that has its answer is in the list.
        copy(client, server, |bytes| connections.lock().expect("no panic in the relay")[number].extend(bytes));
    });
    std::thread::spawn(move || copy(back.0, back.1, |_| ()));
}

fn copy(mut from: TcpStream, mut to: TcpStream, seen: impl Fn(&[u8])) {
    let mut buffer = [0; 8192];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        seen(&buffer[..length]);
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// The requests on one connection, each a head that ends with an empty line.
pub fn heads(mut bytes: &[u8]) -> Vec<Sent> {
    let mut heads = Vec::new();
    while !bytes.is_empty() {
        let first = http::line(&mut bytes);
        let [method, path, _version] = first.split(' ').collect::<Vec<_>>()[..] else {
            panic!("not the start of a request: {first:?}")
        };
        let (method, path) = (method.to_owned(), path.to_owned());
        heads.push(Sent { method, path, headers: http::headers(&mut bytes) });
    }
    heads
}
