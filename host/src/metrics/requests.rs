use std::{sync::LazyLock, time::Instant};

use http::{Method, StatusCode};
use waybill_telemetry::{
    KeyValue, label, meter,
    metrics::{Histogram, UpDownCounter},
};

use super::SECONDS;

/// Instruments of HTTP requests.
pub struct Requests {
    duration: Histogram<f64>,
    in_flight: UpDownCounter<i64>,
}

/// The instruments of HTTP requests.
pub fn requests() -> &'static Requests {
    static REQUESTS: LazyLock<Requests> = LazyLock::new(|| Requests {
        duration: meter()
            .f64_histogram("waybill.http.request.duration")
            .with_unit("s")
            .with_description("From a request's head to its answer's head")
            .with_boundaries(SECONDS.to_vec())
            .build(),
        in_flight: meter()
            .i64_up_down_counter("waybill.http.requests.in_flight")
            .with_description("Requests in hand")
            .build(),
    });
    &REQUESTS
}

impl Requests {
    /// Counts a request of `service` until it is [answered](InFlight::answered), or given up by its caller.
    pub fn begin(&'static self, service: &'static str, method: &Method, route: &'static str) -> InFlight {
        let labels = [label("service", service)];
        self.in_flight.add(1, &labels);
        InFlight { of: self, began: Instant::now(), labels, method: known(method), route }
    }
}

/// A request in hand.
pub struct InFlight {
    of: &'static Requests,
    began: Instant,
    labels: [KeyValue; 1],
    method: &'static str,
    route: &'static str,
}

impl InFlight {
    /// Notes how it was answered.
    pub fn answered(self, status: StatusCode) {
        let [service] = self.labels.clone();
        let labels = [
            service,
            label("method", self.method),
            label("route", self.route),
            KeyValue::new("status", i64::from(status.as_u16())),
        ];
        self.of.duration.record(self.began.elapsed().as_secs_f64(), &labels);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.of.in_flight.add(-1, &self.labels);
    }
}

/// Anybody may send any method, and each would be a series of its own.
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
