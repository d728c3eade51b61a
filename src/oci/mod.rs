//! The specification as types: what a reference, a digest and a media type are, whatever a registry makes of them.

pub mod address;
mod digest;
pub mod media_type;
mod origin;
mod platform;
mod reference;

pub use address::{AddressClass, Place};
pub use digest::{Algorithm, Digest, DigestError};
pub use origin::{Origin, Scheme};
pub use platform::Platform;
pub use reference::{Addition, Change, Host, Reference, Refusal, Rule};
