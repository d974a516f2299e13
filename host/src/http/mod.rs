//! The network side of the host: listeners, connections, the gateway's routes and the answers that no component gives.

mod admin;
mod gateway;
mod problem;
mod role;
mod server;

pub use admin::Admin;
pub use gateway::{Gateway, cors};
pub use problem::problem;
pub use role::Role;
pub use server::{Listener, Server};
