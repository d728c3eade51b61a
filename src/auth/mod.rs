//! The authentication handshake: the registry's challenge and the client's answer.
//!
//! Parsing is separate from requests: [`challenge`], [`scope`], [`token`] and [`realm`] are pure; [`Authenticator`]
//! sends the one request there is, for a token. [`credentials`] finds the user name and password.

pub mod challenge;
pub mod credentials;
mod flow;
mod observed;
pub mod realm;
pub mod scope;
pub mod token;

pub use credentials::Credentials;
pub use flow::{Authenticator, Grant, Handshake};
pub use observed::observed_handshake;
pub use realm::TrustedRealms;
