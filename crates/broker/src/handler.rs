use bytes::Bytes;
use lapin::types::ShortString;
use waybill_broker_rules::headers;
use waybill_contracts::DeliveryError;
use waybill_trace_context::TraceContext;

/// A message, as the handler sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// What the message is about: its `type`, else the routing key with which it came through an exchange, else
    /// the queue's name.
    pub subject: String,
    /// The content, as it was published.
    pub body: Bytes,
    /// The property `message-id`, which is the event's id.
    pub message_id: Option<String>,
    /// The trace to which the message belongs.
    pub trace: Option<TraceContext>,
    /// 1 for the first attempt.
    pub attempt: u32,
}

impl Delivery {
    pub(crate) fn new(received: &lapin::message::Delivery, body: Bytes) -> Self {
        let properties = &received.properties;
        let table = properties.headers().as_ref();
        let kind = properties.kind().as_ref().map(ShortString::as_str);
        let subject = headers::subject(kind, table, received.routing_key.as_str());
        Self {
            subject,
            body,
            message_id: properties.message_id().as_ref().map(ToString::to_string),
            trace: headers::trace(table),
            attempt: headers::number(table, headers::ATTEMPT).saturating_add(1),
        }
    }
}

/// Handles each message.
///
/// A message can come more than once: again after a lost connection, and twice at the same time if the first handling still runs
/// then. So handling has to be idempotent, by a permanent unique key.
pub trait Handler: Send + Sync + 'static {
    /// Handles one message. `Ok` means that its effect is durable: the message is acknowledged then.
    ///
    /// After [`DeliveryError::Failed`] it comes again by the retry ladder, and after [`DeliveryError::Rejected`] it becomes a dead
    /// letter at once. [`DeliveryError::Unavailable`] keeps it in flight: it is tried again with growing pauses, without counting as
    /// an attempt, and consuming stands still meanwhile.
    fn handle(&self, delivery: Delivery) -> impl Future<Output = Result<(), DeliveryError>> + Send;
}
