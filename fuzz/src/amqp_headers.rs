//! The headers of a message, and the dead letter that they describe. The bytes are a field table as AMQP 0-9-1 writes it (without
//! its length); what is not a table is the text of a header.

use amq_protocol_types::generation::gen_field_table;
use amq_protocol_types::parsing::parse_field_table;
use bytes::Bytes;
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, LongString};
use waybill_broker::headers::{ATTEMPT, CAUSE, DEAD_LETTER_ID, LAST_ERROR};
use waybill_broker::{BrokerConfig, fuzzing};

/// What may be carried, and the longest error (`crates/broker-rules/src/headers.rs`).
const MAX_CARRIED_BYTES: usize = 64 * 1024;
const MAX_ERROR_BYTES: usize = 1_000;

pub fn check(data: &[u8]) {
    let mut bytes = u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes().to_vec();
    bytes.extend_from_slice(data);
    let table = match parse_field_table(bytes.as_slice()) {
        Ok(([], table)) => table,
        _ => [CAUSE, ATTEMPT, LAST_ERROR, DEAD_LETTER_ID, "traceparent", "x-waybill-other"]
            .into_iter()
            .map(|name| (name.into(), AMQPValue::LongString(LongString::from(data))))
            .collect::<std::collections::BTreeMap<_, _>>()
            .into(),
    };
    sizes(&table);
    // As many as a sender likes: what is carried has to fit into one frame all the same.
    let many: FieldTable = (0..80_u32)
        .flat_map(|copy| {
            let renamed = move |name: &str| format!("{}-{copy}", name.chars().take(20).collect::<String>());
            table.inner().iter().map(move |(name, value)| (renamed(name.as_str()).into(), value.clone()))
        })
        .collect::<std::collections::BTreeMap<_, _>>()
        .into();
    for table in [table, many] {
        check_table(table, data);
    }
}

fn sizes(table: &FieldTable) {
    let written = gen_field_table(table)(Vec::new().into()).unwrap().into_inner().0;
    assert_eq!(fuzzing::table_size(table), written.len(), "{table:?}");
}

fn check_table(table: FieldTable, data: &[u8]) {
    let properties = BasicProperties::default().with_headers(table);
    let carried = fuzzing::carried(&properties);
    assert!(fuzzing::table_size(&carried) <= MAX_CARRIED_BYTES, "{} bytes", fuzzing::table_size(&carried));
    let again = BasicProperties::default().with_headers(carried.clone());
    assert_eq!(fuzzing::carried(&again), carried, "what was carried once is carried again");

    let error = String::from_utf8_lossy(data);
    let with_error = fuzzing::with_error(&properties, &error);
    match with_error.inner().get(LAST_ERROR) {
        Some(AMQPValue::LongString(text)) => {
            let text = std::str::from_utf8(text.as_bytes()).unwrap();
            assert!(text.len() <= MAX_ERROR_BYTES && error.starts_with(text));
        }
        other => panic!("{other:?}"),
    }

    let config = BrokerConfig::new("amqp://localhost".parse().unwrap());
    let letter = fuzzing::dead_letter(&properties, Bytes::copy_from_slice(data), &config);
    assert!(!letter.id.is_empty());
    assert_eq!(letter, fuzzing::dead_letter(&properties, Bytes::copy_from_slice(data), &config));
    // A replay finds by these what a list showed.
    let carried = fuzzing::dead_letter(&again, Bytes::copy_from_slice(data), &config);
    if carried.headers.len() == letter.headers.len() {
        assert_eq!(
            (&carried.id, &carried.cause, carried.attempts),
            (&letter.id, &letter.cause, letter.attempts)
        );
    }
    assert!(fuzzing::trace(&properties).is_none_or(|trace| trace.traceparent.len() == 55));
}
