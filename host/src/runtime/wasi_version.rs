use wasmparser::{Parser, Payload};

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
        // Those of the components and modules inside are not its own.
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(component) {
            match payload {
                Ok(Payload::ModuleSection { .. } | Payload::ComponentSection { .. }) => depth += 1,
                Ok(Payload::End(_)) => depth = depth.saturating_sub(1),
                Ok(Payload::ComponentExportSection(exports)) if depth == 0 => {
                    if exports.into_iter().flatten().any(|export| export.name.name.starts_with(HANDLER)) {
                        return Self::V0_3;
                    }
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
        Self::V0_2
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
