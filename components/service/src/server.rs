//! Serving a component's routes over HTTP, by two interfaces: one of `wasi:http`, which other hosts call, and [`exchange`], which takes
//! one call in place of some twenty.
//!
//! The feature `wasip3` chooses the first one when the component is built: `wasi:http/incoming-handler` of WASI 0.2, which every host
//! knows, or `wasi:http/handler` of WASI 0.3, for which wasmCloud 2 and Spin keep instances.
//!
//! An instance works on one request at a time, and every capability that it calls blocks. So there is nothing to schedule here.

#[cfg(not(feature = "wasip3"))]
pub use wasip2;
#[cfg(feature = "wasip3")]
pub use wasip3;

#[cfg(not(feature = "wasip3"))]
pub use self::incoming_handler::IncomingBody;

pub mod exchange;
#[cfg(feature = "wasip3")]
pub mod handler;
#[cfg(not(feature = "wasip3"))]
pub mod incoming_handler;
mod parts;

/// Exports both interfaces over the `ROUTES` of a component.
#[macro_export]
macro_rules! serve_http {
    () => {
        #[allow(unsafe_code, reason = "the exported functions are written by wit-bindgen")]
        mod http_export {
            use $crate::server::exchange::bindings::exports::waybill::components::exchange;

            struct Component;

            impl exchange::Guest for Component {
                fn answer(request: exchange::Request) -> exchange::Response {
                    $crate::server::exchange::answer(super::ROUTES, request)
                }
            }

            $crate::server::exchange::bindings::export!(
                Component with_types_in $crate::server::exchange::bindings
            );
            $crate::serve_wasi_http!(Component);
        }
    };
}

/// Exports `wasi:http/incoming-handler`.
#[cfg(not(feature = "wasip3"))]
#[doc(hidden)]
#[macro_export]
macro_rules! serve_wasi_http {
    ($component:ident) => {
        use $crate::server::wasip2::exports::http::incoming_handler;
        use $crate::server::wasip2::http::types::{IncomingRequest, ResponseOutparam};

        impl incoming_handler::Guest for $component {
            fn handle(request: IncomingRequest, response: ResponseOutparam) {
                $crate::server::incoming_handler::answer(super::ROUTES, request, response);
            }
        }

        $crate::server::wasip2::http::proxy::export!($component with_types_in $crate::server::wasip2);
    };
}

/// Exports `wasi:http/handler`.
#[cfg(feature = "wasip3")]
#[doc(hidden)]
#[macro_export]
macro_rules! serve_wasi_http {
    ($component:ident) => {
        use $crate::server::wasip3::exports::http::handler;
        use $crate::server::wasip3::http::types::{ErrorCode, Request, Response};

        impl handler::Guest for $component {
            async fn handle(request: Request) -> Result<Response, ErrorCode> {
                $crate::server::handler::answer(super::ROUTES, request).await
            }
        }

        $crate::server::wasip3::http::service::export!($component with_types_in $crate::server::wasip3);
    };
}
