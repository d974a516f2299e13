//! Traces, metrics and logs of the host.
//!
//! One [`Telemetry`] per process holds the log subscriber and the exporters. It makes a [`Service`] for each
//! service in the process (`orders`, `invoices`), because each has its own `service.name`. A service makes
//! [`Span`]s by the OpenTelemetry SDK directly: the `tracing` crate carries logs only, so a span costs next to nothing
//! when traces are not collected, and several services can share one process.
//!
//! [`ReportedSpans`] takes the spans that a component measured itself, within bounds, and exports them beside those of its service.
//!
//! [`TraceContext`] is the part of a span that travels: in the `traceparent` and `tracestate` headers of a request, in
//! the outbox row that the request writes, and in the headers of the message that the row becomes. It passes through
//! unchanged when traces are off here.
//!
//! Names and attributes of spans are in [`names`]; the environment variables are listed at [`TraceSettings`].
//!
//! ```
//! use opentelemetry::trace::SpanKind;
//! use waybill_telemetry::{LogFormat, Telemetry, TelemetryConfig, TraceContext, names, parent_of};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), waybill_telemetry::TelemetryError> {
//! let telemetry = Telemetry::start(TelemetryConfig::from_env(None, LogFormat::Human)?)?;
//! let orders = telemetry.service("orders");
//!
//! let incoming = TraceContext::new("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", None);
//! let span = orders.span(
//!     names::http_server("POST", Some("/orders")),
//!     SpanKind::Server,
//!     &parent_of(incoming.as_ref()),
//!     vec![names::http_method("POST"), names::http_route("/orders")],
//! );
//! span.set_attribute(names::http_status(201));
//! // What the request writes into the outbox, so that the delivery continues the same trace.
//! assert!(span.trace_context().is_some());
//! drop(span);
//!
//! telemetry.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod causes;
mod error;
mod export;
mod exporter;
mod kept;
mod limit;
mod list;
mod log_lines;
mod logs;
mod meters;
pub mod names;
mod reported;
mod service;
mod settings;
mod span;
mod telemetry;
mod trace_context;

pub use causes::with_causes;
pub use error::TelemetryError;
pub use kept::{KeptSpan, KeptTraces, LATEST_SPANS};
pub use limit::TEXT_LIMIT_BYTES;
pub use logs::LogFormat;
pub use meters::{PROMETHEUS_TEXT, label, meter};
/// The types of OpenTelemetry that appear in this crate's interface, so that callers need no dependency of their own.
pub use opentelemetry::{
    Context, KeyValue, SpanId, TraceId, metrics,
    trace::{SpanKind, TraceContextExt},
};
pub use reported::{CallSpans, Refusal, ReportedEnd, ReportedSpan, ReportedSpans};
pub use service::Service;
pub use settings::{MetricSettings, TraceSettings};
pub use span::Span;
pub use telemetry::{Telemetry, TelemetryConfig};
pub use trace_context::parent_of;
pub use waybill_trace_context::TraceContext;
