//! Gives the component memory enough for a request from the beginning. Growing it takes a system call for each fresh instance,
//! and shrinking it another; each interrupts all cores. Untouched memory costs nothing.

/// In bytes; a whole number of pages of 64 KiB.
const INITIAL_MEMORY: usize = 2 << 20;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo:rustc-link-arg-cdylib=--initial-memory={INITIAL_MEMORY}");
    }
}
