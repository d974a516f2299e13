//! The relay on real databases: one for each test, or a server where it has to be stopped.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
// What fails in a helper fails the test.

mod clock;
mod leadership;
mod run;
mod servers;
mod steps;
mod support;
