//! Components: the engine, the capabilities that a component imports, and the instances that serve it.
//!
//! [`Engine`] compiles components and holds the limits; a [`Blueprint`] is a compiled component together with its links;
//! [`HttpService`] and [`MessageService`] run instances of it for requests and for messages. A [`Guest`] is what the host
//! keeps for one instance.

mod answer_memory;
mod blueprint;
mod engine;
mod guest;
mod handler;
mod http_entry;
mod http_service;
mod message_service;
mod otel_link;
mod pool;
mod sql_link;
mod standard_error;
mod wasi_version;

pub use answer_memory::{AnswerMemory, ReservedMemory};
pub use blueprint::Blueprint;
pub use engine::{Engine, Limits};
pub use guest::Guest;
pub use http_service::{HttpError, HttpReplacement, HttpService};
pub use message_service::{HandleError, MessageReplacement, MessageService};
pub use sql_link::{Call, PgValue, QueryError, ResultRow, ResultRowEntry, Sql, SqlReply};
pub use wasi_version::WasiVersion;

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

    /// Those of `waybill:components/tracing`.
    pub mod otel {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "waybill:components/tracing",
            with: { "wasi:clocks/wall-clock": wasmtime_wasi::p2::bindings::clocks::wall_clock },
        });
    }

    /// Those of `waybill:components/http`. Arguments are borrowed, and copied only into the memory of the component.
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
