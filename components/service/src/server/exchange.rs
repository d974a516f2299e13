//! `waybill:components/exchange`: the whole request in, the whole answer out.

use std::marker::PhantomData;

use self::bindings::exports::waybill::components::exchange::{Request, Response};
use super::parts::{self, fields, headers, method, target};
use crate::request;
use crate::routes::Route;

/// The interface in Rust, as `wit-bindgen` writes it.
#[allow(missing_docs, unsafe_code, clippy::all, clippy::pedantic)]
pub mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "http", pub_export_macro: true });
}

/// Answers one request.
pub fn answer(routes: &[&[Route]], request: Request) -> Response {
    let (head, body) = parts::answer(routes, read(request)).into_parts();
    Response { status: head.status.as_u16(), headers: fields(&head.headers), body: body.into() }
}

fn read(request: Request) -> Result<request::Request, &'static str> {
    Ok(request::Request {
        method: method(&request.method)?,
        target: target(request.target)?,
        headers: headers(request.headers)?,
        body: request.body.into(),
        fields: PhantomData,
    })
}
