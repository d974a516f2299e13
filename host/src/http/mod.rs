//! The network side of the host: listeners, connections, the gateway's routes and the answers that no component gives.

mod gateway;
mod health;
mod problem;
mod role;
mod server;

pub use gateway::{Gateway, cors};
pub use health::answer_health;
pub use problem::problem;
pub use role::Role;
pub use server::{Listener, Server};
