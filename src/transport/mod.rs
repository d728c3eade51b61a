//! One request in, one exchange out. The only room that opens connections.
//!
//! Nothing here follows redirects, answers challenges, retries or decompresses: those are decisions, and are made where
//! they can be recorded. [`Transport::send`] never fails; a request without an answer is an exchange with a failure in
//! it.

mod allowed;
mod apart;
mod arriving;
mod ask;
mod bare;
mod body;
mod buffer;
mod classify;
mod connect;
mod connections;
mod dns;
mod ended;
mod file;
mod handshake;
mod identity;
mod interim;
mod limits;
mod loopback;
mod network;
mod notes;
mod open;
mod other_scheme;
mod patience;
mod place;
mod pool;
mod proxy;
mod reach;
mod recorded;
mod send;
mod shared;
mod silence;
mod system_words;
mod tap;
mod tls;

pub use ask::{Ask, Form, HeaderText};
pub use dns::{Enclosed, ResolveTo};
pub use ended::Ended;
pub use file::{UnreadFile, read_file, read_long_file};
pub use identity::ClientIdentity;
pub use limits::{BodyLimit, Limits};
pub use network::{Network, Options, TransportError};
pub use reach::Reach;
pub use send::{Stop, Transport};
pub use tls::Roots;
