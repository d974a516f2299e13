//! The components' side of the host: one engine, the links that a component is given, and the instances that serve it.
//!
//! [`Engine`] compiles components and holds the limits; a [`Blueprint`] is a compiled component together with its links;
//! [`HttpService`] and [`MessageService`] run instances of it for requests and for messages. A [`Guest`] is what the host
//! keeps for one instance.

mod blueprint;
mod door;
mod engine;
mod guest;
mod http_service;
mod message_service;
mod pool;
mod sql_link;

pub use blueprint::Blueprint;
pub use engine::{Engine, Limits};
pub use guest::{Call, Guest};
pub use http_service::{HttpError, HttpService};
pub use message_service::{HandleError, MessageService};
pub use sql_link::{PgValue, QueryError, ResultRow, ResultRowEntry, Sql, SqlReply};

/// The generated bindings of the world `waybill:components/invoices`, whose imports are also those of `orders`.
#[allow(missing_docs, clippy::pedantic)]
pub mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "waybill:components/invoices",
        imports: { default: async | trappable },
        exports: { default: async },
        require_store_data_send: true,
        additional_derives: [PartialEq],
    });

    /// Those of `waybill:components/http`. What a component is given is borrowed: it is copied into its memory and nowhere else.
    pub mod exchange {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "waybill:components/http",
            exports: { default: async },
            ownership: Borrowing { duplicate_if_necessary: false },
            require_store_data_send: true,
        });
    }
}
