use http::{Request, Response, StatusCode};
use wasmtime_wasi_http::WasiBody;

use super::page::{Visit, notice};
use crate::http::{BodyFault, RequestBody, collect_body};

/// The largest form, in bytes.
const FORM_BYTES: usize = 128 << 10;

/// The fields of a form, or the page that says why there are none.
pub(super) async fn form(visit: &Visit, request: Request<RequestBody>) -> Result<String, Response<WasiBody>> {
    let body = collect_body(request.into_body(), FORM_BYTES).await.map_err(|fault| {
        let text = match fault {
            BodyFault::TooLarge => "The form may have at most 128 KiB (131,072 bytes).",
            BodyFault::Broken => "The form ended before it was complete. Send it again.",
            BodyFault::Late => "The form did not arrive within 10 s. Send it again.",
        };
        notice(visit, fault.status(), text)
    })?;
    String::from_utf8(body.into())
        .map_err(|_| notice(visit, StatusCode::BAD_REQUEST, "The form is not UTF-8 text."))
}
