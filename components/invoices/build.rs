//! Gives the component memory enough for a request from the beginning: fonts, stack and what an event or JSON takes. Growing it
//! takes a system call for each fresh instance, and shrinking it another; each interrupts all cores. Untouched memory costs
//! nothing. Only a PDF makes it grow, and the host keeps no instance that has grown.

/// In bytes; a whole number of pages of 64 KiB.
const INITIAL_MEMORY: usize = 5 << 20;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo:rustc-link-arg-cdylib=--initial-memory={INITIAL_MEMORY}");
    }
}
