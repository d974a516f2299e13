//! Declares the exchange and the queues as `waybill-broker` does, in the same order and with the same arguments.

use amq_protocol_types::FieldTable;
use waybill_broker_rules::{
    dead_letter_arguments, dead_letter_queue, isolated_arguments, isolated_queue, main_arguments,
    retry_arguments, retry_queue,
};

use crate::amqp::{AmqpError, Connection, Id, Reader, Writer, id};
use crate::session::DECLARATIONS;
use crate::settings::Settings;

const NOT_FOUND: u16 = 404;
const PRECONDITION_FAILED: u16 = 406;

const PASSIVE: u8 = 1;
const DURABLE: u8 = 2;

/// Declares all of it. What exists otherwise and is not ours to decide is used as it is.
pub fn declare(connection: &mut Connection, settings: &Settings) -> Result<(), AmqpError> {
    let Settings { queue, exchange, binding, .. } = settings;
    let fields = Writer::default().u16(0).short_string(exchange).short_string("topic").u8(DURABLE);
    let fields = fields.table(&FieldTable::default());
    ask(connection, id::EXCHANGE_DECLARE, fields, id::EXCHANGE_DECLARE_OK)?;
    // The dead letters come first: the main queue sends there what it would have to drop.
    or_as_it_is(declare_queue(connection, &dead_letter_queue(queue), DURABLE, &dead_letter_arguments()))?;
    let exists = match declare_queue(connection, queue, PASSIVE, &FieldTable::default()) {
        Ok(()) => true,
        Err(error) if error.is_refusal(NOT_FOUND) => false,
        Err(error) => return Err(error),
    };
    match declare_queue(connection, queue, DURABLE, &main_arguments(queue, settings.queue_type)) {
        // To use a queue needs no permission to declare it.
        Err(AmqpError::Refused { .. }) if exists => {}
        declared => or_as_it_is(declared)?,
    }
    for delay in &settings.retry_delays {
        let arguments = retry_arguments(*delay, queue);
        declare_queue(connection, &retry_queue(queue, *delay), DURABLE, &arguments)?;
    }
    declare_queue(connection, &isolated_queue(queue), DURABLE, &isolated_arguments())?;
    let fields = Writer::default().u16(0).short_string(queue).short_string(exchange).short_string(binding);
    ask(connection, id::QUEUE_BIND, fields.u8(0).table(&FieldTable::default()), id::QUEUE_BIND_OK)
}

/// How many isolated messages there are.
pub fn isolated_messages(connection: &mut Connection, queue: &str) -> Result<u32, AmqpError> {
    let fields = Writer::default().u16(0).short_string(&isolated_queue(queue)).u8(PASSIVE);
    let fields = fields.table(&FieldTable::default());
    let found = answer(connection, id::QUEUE_DECLARE, fields, id::QUEUE_DECLARE_OK)?;
    let mut found = Reader::new(&found);
    found.short_string()?;
    found.u32()
}

fn declare_queue(
    connection: &mut Connection,
    queue: &str,
    flags: u8,
    arguments: &FieldTable,
) -> Result<(), AmqpError> {
    let fields = Writer::default().u16(0).short_string(queue).u8(flags).table(arguments);
    ask(connection, id::QUEUE_DECLARE, fields, id::QUEUE_DECLARE_OK)
}

fn ask(connection: &mut Connection, request: Id, fields: Writer, wanted: Id) -> Result<(), AmqpError> {
    answer(connection, request, fields, wanted).map(drop)
}

/// Asks on a channel of its own, because RabbitMQ closes the channel when it refuses, and returns the fields of the answer.
fn answer(
    connection: &mut Connection,
    request: Id,
    fields: Writer,
    wanted: Id,
) -> Result<Vec<u8>, AmqpError> {
    connection.open_channel(DECLARATIONS)?;
    let answer = connection.ask(DECLARATIONS, request, fields, wanted)?;
    connection.close_channel(DECLARATIONS)?;
    Ok(answer)
}

fn or_as_it_is(declared: Result<(), AmqpError>) -> Result<(), AmqpError> {
    match declared {
        Err(error) if error.is_refusal(PRECONDITION_FAILED) => Ok(()),
        other => other,
    }
}
