//! The content of images: manifests and indexes, configurations, and the first bytes of layers. Parsing is pure, and
//! lenient because broken documents are what this program diagnoses.
//!
//! [`Manifest`] is any manifest or index, [`Descriptor`] the entry for one part, [`ImageConfig`] the configuration.

mod config;
mod decoded;
mod descriptor;
mod disputed;
mod go_json;
mod go_types;
mod listed_platform;
mod magic;
mod manifest;
mod schema1;

pub use config::ImageConfig;
pub use descriptor::{Descriptor, DescriptorFault};
pub use disputed::{DisputedField, disputed_fields};
pub use go_json::{TypeMismatch, type_mismatches};
pub use go_types::{GoDocument, GoReader};
pub use listed_platform::ListedPlatform;
pub use magic::{Magic, magic};
pub use manifest::{Manifest, Shape};
pub use schema1::Schema1;
