//! Fixtures of the end-to-end tests: the real binary, real servers, and what measures them.
//!
//! | Fixture | Is |
//! | --- | --- |
//! | [`Waybill`] | `waybill up` as a process of its own, on free ports |
//! | [`Process`] | any role as a process of its own |
//! | [`Rabbit`] | a RabbitMQ node of the system's package, on a free port; [`Peer`] is a client of it that knows nothing of us |
//! | [`Spin`] | the application of `spin.toml` on the real Spin, where that is installed |
//! | [`Wash`] | both components on the real wasmCloud 2, with [`Nats`] and a registry |
//! | [`Kong`] | Kong before two services, where that is installed |
//! | [`Postgres`] | a PostgreSQL cluster of the system's package, on a free port |
//! | [`Balancer`] | a load balancer that asks for readiness each second |
//! | [`TcpProxy`] | a network between two of them that can be cut and stalled |
//! | [`MemoryGroup`] | the memory of a container |
//! | [`OtlpSink`] | a collector of traces |
//! | [`Hooks`] | a receiver of webhooks |
//! | [`Validators`] | the official rules of electronic invoices, where they are installed |
//! | [`Http`], [`Load`] | clients: one request, or thousands |
//! | [`chaos`] | the whole system under injected faults, and a log of their consequences |
//! | [`Ledger`] | all orders and invoices, and whether they agree |
//!
//! Those of wasmCloud 1.9 are in `wasmcloud/tests`.
//!
//! Each fixture ends what it started when it is dropped, and prints its log then, which the harness shows when the test
//! failed. Nothing here waits for a time to pass: see [`eventually`].

#![allow(missing_docs, reason = "a name says enough where nothing outside the project links it")]

mod balancer;
pub mod chaos;
mod components;
mod daemon;
mod fonts;
mod hooks;
mod http;
mod kong;
mod ledger;
mod load;
mod memory_group;
mod migrated;
mod nats;
mod other_host;
mod otlp;
mod peer;
mod ports;
mod postgres;
mod process;
mod process_usage;
mod rabbit;
mod serve;
mod signal;
mod skip;
mod spin;
mod tcp_proxy;
mod validators;
mod wait;
mod wash;
mod waybill;
mod waybill_config;

pub use balancer::Balancer;
pub use components::{Wasi, component_bytes, component_path, installed_program};
pub use daemon::Daemon;
pub use fonts::fonts;
pub use hooks::{Hook, Hooks};
pub use http::{Answer, Http, ensure_contains, raw};
pub use kong::{Kong, print as print_kong};
pub use ledger::{InvoiceRecord, Ledger, OrderRecord};
pub use load::{Acknowledged, Load, LoadReport};
pub use memory_group::MemoryGroup;
pub use nats::Nats;
pub use other_host::OtherHost;
pub use otlp::{OtlpSink, SinkSpan};
pub use peer::{Peer, Received};
pub use ports::lasting_ports;
pub use postgres::Postgres;
pub use process::{Ended, Process};
pub use process_usage::proportional_memory_kib;
pub use rabbit::Rabbit;
pub use signal::Signal;
pub use skip::{last_release, skip};
pub use spin::{Spin, manifest};
pub use tcp_proxy::{Direction, TcpProxy};
pub use validators::{Finding, Validators, ensure_valid};
pub use wait::eventually;
pub use wash::Wash;
pub use waybill::Waybill;
pub use waybill_config::{WaybillConfig, binary};
