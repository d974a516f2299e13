//! The relay on real databases: embedded ones, one for each test, and PostgreSQL servers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
// What fails in a helper fails the test.

mod run;
mod servers;
mod steps;
mod support;
