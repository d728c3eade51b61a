//! The commands that show one thing of a reference: what they print, what they end with, and what they never print.

mod parts;
