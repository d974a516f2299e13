//! Fixtures of the tests on wasmCloud 1.9; all others are in `waybill-tests`.
//!
//! | Fixture | Is |
//! | --- | --- |
//! | [`Nats`] | a NATS server, on a free port |
//! | [`Lattice`] | a wasmCloud lattice with the application of a manifest in `deploy/` |
//! | [`system`] | the same as the suite of behaviours that holds on every host knows it |

mod lattice;
mod nats;
mod system;

pub use lattice::Lattice;
pub use nats::Nats;
pub use system::system;
