//! Keys as terminals send them.

/// A key that is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Enter,
    Tab,
    Escape,
    Backspace,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    CtrlC,
    CtrlD,
    CtrlR,
    /// Any other letter with Ctrl.
    Ctrl(char),
}

impl Key {
    /// The bytes that xterm sends for it.
    pub fn bytes(self) -> Vec<u8> {
        match self {
            Self::Enter => b"\r".to_vec(),
            Self::Tab => b"\t".to_vec(),
            Self::Escape => b"\x1b".to_vec(),
            Self::Backspace => b"\x7f".to_vec(),
            Self::Up => b"\x1b[A".to_vec(),
            Self::Down => b"\x1b[B".to_vec(),
            Self::Right => b"\x1b[C".to_vec(),
            Self::Left => b"\x1b[D".to_vec(),
            Self::Home => b"\x1b[H".to_vec(),
            Self::End => b"\x1b[F".to_vec(),
            Self::CtrlC => Self::Ctrl('c').bytes(),
            Self::CtrlD => Self::Ctrl('d').bytes(),
            Self::CtrlR => Self::Ctrl('r').bytes(),
            Self::Ctrl(letter) => {
                assert!(letter.is_ascii_alphabetic(), "Ctrl-{letter} is no byte");
                vec![u8::try_from(letter).expect("a letter of ASCII") & 0x1f]
            }
        }
    }
}
