//! A host that offers what Spin 4.1 offers, as Spin offers it: `spin:postgres` over a real server, with the parameters and
//! columns that Spin converts, its errors in its notation, and no answer at all where Spin gives none.

#![allow(
    missing_docs,
    dead_code,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "these are tests"
)]

mod composition;
mod host;
mod http;
mod sql_value;

use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, Engine, Store};

pub use self::composition::compose;
pub use self::host::Host;
pub use self::http::{get, post};

/// The bindings of the adapter's world: what it imports is served by [`Host`].
#[allow(clippy::pedantic)]
pub mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "waybill:components/postgres-on-spin",
        imports: { default: async | trappable },
        exports: { default: async },
        require_store_data_send: true,
        with: { "spin:postgres/postgres.connection": super::host::Connection },
    });
}

/// Longer than anything here takes; what takes longer hangs.
pub const LIMIT: Duration = Duration::from_secs(20);

/// The variables of a component on Spin.
#[derive(Clone, Default)]
pub struct Variables(Vec<(&'static str, String)>);

impl Variables {
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    pub fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }
}

/// A compiled component and everything that Spin would link it to.
#[derive(Clone)]
pub struct Compiled {
    engine: Engine,
    linker: Arc<Linker<Host>>,
    component: Component,
}

impl Compiled {
    pub fn new(bytes: &[u8]) -> Self {
        let engine = Engine::new(&Config::new()).unwrap();
        let mut linker = Linker::<Host>::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).unwrap();
        bindings::PostgresOnSpin::add_to_linker::<Host, HasSelf<Host>>(&mut linker, |host| host).unwrap();
        let component = Component::new(&engine, bytes).unwrap();
        Self { engine, linker: Arc::new(linker), component }
    }

    fn store(&self, variables: &Variables) -> Store<Host> {
        Store::new(&self.engine, Host::new(variables.clone()))
    }

    /// A new instance of the adapter by itself.
    pub async fn adapter(&self, variables: &Variables) -> (Store<Host>, bindings::PostgresOnSpin) {
        let mut store = self.store(variables);
        let adapter = bindings::PostgresOnSpin::instantiate_async(&mut store, &self.component, &self.linker);
        let adapter = adapter.await.unwrap();
        (store, adapter)
    }
}
