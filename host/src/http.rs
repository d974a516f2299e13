//! The network side of the host: listeners, connections, the gateway's routes and the answers that no component gives.

mod admin;
mod gateway;
mod linger;
mod origin;
mod problem;
mod role;
mod server;

pub use admin::{Admin, LIVE, READY};
pub use gateway::{Gateway, REQUEST_ID, cors, service_of};
pub use origin::{OriginCheck, refuse_foreign_pages};
pub use problem::problem;
pub use role::Role;
pub use server::{IDLE_TIME, Listener, Server};
