//! The values of `--accept`: media types, and their short names in reports.

use crate::evidence::Variant;

/// Parses a media type for a header, or the short name of one, such as `oci-index`.
pub(super) fn accepted_type(text: &str) -> Result<String, String> {
    let text = text.trim();
    if let Some(variant) = Variant::twelve().iter().find(|variant| variant.id() == text) {
        let types = variant.accept().join(", ");
        let words = "`none` is not a media type; use `probe` to see the answer without an Accept header";
        return if types.is_empty() { Err(words.to_owned()) } else { Ok(types) };
    }
    if text.is_empty() || !text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Err("a media type is printable ASCII, such as application/vnd.oci.image.index.v1+json".to_owned());
    }
    if !text.contains('/') {
        let names: Vec<_> = Variant::twelve().iter().filter(|v| !v.accept().is_empty()).map(Variant::id).collect();
        return Err(format!("write a media type, or one of {}", names.join(", ")));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_name_means_its_media_type() {
        assert_eq!(accepted_type("oci-index").as_deref(), Ok("application/vnd.oci.image.index.v1+json"));
        assert_eq!(accepted_type("any").as_deref(), Ok("*/*"));
        assert_eq!(accepted_type(" text/plain; q=0.5 ").as_deref(), Ok("text/plain; q=0.5"));
        for wrong in ["", "none", "oci-indx", "a/ä", "a/b\r\nX: y"] {
            assert!(accepted_type(wrong).is_err(), "{wrong}");
        }
    }
}
