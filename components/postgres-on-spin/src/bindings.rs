//! The interfaces in Rust, as `wit-bindgen` writes them.

wit_bindgen::generate!({
    path: "../../wit",
    world: "postgres-on-spin",
    generate_all,
    pub_export_macro: true,
});
