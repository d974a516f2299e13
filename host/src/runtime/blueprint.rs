use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use wasmtime::component::{Component, HasSelf, InstancePre, Linker};
use wasmtime::{Store, StoreLimitsBuilder, UpdateDeadline};
use waybill_telemetry::{Context, ReportedSpans, Service};

use super::bindings::otel::wasi::otel::tracing;
use super::bindings::wasmcloud::postgres::query;
use super::{Call, Engine, Guest, Sql, otel_link};

/// A compiled component with its capabilities: everything that a new instance needs.
#[derive(Clone)]
pub struct Blueprint {
    component: InstancePre<Guest>,
    engine: Engine,
    name: &'static str,
    service: Service,
    /// For a component that reports spans.
    spans: Option<ReportedSpans>,
    sql: Arc<dyn Sql>,
    fonts: Option<Arc<Path>>,
}

impl Blueprint {
    /// Links `component`, called `name`, to `sql`. An import that the host does not have is an error here, not at the first request.
    pub fn new(
        name: &'static str,
        engine: &Engine,
        component: &Component,
        sql: Arc<dyn Sql>,
        service: Service,
    ) -> anyhow::Result<Self> {
        let spans = otel_link::spans_of(component, &service);
        let component = link(engine, component)?;
        Ok(Self { component, engine: engine.clone(), name, service, spans, sql, fonts: None })
    }

    /// The same capabilities for a newer build of the component.
    pub fn of_newer(&self, component: &Component) -> anyhow::Result<Self> {
        let spans = otel_link::spans_of(component, &self.service);
        Ok(Self { component: link(&self.engine, component)?, spans, ..self.clone() })
    }

    /// Shows the component the files of this folder, which it cannot change.
    #[must_use]
    pub fn with_fonts(mut self, folder: Option<&Path>) -> Self {
        self.fonts = folder.map(Into::into);
        self
    }

    pub(super) fn component(&self) -> &InstancePre<Guest> {
        &self.component
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// The store of a new instance, with its limits.
    pub(super) fn store(&self, deadline: Instant) -> Store<Guest> {
        let limits = StoreLimitsBuilder::new()
            .memory_size(self.engine.limits().memory_bytes)
            .trap_on_grow_failure(true)
            .build();
        let call =
            Call { name: self.name, service: self.service.clone(), parent: Context::new(), spans: None };
        let spans = self.spans.clone();
        let guest = Guest::new(self.sql.clone(), spans, limits, call, deadline, self.fonts.as_deref());
        let mut store = Store::new(self.component.engine(), guest);
        store.limiter(|guest| &mut guest.limits);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|store| {
            if Instant::now() < store.data().deadline {
                Ok(UpdateDeadline::Yield(1))
            } else {
                Err(wasmtime::format_err!("the component computed for longer than the timeout of a request"))
            }
        });
        store
    }
}

/// An import that the host does not have is an error here.
fn link(engine: &Engine, component: &Component) -> anyhow::Result<InstancePre<Guest>> {
    let mut linker = Linker::<Guest>::new(component.engine());
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    if engine.is_concurrent(component) {
        // Rust's library imports WASI 0.2 in a component of WASI 0.3 too.
        wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    } else {
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    }
    query::add_to_linker::<Guest, HasSelf<Guest>>(&mut linker, |guest| guest)?;
    tracing::add_to_linker::<Guest, HasSelf<Guest>>(&mut linker, |guest| guest)?;
    Ok(linker.instantiate_pre(component)?)
}
