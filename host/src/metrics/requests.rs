use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once};
use std::time::Instant;

use http::{Method, StatusCode};
use parking_lot::Mutex;
use waybill_telemetry::metrics::Histogram;
use waybill_telemetry::{KeyValue, label, meter};

use super::durations;

/// Metrics of the HTTP requests of one service.
#[derive(Clone)]
pub struct Requests {
    service: &'static str,
    duration: Histogram<f64>,
    /// Read only when the metrics are read, since every request changes it twice.
    in_flight: Arc<AtomicU64>,
}

/// The metrics of `service`, which all its listeners share.
pub fn requests(service: &'static str) -> Requests {
    static SERVICES: Mutex<Vec<Requests>> = Mutex::new(Vec::new());
    static GAUGE: Once = Once::new();
    GAUGE.call_once(|| {
        meter()
            .u64_observable_gauge("waybill.http.requests.in_flight")
            .with_description("Requests in flight")
            .with_callback(|observer| {
                for it in SERVICES.lock().iter() {
                    observer.observe(it.in_flight.load(Ordering::Relaxed), &[label("service", it.service)]);
                }
            })
            .build();
    });
    let description = "From the head of a request to the head of its answer";
    let duration = durations("waybill.http.request.duration", description);
    // Locked after the instruments are made: a reader of the metrics takes their lock first, and then this one.
    let mut services = SERVICES.lock();
    if let Some(known) = services.iter().find(|it| it.service == service) {
        return known.clone();
    }
    let requests = Requests { service, duration, in_flight: Arc::default() };
    services.push(requests.clone());
    requests
}

impl Requests {
    /// Counts a request until it is [answered](InFlight::answered) or its caller disconnects.
    pub fn begin(&self, method: &Method, route: &'static str) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight { of: self, began: Instant::now(), method: known(method), route }
    }
}

/// A request in flight.
pub struct InFlight<'a> {
    of: &'a Requests,
    began: Instant,
    method: &'static str,
    route: &'static str,
}

impl InFlight<'_> {
    pub fn answered(self, status: StatusCode) {
        let labels = [
            label("service", self.of.service),
            label("method", self.method),
            label("route", self.route),
            KeyValue::new("status", i64::from(status.as_u16())),
        ];
        self.of.duration.record(self.began.elapsed().as_secs_f64(), &labels);
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.of.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Clients may send any method, and each would be a series of its own.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
