//! A native PostgreSQL server that belongs to one program: `waybill up`, or a run of tests.
//!
//! [`LocalPostgres::start`] finds PostgreSQL's programs ([`Programs`]), makes the data folder when there is none, starts the
//! server as a child of this process, and waits until it takes connections. From then on a thread watches it: a server
//! that ends is started again, with backoff, and its log lines go to `tracing`.
//!
//! What holds:
//!
//! - **Nobody else can connect.** The server listens on a Unix socket in its own folder, which has mode 0700; there is no TCP
//!   port. Only the owner of the files and root can reach the socket.
//! - **It never runs as root.** If this process is root, the server runs as the account `postgres` or `nobody`, or as the one
//!   that owns the folder already.
//! - **It never outlives this process.** On Linux the kernel ends it when the thread that started it is gone, `kill -9`
//!   included. Elsewhere the next start finds it and ends it.
//! - **A folder has one owner.** A lock beside the folder, held for as long as the server runs, keeps a second process out;
//!   [`LocalPostgres::join`] connects it to the server of the first.
//! - **It is durable**: `fsync`, `full_page_writes` and `synchronous_commit` are on, and a new folder is on the disk before it
//!   gets its name.
//! - **A folder that it cannot use is left as it was**, and the error says in one sentence what to do.
//!
//! All calls block. In an asynchronous program they belong on a thread for blocking work.

mod account;
#[cfg(feature = "bundle")]
pub mod bundle;
mod cluster;
mod command;
mod error;
mod initialise;
mod lock;
mod log;
mod programs;
mod server;
mod supervise;
mod version;

pub use account::Account;
pub use cluster::Cluster;
pub use error::{Error, Failure};
pub use initialise::Contents;
pub use programs::{Origin, PINNED_VERSION, Programs, Search, cache_folder, fetched_folder};
pub use server::{Config, LocalPostgres};
