//! The network side of the host. A request goes through these files in one direction:
//!
//! | File | Does |
//! | --- | --- |
//! | `server.rs` | listens and accepts connections, as many as `connections.rs` has places for |
//! | `http_connection.rs` | reads requests (`connection.rs` and `metered_stream.rs` know for what it waits), and refuses what `origin.rs` says; what is left of a body comes back to it (`request_body.rs`), and `linger.rs` ends it |
//! | `gateway.rs` | chooses the service by the path |
//! | `service.rs` | takes the request through the next three |
//! | `trace.rs` | opens the request's span and counts it, by its route (`../endpoints.rs`) |
//! | `admit.rs` | checks the API key, then reads the body (`body.rs`) |
//! | `invoke.rs` | reserves memory for a large answer (`large_answers.rs`), calls the component, wakes the relay, records the order |
//!
//! `admin.rs` is the address for operators.

mod admin;
mod admit;
mod body;
mod connection;
mod connections;
mod gateway;
mod http_connection;
mod invoke;
mod large_answers;
mod linger;
mod metered_stream;
mod origin;
mod request_body;
mod server;
mod service;
mod trace;

pub use admin::{Admin, LIVE, READY};
pub use admit::DRAINING;
pub use body::{BodyFault, collect_body};
pub use connections::{ConnectionLimits, Connections, OPERATORS};
pub use gateway::{ALLOWED_HEADERS, EXPOSED_HEADERS, Gateway, cors, service_of};
pub use http_connection::IDLE_TIME;
pub use origin::{OriginCheck, refuse_foreign_pages};
pub use request_body::RequestBody;
pub use server::{ListenError, Listener, Server};
pub use service::ComponentService;
pub use trace::REQUEST_ID;
