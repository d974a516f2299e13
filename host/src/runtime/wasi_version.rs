use wasmparser::{Chunk, Parser, Payload};

/// The export by which a component of WASI 0.3 serves HTTP; the patch version follows.
const HANDLER: &str = "wasi:http/handler@0.3.";

/// The version of WASI for which a component is built.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WasiVersion {
    /// An instance runs one call at a time, and blocks in its imports.
    V0_2,
    /// Calls are tasks, and bodies are streams.
    V0_3,
}

impl WasiVersion {
    /// The version for which a component is built, by its exports. Compiling reports what is wrong with bytes that are none.
    pub fn of(component: &[u8]) -> Self {
        if exports_handler(component).unwrap_or(false) { Self::V0_3 } else { Self::V0_2 }
    }
}

/// Whether a component itself exports it. The modules and components inside, which are nearly all of its bytes, are skipped.
fn exports_handler(component: &[u8]) -> wasmparser::Result<bool> {
    let mut parser = Parser::new(0);
    let mut rest = component;
    loop {
        let Chunk::Parsed { consumed, payload } = parser.parse(rest, true)? else { return Ok(false) };
        let mut skipped = 0;
        match payload {
            Payload::ModuleSection { unchecked_range, .. }
            | Payload::ComponentSection { unchecked_range, .. } => skipped = unchecked_range.len(),
            Payload::ComponentExportSection(exports) => {
                for export in exports {
                    if export?.name.name.starts_with(HANDLER) {
                        return Ok(true);
                    }
                }
            }
            Payload::End(_) => return Ok(false),
            _ => {}
        }
        rest = rest.get(consumed + skipped..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_component_have_no_export() {
        for bytes in [b"".as_slice(), b"\0asm", b"wasi:http/handler@0.3.0", b"\0asm\x0d\0\x01\0\x0b\xff"] {
            assert_eq!(WasiVersion::of(bytes), WasiVersion::V0_2);
        }
    }
}
