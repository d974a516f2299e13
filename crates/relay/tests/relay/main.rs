//! The relay on real databases: embedded ones, one for each test, and PostgreSQL servers.

// What fails in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod run;
mod servers;
mod steps;
mod support;
