use std::ffi::OsStr;
use std::path::{Component, Path};

/// Folders of results and of what others wrote.
const NO_SOURCES: [&str; 2] = ["target", "node_modules"];

/// Ends of the names of files that are in the making or kept beside.
const TEMPORARY: [&str; 9] =
    ["~", ".tmp", ".temp", ".swp", ".swx", ".bak", ".orig", ".partial", "___jb_tmp___"];

/// Whether a build may read this file, which is named as it is below what is watched.
pub(super) fn is_source(below: &Path) -> bool {
    let is_ordinary = below.components().all(|part| match part {
        Component::Normal(name) => name.to_str().is_none_or(|name| !is_hidden(name)),
        _ => true,
    });
    is_ordinary && below.file_name().and_then(OsStr::to_str).is_none_or(|name| !is_temporary(name))
}

/// Whether this folder has no sources.
pub(super) fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || NO_SOURCES.contains(&name)
}

fn is_temporary(name: &str) -> bool {
    TEMPORARY.iter().any(|end| name.ends_with(end))
        // Emacs.
        || name.starts_with('#')
        || name.contains("___jb_old___")
        // Vim writes such a file to see whether it can.
        || name.len() >= 4 && name.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_and_what_editors_write_beside_are_no_sources() {
        for path in
            ["", "orders/src/lib.rs", "Cargo.lock", "orders/src/sql/create_order.sql", "wit/a.wit", "7.sql"]
        {
            assert!(is_source(Path::new(path)), "{path}");
        }
        for path in [
            "orders/target/debug/x.d",
            "target",
            ".git/index",
            "orders/.idea/a.xml",
            "orders/src/.lib.rs.swp",
            "orders/src/lib.rs~",
            "orders/src/4913",
            "orders/src/#lib.rs#",
            "orders/src/.#lib.rs",
            "orders/src/lib.rs___jb_tmp___",
            "clients/node_modules/a/index.js",
        ] {
            assert!(!is_source(Path::new(path)), "{path}");
        }
    }
}
