//! Gives the component memory enough for a request, a PDF included, from the beginning. To grow it is a system call for each fresh instance, and to take it
//! back another one, which both interrupt all cores. What is not touched costs nothing.

/// In bytes; a whole number of pages of 64 KiB.
const INITIAL_MEMORY: usize = 8 << 20;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo:rustc-link-arg-cdylib=--initial-memory={INITIAL_MEMORY}");
    }
}
