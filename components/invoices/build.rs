//! Gives the component memory enough for a request, also for a PDF from the beginning. To grow it would be a system call at each request of a
//! fresh instance, and another one to take it back, which both interrupt all cores. What is not touched costs nothing.

/// In bytes; a whole number of pages of 64 KiB.
const INITIAL_MEMORY: usize = 8 << 20;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo:rustc-link-arg-cdylib=--initial-memory={INITIAL_MEMORY}");
    }
}
