//! The parsers of this component, for the targets in `fuzz/`.

pub use waybill_documents::Seller;
use waybill_service::faults::Faults;
use waybill_service::fields::{Check as _, Given};
use waybill_service::json::RawValue;

pub use crate::cloud_event::CloudEvent;
pub use crate::events::{ChangedOrder, PlacedOrder};
pub use crate::seller::new_seller::NewSeller;
pub use crate::series::format::is_number_beside_digits;
pub use crate::series::replace_series::NewSeries;
pub use crate::series::settings::SeriesSettings;
pub use crate::webhooks::create_endpoint::NewEndpoint;
use crate::webhooks::url::Url;

/// Reads the address of a webhook endpoint, and whether every system accepts it.
pub fn webhook_url(json: &RawValue) -> Result<(String, bool), Faults> {
    Url.check(Given::Json(json))
}
