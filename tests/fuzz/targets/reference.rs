//! References, as any tool writes them: what is read can be read again, and means the same.

use ociscope::Reference;

pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Reference::parse(&text) {
        Ok(reference) => {
            let written = reference.to_string();
            let again = Reference::parse(&written).unwrap_or_else(|refusal| panic!("{written}: {}", refusal.explain()));
            assert_eq!(again.registry(), reference.registry(), "{written}");
            assert_eq!(again.repository(), reference.repository(), "{written}");
            assert_eq!((again.tag(), again.digest()), (reference.tag(), reference.digest()), "{written}");
            super::assert_printable(&written);
        }
        Err(refusal) => refusal.explain().lines().for_each(super::assert_printable),
    }
}
