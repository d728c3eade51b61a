//! Examples of references, accepted and rejected, and properties that hold for all of them.

mod accepted;
mod properties;
mod refused;

/// The SHA-256 of the empty string, as an example of any digest.
const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Expands `<hex>` in an example to digits that would make the table unreadable.
fn with_hex(example: &str) -> String {
    example.replace("<hex>", HEX)
}
