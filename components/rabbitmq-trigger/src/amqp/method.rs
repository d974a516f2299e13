//! The methods by their class and number (AMQP 0-9-1, and RabbitMQ's extensions).

/// A method's class and number.
pub type Id = (u16, u16);

/// The methods that are sent or understood.
pub mod id {
    use super::Id;

    pub const CONNECTION_START: Id = (10, 10);
    pub const CONNECTION_START_OK: Id = (10, 11);
    pub const CONNECTION_TUNE: Id = (10, 30);
    pub const CONNECTION_TUNE_OK: Id = (10, 31);
    pub const CONNECTION_OPEN: Id = (10, 40);
    pub const CONNECTION_OPEN_OK: Id = (10, 41);
    pub const CONNECTION_CLOSE: Id = (10, 50);
    pub const CONNECTION_CLOSE_OK: Id = (10, 51);
    pub const CONNECTION_BLOCKED: Id = (10, 60);
    pub const CONNECTION_UNBLOCKED: Id = (10, 61);
    pub const CHANNEL_OPEN: Id = (20, 10);
    pub const CHANNEL_OPEN_OK: Id = (20, 11);
    pub const CHANNEL_CLOSE: Id = (20, 40);
    pub const CHANNEL_CLOSE_OK: Id = (20, 41);
    pub const EXCHANGE_DECLARE: Id = (40, 10);
    pub const EXCHANGE_DECLARE_OK: Id = (40, 11);
    pub const QUEUE_DECLARE: Id = (50, 10);
    pub const QUEUE_DECLARE_OK: Id = (50, 11);
    pub const QUEUE_BIND: Id = (50, 20);
    pub const QUEUE_BIND_OK: Id = (50, 21);
    pub const BASIC_QOS: Id = (60, 10);
    pub const BASIC_QOS_OK: Id = (60, 11);
    pub const BASIC_CONSUME: Id = (60, 20);
    pub const BASIC_CONSUME_OK: Id = (60, 21);
    pub const BASIC_CANCEL: Id = (60, 30);
    pub const BASIC_PUBLISH: Id = (60, 40);
    pub const BASIC_RETURN: Id = (60, 50);
    pub const BASIC_DELIVER: Id = (60, 60);
    pub const BASIC_GET: Id = (60, 70);
    pub const BASIC_GET_OK: Id = (60, 71);
    pub const BASIC_GET_EMPTY: Id = (60, 72);
    pub const BASIC_ACK: Id = (60, 80);
    pub const BASIC_NACK: Id = (60, 120);
    pub const CONFIRM_SELECT: Id = (85, 10);
    pub const CONFIRM_SELECT_OK: Id = (85, 11);
}
