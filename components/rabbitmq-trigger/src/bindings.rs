//! The interfaces in Rust, as `wit-bindgen` writes them.

wit_bindgen::generate!({
    path: "../../wit",
    world: "rabbitmq-trigger",
    generate_all,
});
