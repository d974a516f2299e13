//! Serving a component's routes over HTTP, by either of two interfaces: `wasi:http/incoming-handler`, which every host knows, and
//! [`exchange`], which takes one call in place of some twenty.
//!
//! A WASI 0.2 instance works on one request at a time, and every capability that it calls blocks. So there is nothing to
//! schedule here.

pub use wasip2;

pub use self::wasi_http::IncomingBody;

pub mod exchange;
mod parts;
pub mod wasi_http;

/// Exports both interfaces over the `ROUTES` of a component.
#[macro_export]
macro_rules! serve_http {
    () => {
        #[allow(unsafe_code, reason = "the exported functions are written by wit-bindgen")]
        mod http_export {
            use $crate::server::exchange::bindings::exports::waybill::components::exchange;
            use $crate::server::wasip2::exports::http::incoming_handler;
            use $crate::server::wasip2::http::types::{IncomingRequest, ResponseOutparam};

            struct Component;

            impl exchange::Guest for Component {
                fn answer(request: exchange::Request) -> exchange::Response {
                    $crate::server::exchange::answer(super::ROUTES, request)
                }
            }

            impl incoming_handler::Guest for Component {
                fn handle(request: IncomingRequest, response: ResponseOutparam) {
                    $crate::server::wasi_http::answer(super::ROUTES, request, response);
                }
            }

            $crate::server::exchange::bindings::export!(
                Component with_types_in $crate::server::exchange::bindings
            );
            $crate::server::wasip2::http::proxy::export!(Component with_types_in $crate::server::wasip2);
        }
    };
}
