//! The commands that fetch a single thing: what they print, what they end with, and what they never print.

mod lists;
mod parts;
mod requests;
