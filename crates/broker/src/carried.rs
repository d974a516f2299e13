use lapin::BasicProperties;
use lapin::types::ShortString;
use waybill_broker_rules::headers::Headers;

/// The properties with which a received message is published again.
///
/// Not carried: `expiration`, which would shorten the wait in a retry queue and let a dead letter vanish;
/// `user-id`, which RabbitMQ compares with the name under which we are connected; `reply-to`, `cluster-id` and
/// the priority, which mean nothing to another queue. A message is persistent from here on, whatever it was.
pub(crate) fn carried(properties: &BasicProperties, headers: Headers) -> BasicProperties {
    let mut carried = BasicProperties::default().with_delivery_mode(2).with_headers(headers.into_table());
    let pairs: [(&Option<ShortString>, Setter); 6] = [
        (properties.content_type(), BasicProperties::with_content_type),
        (properties.content_encoding(), BasicProperties::with_content_encoding),
        (properties.correlation_id(), BasicProperties::with_correlation_id),
        (properties.message_id(), BasicProperties::with_message_id),
        (properties.kind(), BasicProperties::with_type),
        (properties.app_id(), BasicProperties::with_app_id),
    ];
    for (value, set) in pairs {
        if let Some(value) = value {
            carried = set(carried, value.clone());
        }
    }
    match properties.timestamp() {
        Some(timestamp) => carried.with_timestamp(*timestamp),
        None => carried,
    }
}

type Setter = fn(BasicProperties, ShortString) -> BasicProperties;
