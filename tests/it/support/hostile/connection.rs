//! One connection to a server of a test, encrypted or not.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::relay::{Sent, heads};

/// How long a server waits at most for a client that says nothing. Clients of tests end sooner.
const PATIENCE: Duration = Duration::from_secs(30);

/// What all connections of one server have received, each from its first byte.
pub(super) type Log = Arc<Mutex<Vec<Vec<u8>>>>;

/// How many certificates each client has shown that agreed on TLS.
pub(super) type Shown = Arc<Mutex<Vec<usize>>>;

/// A connection, as the behaviour of a server sees it. Its methods return `false` or `None` when the client has gone.
pub struct Connection {
    stream: Stream,
    number: usize,
    log: Log,
    unread: Vec<u8>,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Connection {
    /// Takes a connection over. `None` where TLS cannot be agreed on.
    pub(super) fn open(
        stream: TcpStream,
        tls: Option<Arc<ServerConfig>>,
        number: usize,
        log: Log,
        shown: &Shown,
    ) -> Option<Self> {
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.set_nodelay(true).ok()?;
        let stream = match tls {
            None => Stream::Plain(stream),
            Some(config) => {
                let mut stream = stream;
                let mut session = ServerConnection::new(config).ok()?;
                while session.is_handshaking() {
                    session.complete_io(&mut stream).ok()?;
                }
                let certificates = session.peer_certificates().map_or(0, |chain| chain.len());
                shown.lock().expect("no panic in a server").push(certificates);
                Stream::Tls(Box::new(StreamOwned::new(session, stream)))
            }
        };
        Some(Self { stream, number, log, unread: Vec::new() })
    }

    /// Waits for the next request.
    pub fn request(&mut self) -> Option<Sent> {
        loop {
            if let Some(end) = self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                let head: Vec<u8> = self.unread.drain(..end + 4).collect();
                return heads(&head).pop();
            }
            self.receive()?;
        }
    }

    /// Waits for these bytes, and drops what has come by then.
    pub fn wait_for(&mut self, bytes: &[u8]) -> bool {
        while !self.unread.windows(bytes.len()).any(|window| window == bytes) {
            if self.receive().is_none_or(|length| length == 0) {
                return false;
            }
        }
        self.unread.clear();
        true
    }

    /// Waits for the first bytes, whatever they are, and returns all that has come with them.
    pub fn first_bytes(&mut self) -> Option<Vec<u8>> {
        self.receive().filter(|length| *length > 0)?;
        Some(self.unread.clone())
    }

    /// Sends these bytes, whatever they are.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        let sent = match &mut self.stream {
            Stream::Plain(stream) => stream.write_all(bytes),
            Stream::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        };
        sent.is_ok()
    }

    /// Sends these bytes again and again until the client has had enough. `true` where it ended the connection itself,
    /// `false` where it took this many bytes.
    pub fn send_without_end(&mut self, bytes: &[u8], enough: usize) -> bool {
        let mut sent = 0;
        while sent < enough {
            if !self.send(bytes) {
                return true;
            }
            sent += bytes.len();
        }
        false
    }

    /// Sends one piece after the other, each this long after the one before, until the client goes.
    pub fn drip(&mut self, piece: &[u8], pause: Duration) {
        let _ = self.socket().set_read_timeout(Some(pause));
        while self.send(piece) && self.receive().is_some() {}
    }

    /// Says nothing until the client goes.
    pub fn wait_until_the_client_goes(&mut self) {
        while self.receive().is_some_and(|length| length > 0) {}
    }

    /// Passes on what comes to this server, and what it answers, until one of them goes. What was sent by then is in
    /// the log; what is passed on, which is for somebody else, is not.
    pub fn pass_on(self, to: SocketAddr) {
        let Stream::Plain(client) = self.stream else { panic!("only plain connections are passed on") };
        let server = TcpStream::connect(to).expect("the server behind the proxy");
        let (mut from_client, mut to_server) =
            (client.try_clone().expect("a handle"), server.try_clone().expect("a handle"));
        let (mut from_server, mut to_client) = (server, client);
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut from_client, &mut to_server);
            let _ = to_server.shutdown(Shutdown::Write);
        });
        let _ = std::io::copy(&mut from_server, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Write);
    }

    /// Ends the connection with a reset: that is what the system sends when bytes have come that nobody has read.
    pub fn reset(self) {
        // Waits for the first byte without taking it.
        let _ = self.socket().peek(&mut [0]);
    }

    /// Says that nothing more will come, and waits for the client to see it: a connection that is closed while bytes
    /// are on their way would be reset instead, and the client might lose what it was sent.
    pub fn close(mut self) {
        if let Stream::Tls(stream) = &mut self.stream {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
        let _ = self.socket().shutdown(Shutdown::Write);
        self.wait_until_the_client_goes();
    }

    /// Ends a connection in the middle of TLS, without the word that TLS has for it.
    pub fn cut(mut self) {
        let _ = self.socket().shutdown(Shutdown::Write);
        self.wait_until_the_client_goes();
    }

    fn socket(&self) -> &TcpStream {
        match &self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => &stream.sock,
        }
    }

    /// Takes in what comes. `None` when the client has gone, 0 when nothing came in time.
    fn receive(&mut self) -> Option<usize> {
        let mut buffer = [0; 8192];
        let read = match &mut self.stream {
            Stream::Plain(stream) => stream.read(&mut buffer),
            Stream::Tls(stream) => stream.read(&mut buffer),
        };
        match read {
            Ok(0) => None,
            Ok(length) => {
                // Written down before anything is answered: a client that has its answer is in the log.
                self.log.lock().expect("no panic in a server")[self.number].extend(&buffer[..length]);
                self.unread.extend(&buffer[..length]);
                Some(length)
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Some(0),
            Err(_) => None,
        }
    }
}
