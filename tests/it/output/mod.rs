//! Where results go and how they look there: a terminal with its pager, a pipe, a file; and what a user prefers.

mod colours;
mod files;
mod html;
mod interruption;
mod pager;
mod pipes;
mod preferences;
mod quiet;
