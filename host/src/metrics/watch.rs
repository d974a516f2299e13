//! What the parts of a process count themselves, read when the metrics are read.

use std::time::{SystemTime, UNIX_EPOCH};

use waybill_broker::{Broker, Health};
use waybill_postgres::Database;
use waybill_relay::{RelayReport, RelayState, RelayStatus};
use waybill_telemetry::{KeyValue, label, meter};
use waybill_webhooks::{WebhooksReport, WebhooksStatus};

use crate::audit::Summary;
use crate::depths::DepthWatch;

/// Values with their labels.
type Reading = Vec<(u64, Vec<KeyValue>)>;

/// The name and description of a counter, and how to read it.
type Row<T> = (&'static str, &'static str, fn(&T) -> u64);

pub fn build() {
    observe("waybill.build.info", "The version of this process", || {
        vec![(1, vec![label("version", env!("CARGO_PKG_VERSION"))])]
    });
}

/// The connection to RabbitMQ, and what was published and consumed over it.
pub fn broker(broker: &Broker) {
    let of = broker.clone();
    observe("waybill.broker.connected", "Whether RabbitMQ is connected", move || {
        vec![(u64::from(!matches!(of.health(), Health::Down { .. })), vec![])]
    });
    let of = broker.clone();
    observe(
        "waybill.broker.blocked",
        "Whether RabbitMQ accepts no messages because it is short of memory or disk",
        move || vec![(u64::from(matches!(of.health(), Health::Blocked { .. })), vec![])],
    );
    let of = broker.clone();
    observe(
        "waybill.broker.lossy",
        "Whether RabbitMQ would lose messages that it confirms, so that events wait",
        move || vec![(u64::from(of.is_lossy()), vec![])],
    );
    let of = broker.clone();
    observe(
        "waybill.consumer.stopped",
        "Whether a consumer that should run takes no messages from RabbitMQ",
        move || vec![(u64::from(of.is_stopped()), vec![])],
    );
    let of = broker.clone();
    observe("waybill.consumer.in_flight", "Messages in flight", move || {
        vec![(of.counts().in_flight, vec![])]
    });
    let counts: [Row<waybill_broker::Counts>; 8] = [
        ("waybill.broker.connections", "Connections that were opened, including the first ones", |it| {
            it.connections
        }),
        ("waybill.broker.published", "Messages that were sent to RabbitMQ", |it| it.published),
        ("waybill.broker.confirmed", "Messages that RabbitMQ has stored", |it| it.confirmed),
        ("waybill.broker.returned", "Messages that no queue took", |it| it.returned),
        ("waybill.broker.nacked", "Messages that RabbitMQ refused", |it| it.nacked),
        (
            "waybill.broker.unconfirmed",
            "Messages that RabbitMQ neither confirmed nor refused before the connection ended",
            |it| it.unconfirmed,
        ),
        ("waybill.consumer.deliveries", "Messages that RabbitMQ delivered", |it| it.deliveries),
        ("waybill.consumer.acknowledged", "Messages that were handled", |it| it.acknowledged),
    ];
    for (name, description, read) in counts {
        let of = broker.clone();
        count(name, description, move || vec![(read(&of.counts()), vec![])]);
    }
    let of = broker.clone();
    count("waybill.consumer.retries", "Messages that failed and are retried after a delay", move || {
        let delays = of.config().retry_delays.iter().zip(of.counts().retries);
        delays
            .map(|(delay, count)| (count, vec![KeyValue::new("delay_s", delay.as_secs().cast_signed())]))
            .collect()
    });
    let of = broker.clone();
    count("waybill.consumer.dead_letters", "Messages that became dead letters", move || {
        let counts = of.counts();
        counts
            .dead_letters()
            .map(|(cause, count)| (count, vec![KeyValue::new("cause", cause.to_string())]))
            .collect()
    });
}

pub fn database(name: &'static str, database: &Database) {
    let labels = move || vec![label("database", name)];
    let of = database.clone();
    observe("waybill.database.connected", "Whether statements can be run", move || {
        vec![(u64::from(of.health().is_ok()), labels())]
    });
    let of = database.clone();
    observe("waybill.database.connections", "Open connections", move || {
        vec![(of.load().connections as u64, labels())]
    });
    let of = database.clone();
    observe("waybill.database.statements.in_flight", "Statements in flight", move || {
        vec![(of.load().statements as u64, labels())]
    });
    let of = database.clone();
    count(
        "waybill.database.connections.opened",
        "Connections that were opened, including the first ones",
        move || vec![(of.load().opened, labels())],
    );
}

pub fn relay(status: &RelayStatus) {
    let of = status.clone();
    observe("waybill.relay.active", "Whether this relay is the one that delivers", move || {
        vec![(u64::from(of.report().state == RelayState::Active), vec![])]
    });
    let of = status.clone();
    observe(
        "waybill.relay.waiting",
        "Whether the relay waits for a database, broker or receiver that is unavailable",
        move || vec![(u64::from(matches!(of.report().state, RelayState::BackingOff { .. })), vec![])],
    );
    let counts: [Row<RelayReport>; 4] = [
        ("waybill.relay.events.read", "Events read, each attempt counted", |it| it.read),
        ("waybill.relay.events.delivered", "Events delivered and deleted", |it| it.delivered),
        ("waybill.relay.attempts.failed", "Delivery attempts that failed", |it| it.failed),
        ("waybill.relay.events.parked", "Events that were parked after their last attempt", |it| it.parked),
    ];
    for (name, description, read) in counts {
        let of = status.clone();
        count(name, description, move || vec![(read(&of.report()), vec![])]);
    }
}

pub fn webhooks(status: &WebhooksStatus) {
    let counts: [Row<WebhooksReport>; 3] = [
        ("waybill.webhooks.delivered", "Webhooks that were answered with 2xx", |it| it.delivered),
        ("waybill.webhooks.attempts.failed", "Delivery attempts that failed", |it| it.failed),
        ("waybill.webhooks.failed", "Webhooks that failed their last attempt", |it| it.failed_deliveries),
    ];
    for (name, description, read) in counts {
        let of = status.clone();
        count(name, description, move || vec![(read(&of.report()), vec![])]);
    }
}

/// The last measurement of the depths.
pub fn depths(depths: &DepthWatch) {
    let of = depths.clone();
    observe("waybill.outbox.events", "Events in the outbox, counted up to 100,000", move || {
        let outbox = of.now().outbox;
        outbox.map_or_else(Vec::new, |outbox| {
            let state = |name| vec![label("state", name)];
            vec![(outbox.pending, state("pending")), (outbox.parked, state("parked"))]
        })
    });
    let of = depths.clone();
    observe("waybill.queue.messages", "Ready messages in a queue of RabbitMQ", move || {
        let queues = of.now().queues.into_iter();
        queues.map(|(name, count)| (u64::from(count), vec![KeyValue::new("queue", name)])).collect()
    });
    let of = depths.clone();
    meter()
        .f64_observable_gauge("waybill.outbox.oldest.age")
        .with_unit("s")
        .with_description("Age of the oldest pending event; 0 if there is none")
        .with_callback(move |observer| {
            if let Some(outbox) = of.now().outbox {
                observer.observe(outbox.oldest_age.unwrap_or_default().as_secs_f64(), &[]);
            }
        })
        .build();
    let of = depths.clone();
    count("waybill.invoices", "Invoices that were issued, by the counters of their series", move || {
        of.now().documents.map_or_else(Vec::new, |documents| vec![(documents.invoices, vec![])])
    });
    let of = depths.clone();
    count("waybill.credit_notes", "Credit notes that were issued", move || {
        of.now().documents.map_or_else(Vec::new, |documents| vec![(documents.credit_notes, vec![])])
    });
}

/// Records the result of an audit.
pub fn audit(summary: &Summary) {
    let findings: u64 = summary.findings.values().sum();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let gauge = |name, description| meter().u64_gauge(name).with_description(description).build();
    gauge("waybill.audit.findings", "Findings of the last audit").record(findings, &[]);
    gauge("waybill.audit.orders", "Orders that the last audit checked").record(summary.orders, &[]);
    meter()
        .f64_gauge("waybill.audit.completed")
        .with_unit("s")
        .with_description("When the last audit was completed, in seconds since 1970")
        .build()
        .record(now.as_secs_f64(), &[]);
}

fn observe(
    name: &'static str,
    description: &'static str,
    read: impl Fn() -> Reading + Send + Sync + 'static,
) {
    meter()
        .u64_observable_gauge(name)
        .with_description(description)
        .with_callback(move |observer| {
            for (value, labels) in read() {
                observer.observe(value, &labels);
            }
        })
        .build();
}

fn count(name: &'static str, description: &'static str, read: impl Fn() -> Reading + Send + Sync + 'static) {
    meter()
        .u64_observable_counter(name)
        .with_description(description)
        .with_callback(move |observer| {
            for (value, labels) in read() {
                observer.observe(value, &labels);
            }
        })
        .build();
}
