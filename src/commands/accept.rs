//! What `--accept` takes: a media type, or the short name of one that every report uses for it.

use crate::evidence::Variant;

/// A media type that can stand in a header line; a short name, as `oci-index`, stands for its type.
pub(super) fn accepted_type(text: &str) -> Result<String, String> {
    let text = text.trim();
    if let Some(variant) = Variant::twelve().iter().find(|variant| variant.id() == text) {
        let types = variant.accept().join(", ");
        let words =
            "none is no type: every request of a command has an Accept header; `probe` shows what happens without";
        return if types.is_empty() { Err(words.to_owned()) } else { Ok(types) };
    }
    if text.is_empty() || !text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Err("a media type is printable ASCII, for example application/vnd.oci.image.index.v1+json".to_owned());
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
    fn a_short_name_stands_for_its_type() {
        assert_eq!(accepted_type("oci-index").as_deref(), Ok("application/vnd.oci.image.index.v1+json"));
        assert_eq!(accepted_type("any").as_deref(), Ok("*/*"));
        assert_eq!(accepted_type(" text/plain; q=0.5 ").as_deref(), Ok("text/plain; q=0.5"));
        for wrong in ["", "none", "oci-indx", "a/ä", "a/b\r\nX: y"] {
            assert!(accepted_type(wrong).is_err(), "{wrong}");
        }
    }
}
