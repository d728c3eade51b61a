//! The one place where text from outside becomes text that can be shown.

use ociscope::internals::{Untrusted, cut_at_marks};

pub fn run(data: &[u8]) {
    for text in [Untrusted::from_bytes(data), Untrusted::new(String::from_utf8_lossy(data))] {
        let shown = text.printable();
        super::assert_printable(&shown);
        assert!(!shown.contains('\n'));
        assert!(shown.len() <= 10 * data.len().max(1), "{} bytes became {}", data.len(), shown.len());
        // What can be shown is shown as it is.
        assert_eq!(Untrusted::new(shown.clone()).printable(), shown);
        let cut = cut_at_marks(&text.printable_within(40));
        super::assert_printable(&cut);
        assert!(cut.chars().count() <= 41, "{cut}");
        text.printable_lines().iter().for_each(|line| super::assert_printable(line));
        super::assert_printable(&cut_at_marks(&text.named_within(40)));
    }
}
