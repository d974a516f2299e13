//! The hosts that are started here, a file for each, and systems that others have started.

use std::str::FromStr;

use anyhow::{Result, bail};
use waybill_tests::Wasi;

use crate::System;

mod elsewhere;
mod fed_by_relay;
mod spin;
mod wasmcloud2;
mod waybill;

pub use elsewhere::Elsewhere;

/// Where Waybill is to run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Host {
    /// Our own binary with a PostgreSQL of its own.
    Waybill,
    /// Our own binary on a PostgreSQL server.
    WaybillServers,
    /// Spin, fed by the relay.
    Spin,
    /// wasmCloud 2, fed by the relay.
    Wasmcloud2,
    /// wasmCloud 2, fed over RabbitMQ by the relay and a service component.
    Wasmcloud2Rabbitmq,
    /// An address where it runs already.
    Url(String),
}

impl FromStr for Host {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "waybill" => Ok(Self::Waybill),
            "waybill-servers" => Ok(Self::WaybillServers),
            "spin" => Ok(Self::Spin),
            "wasmcloud2" => Ok(Self::Wasmcloud2),
            "wasmcloud2-rabbitmq" => Ok(Self::Wasmcloud2Rabbitmq),
            url if url.starts_with("http://") => Ok(Self::Url(url.trim_end_matches('/').to_owned())),
            _ => Err(
                "it must be waybill, waybill-servers, spin, wasmcloud2, wasmcloud2-rabbitmq, an address such as http://localhost:3000, or, by `cargo xtask conform`, wasmcloud",
            ),
        }
    }
}

impl Host {
    /// Starts the system with components for this version of WASI; `elsewhere` is only for one that runs already. `None` if a program
    /// that it needs is missing, which is reported.
    pub async fn start(&self, wasi: Wasi, elsewhere: Elsewhere) -> Result<Option<System>> {
        match self {
            Self::Waybill => waybill::local(wasi).await.map(Some),
            Self::WaybillServers => waybill::servers(wasi).await.map(Some),
            Self::Wasmcloud2 => wasmcloud2::start(wasi).await,
            Self::Spin if wasi == Wasi::V0_2 => spin::start().await,
            Self::Spin => bail!("spin.toml names the components of WASI 0.2"),
            Self::Wasmcloud2Rabbitmq if wasi == Wasi::V0_2 => wasmcloud2::start_over_rabbitmq().await,
            Self::Wasmcloud2Rabbitmq => bail!("the manifests for RabbitMQ name the components of WASI 0.2"),
            Self::Url(url) => Ok(Some(elsewhere.system(url))),
        }
    }
}
