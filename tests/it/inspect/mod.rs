//! The commands that fetch a single thing, and those that describe the program: what they print, what they end with, and
//! what they never print.

mod auth;
mod cosign;
mod generated;
mod lists;
mod meant;
mod paged;
mod parts;
mod recipes;
mod requests;
mod schema1;
mod tls;
