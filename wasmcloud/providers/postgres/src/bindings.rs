//! The interfaces in Rust, as `wit-bindgen-wrpc` writes them.

#![allow(missing_docs, clippy::all, clippy::pedantic)]

wit_bindgen_wrpc::generate!({ path: "../../../wit", world: "postgres-provider", generate_all });
