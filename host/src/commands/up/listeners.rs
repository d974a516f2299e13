use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use http::Request;
use tower::{ServiceBuilder, service_fn};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use waybill_telemetry::KeptTraces;

use super::system::System;
use crate::access::requires_keys;
use crate::console::{self, Console};
use crate::dev::Builds;
use crate::http::{Gateway, Listener, OriginCheck, REQUEST_ID, RequestBody, cors};
use crate::output;
use crate::process::{Process, announce};
use crate::settings::{AddressOrOff, KeyCheck, UpSettings};
use crate::traces_ui::{TraceLinks, TracesUi};

/// The addresses that `waybill up` serves.
pub(super) struct Listeners {
    orders: Listener,
    invoices: Listener,
    gateway: Listener,
    traces: Option<Listener>,
}

/// Which of them require API keys.
pub(super) struct RequiredKeys {
    orders: bool,
    invoices: bool,
    gateway: bool,
}

impl Listeners {
    /// Binds all of them, that of the traces only if traces are kept.
    pub(super) async fn bind(settings: &UpSettings, keeps_traces: bool) -> anyhow::Result<Self> {
        let (orders, invoices) = (&settings.orders_listen, &settings.invoices_listen);
        let traces = match settings.traces.traces_listen {
            AddressOrOff::At(address) if keeps_traces => {
                Some(Listener::bind(address, "--traces-listen").await?)
            }
            AddressOrOff::At(_) | AddressOrOff::Off => None,
        };
        Ok(Self {
            orders: Listener::bind(orders.orders_listen, "--orders-listen").await?,
            invoices: Listener::bind(invoices.invoices_listen, "--invoices-listen").await?,
            gateway: Listener::bind(settings.gateway_listen.gateway_listen, "--gateway-listen").await?,
            traces,
        })
    }

    pub(super) async fn require_keys(&self, check: KeyCheck, system: &System) -> RequiredKeys {
        let (orders, invoices) = (system.orders.access(), system.invoices.access());
        RequiredKeys {
            orders: requires_keys("orders", self.orders.address(), check, &[orders]).await,
            invoices: requires_keys("invoices", self.invoices.address(), check, &[invoices]).await,
            gateway: requires_keys("gateway", self.gateway.address(), check, &[orders, invoices]).await,
        }
    }

    pub(super) fn announce(&self) {
        announce("orders", self.orders.address());
        announce("invoices", self.invoices.address());
        announce("gateway", self.gateway.address());
        if let Some(address) = self.traces_address() {
            if !address.ip().to_canonical().is_loopback() {
                tracing::warn!("{address} (traces) shows the traces of all requests without access control");
            }
            announce("traces", address);
        }
    }

    pub(super) fn print_examples(&self, settings: &UpSettings, keys: &RequiredKeys) {
        let address = self.gateway.address();
        let key = if keys.gateway { " -H @shop.header" } else { "" };
        output::notice(format_args!(
            "\nTry: curl{key} -H 'Content-Type: application/json' -d '{{\"amount\": 5000}}' http://{address}/orders\n     \
             curl{key} http://{address}/invoices"
        ));
        if keys.gateway {
            output::notice(format_args!("     where the file shop.header has the line X-API-Key: KEY"));
        }
        if !settings.no_console {
            output::notice(format_args!("     or look at http://{address}/console"));
        }
    }

    pub(super) fn serve(
        self,
        process: &mut Process,
        settings: &UpSettings,
        keys: &RequiredKeys,
        system: System,
        traces: Option<KeptTraces>,
        builds: Option<Builds>,
    ) {
        let access = &settings.hosting.access;
        let links = TraceLinks::new(self.traces_address(), settings.traces.trace_url.clone());
        if let (Some(listener), Some(kept)) = (self.traces, traces) {
            serve_traces(process, listener, kept);
        }
        let (orders, invoices) = (system.orders.clone(), system.invoices.clone());
        let origins = OriginCheck::of_service(self.orders.address(), access);
        process.serve_component(self.orders, origins, orders.requiring_keys(keys.orders));
        let origins = OriginCheck::of_service(self.invoices.address(), access);
        process.serve_component(self.invoices, origins, invoices.requiring_keys(keys.invoices));

        let origins = OriginCheck::of_service(self.gateway.address(), access);
        let (orders, invoices) = (system.orders.clone(), system.invoices.clone());
        // A gateway in front, for which the check may be off, checks keys of services and not of operators.
        let keys_for_console = keys.gateway || !self.gateway.address().ip().to_canonical().is_loopback();
        let console =
            (!settings.no_console).then(|| console(process, system, keys_for_console, links, builds));
        let gateway = Arc::new(Gateway::new(
            orders.requiring_keys(keys.gateway),
            invoices.requiring_keys(keys.gateway),
            console,
        ));
        process.serve(
            self.gateway,
            origins,
            ServiceBuilder::new()
                .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
                .layer(PropagateRequestIdLayer::new(REQUEST_ID))
                .option_layer(cors(&access.cors_origins))
                .service(service_fn(move |request| {
                    let gateway = Arc::clone(&gateway);
                    async move { Ok::<_, Infallible>(gateway.handle(request).await) }
                })),
        );
    }

    fn traces_address(&self) -> Option<SocketAddr> {
        self.traces.as_ref().map(Listener::address)
    }
}

fn console(
    process: &mut Process,
    system: System,
    requires_keys: bool,
    traces: TraceLinks,
    builds: Option<Builds>,
) -> Console {
    let (console, sampling) = Console::new(console::System {
        orders: system.orders,
        invoices: system.invoices,
        timelines: system.timelines,
        depths: process.watch_depths(),
        broker: system.delivery.broker,
        relay: system.delivery.relay.status,
        relay_waker: system.delivery.relay.waker,
        health: system.delivery.health,
        traces,
        requires_keys,
        builds,
        stop: process.stop(),
    });
    process.intake(sampling);
    console
}

fn serve_traces(process: &mut Process, listener: Listener, kept: KeptTraces) {
    let traces = TracesUi::new(kept);
    let origins = OriginCheck::of_operators(listener.address());
    process.serve(
        listener,
        origins,
        service_fn(move |request: Request<RequestBody>| {
            let traces = traces.clone();
            async move { Ok::<_, Infallible>(traces.answer(request).await) }
        }),
    );
}
