//! How a registry asks for credentials, and how it is answered.
//!
//! Reading is apart from doing: [`challenge`], [`scope`], [`token`] and [`realm`] are pure; [`Authenticator`] sends the
//! one request that there is to send, for a token.

pub mod challenge;
mod flow;
pub mod realm;
pub mod scope;
pub mod token;

pub use flow::{Answered, Authenticator, Credentials, Grant};
pub use realm::TrustedRealms;
