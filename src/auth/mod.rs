//! How a registry asks for credentials, and how it is answered.
//!
//! Reading is apart from doing: [`challenge`], [`scope`], [`token`] and [`realm`] are pure; [`Authenticator`] sends the
//! one request that there is to send, for a token. [`credentials`] is about where a user name and a password come from.

pub mod challenge;
pub mod credentials;
mod flow;
pub mod realm;
pub mod scope;
pub mod token;

pub use credentials::Credentials;
pub use flow::{Authenticator, Grant, Handshake};
pub use realm::TrustedRealms;
