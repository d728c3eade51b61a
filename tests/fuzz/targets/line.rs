//! Lines that are typed or pasted into the shell: words stand where they say, and blocks come apart.

use ociscope::internals::line::{Line, commands};

pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Line::read(&text) {
        Ok(line) => {
            for word in &line.words {
                assert!(text.get(word.span.clone()).is_some(), "{word:?} stands nowhere in {text:?}");
            }
            if let Some(redirection) = &line.redirection {
                assert!(text.get(redirection.span.clone()).is_some());
            }
        }
        Err(error) => assert!(text.is_char_boundary(error.at())),
    }
    let _ = commands(&text, &["probe", "use", "help"]);
}
