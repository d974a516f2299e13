//! A component that keeps notes: `POST /notes` takes each line of the body as a note, `GET /notes` lists the latest ones.
//!
//! It imports one interface, `wasmcloud:postgres/query`, and exports `wasi:http/incoming-handler`. So the same bytes run on
//! Waybill's host, on wasmCloud, and on Spin with `components/postgres-on-spin` as dependency. Built with the feature `tracing` it
//! also imports `wasi:otel/tracing`, and its spans are in the trace of the request.

#![cfg(target_family = "wasm")]
#![allow(unsafe_code, reason = "the exported function is written by wit-bindgen")]

use wasip2::http::types::{
    Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

use self::bindings::wasmcloud::postgres::query::query;
use self::bindings::wasmcloud::postgres::types::{PgValue, QueryError, ResultRow};
use self::span::Span;

// An import cannot be optional: a host without the interface refuses the component.
#[cfg_attr(not(feature = "tracing"), path = "no_span.rs")]
mod span;

#[allow(missing_docs, clippy::all, clippy::pedantic)]
mod bindings {
    wit_bindgen::generate!({
        inline: "
            package example:notes;

            world notes {
                import wasmcloud:postgres/query@0.1.1-draft;
            }
        ",
        path: "../../wit/deps/wasmcloud-postgres-0.1.1-draft",
        generate_all,
    });
}

/// A component has no start at which it could migrate, and each call is a transaction of its own. A real service leaves its
/// schema to migrations.
const CREATE: &str = "CREATE TABLE IF NOT EXISTS notes (\
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL CHECK (body <> ''))";
const ADD: &str = "INSERT INTO notes (body) VALUES ($1) RETURNING id";
const LIST: &str = "SELECT body FROM notes ORDER BY id DESC LIMIT 20";

/// The longest body. Whatever a client sends needs a bound.
const MAX_BODY_BYTES: u64 = 10_000;

struct Notes;

wasip2::http::proxy::export!(Notes);

impl wasip2::exports::http::incoming_handler::Guest for Notes {
    fn handle(request: IncomingRequest, response: ResponseOutparam) {
        let (status, text) = match (request.method(), request.path_with_query().as_deref()) {
            (Method::Get, Some("/notes")) => answer(200, "list notes", list),
            (Method::Post, Some("/notes")) => match body(&request) {
                Some(notes) => answer(201, "add notes", |span| add(&notes, span)),
                None => (400, format!("Notes are lines of text, of 1 to {MAX_BODY_BYTES} bytes together.")),
            },
            _ => (404, "There is /notes only.".to_owned()),
        };
        send(status, &text, response);
    }
}

/// Adds each line, and returns their identifiers.
fn add(notes: &str, span: &mut Span) -> Result<String, QueryError> {
    query(CREATE, &[])?;
    let lines: Vec<&str> = notes.lines().filter(|line| !line.trim().is_empty()).collect();
    span.set("notes.count", lines.len());
    let ids: Result<Vec<_>, _> = lines.into_iter().map(|line| add_one(line, span)).collect();
    Ok(ids?.join("\n"))
}

fn add_one(note: &str, within: &Span) -> Result<String, QueryError> {
    let mut span = within.child("add note");
    span.set("note.bytes", note.len());
    let rows = query(ADD, &[PgValue::Text(note.to_owned())])?;
    match first(&rows) {
        Some(PgValue::Int8(id)) => Ok(id.to_string()),
        other => Err(QueryError::Unexpected(format!("the identifier is {other:?}"))),
    }
}

fn list(span: &mut Span) -> Result<String, QueryError> {
    query(CREATE, &[])?;
    let rows = query(LIST, &[])?;
    span.set("notes.count", rows.len());
    let notes = rows.iter().filter_map(|row| match &row.first()?.value {
        PgValue::Text(note) => Some(note.as_str()),
        _ => None,
    });
    Ok(notes.collect::<Vec<_>>().join("\n"))
}

fn first(rows: &[ResultRow]) -> Option<&PgValue> {
    rows.first()?.first().map(|entry| &entry.value)
}

/// Works within a span of its own. An error's text belongs in the log: it may name what no client should see.
fn answer(
    status: u16,
    name: &str,
    work: impl FnOnce(&mut Span) -> Result<String, QueryError>,
) -> (u16, String) {
    let mut span = Span::of_request(name);
    match work(&mut span) {
        Ok(text) => (status, text),
        Err(error) => {
            eprintln!("{error:?}");
            span.fail("a statement failed");
            (503, "The database did not answer; try again.".to_owned())
        }
    }
}

fn body(request: &IncomingRequest) -> Option<String> {
    let incoming = request.consume().ok()?;
    let stream = incoming.stream().ok()?;
    let mut bytes = Vec::new();
    while let Ok(chunk) = stream.blocking_read(MAX_BODY_BYTES + 1) {
        bytes.extend(chunk);
        if bytes.len() as u64 > MAX_BODY_BYTES {
            return None;
        }
    }
    String::from_utf8(bytes).ok().filter(|note| !note.trim().is_empty())
}

fn send(status: u16, text: &str, outparam: ResponseOutparam) {
    let response = OutgoingResponse::new(Fields::new());
    let Ok(body) = response.set_status_code(status).and_then(|()| response.body()) else { return };
    ResponseOutparam::set(outparam, Ok(response));
    // A client that is gone is no reason to trap: the host may use this instance again.
    if let Ok(stream) = body.write() {
        for chunk in text.as_bytes().chunks(4096) {
            if stream.blocking_write_and_flush(chunk).is_err() {
                return;
            }
        }
    }
    let _ = OutgoingBody::finish(body, None);
}
