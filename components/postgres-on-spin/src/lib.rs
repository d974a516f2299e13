//! `wasmcloud:postgres` over `spin:postgres`: a component that uses the one becomes able to run on Spin, by having this
//! one as its dependency. The README beside it shows how.
//!
//! What it has to bridge:
//!
//! - Spin's `query` never returns when there are no rows, so statements are rewritten to have one ([`statement`]).
//! - Only a few types cross the SQL link; the others are refused with the cast ([`value`]).
//! - Spin's errors are partly texts in the notation of `Debug`; components rely on SQLSTATEs ([`error`]).
//! - Spin sets no time limit on a statement; the connection's address does ([`address`]).

pub mod address;
#[allow(missing_docs, unsafe_code, clippy::all, clippy::pedantic)]
pub mod bindings;
pub mod error;
pub mod statement;
pub mod value;

#[cfg(target_family = "wasm")]
mod component;
