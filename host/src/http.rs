//! The network side of the host. A request goes through these files in one direction:
//!
//! | File | Does |
//! | --- | --- |
//! | `server.rs` | listens, accepts connections, and refuses what `origin.rs` says; `linger.rs` ends a connection |
//! | `gateway.rs` | chooses the service by the path |
//! | `service.rs` | takes the request through the next three |
//! | `trace.rs` | opens the request's span and counts it, by its route (`../endpoints.rs`) |
//! | `admit.rs` | checks the API key, then reads the body (`body.rs`) |
//! | `invoke.rs` | calls the component, wakes the relay, records the order |
//!
//! `admin.rs` is the address for operators.

mod admin;
mod admit;
mod body;
mod gateway;
mod invoke;
mod linger;
mod origin;
mod server;
mod service;
mod trace;

pub use admin::{Admin, LIVE, READY};
pub use gateway::{ALLOWED_HEADERS, EXPOSED_HEADERS, Gateway, cors, service_of};
pub use origin::{OriginCheck, refuse_foreign_pages};
pub use server::{IDLE_TIME, Listener, Peer, Server};
pub use service::ComponentService;
pub use trace::REQUEST_ID;
