//! Fixtures of the tests on wasmCloud 1.9; all others are in `waybill-tests`.
//!
//! | Fixture | Is |
//! | --- | --- |
//! | [`Lattice`] | a wasmCloud lattice with the application of a manifest in `deploy/` |
//! | [`system`] | the same as the suite of behaviours that holds on every host knows it |

mod lattice;
mod system;

pub use lattice::Lattice;
pub use system::system;
pub use waybill_tests::Nats;
