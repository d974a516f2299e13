//! The parsers of this component, for the targets in `fuzz/`.

use waybill_service::faults::Faults;
use waybill_service::fields::{Check as _, Given};
use waybill_service::json::RawValue;

pub use crate::cloud_event::CloudEvent;
pub use crate::events::{ChangedOrder, PlacedOrder};
pub use crate::webhooks::create_endpoint::NewEndpoint;
use crate::webhooks::url::Url;

/// Reads the address of a webhook endpoint, and whether every system accepts it.
pub fn webhook_url(json: &RawValue) -> Result<(String, bool), Faults> {
    Url.check(Given::Json(json))
}
