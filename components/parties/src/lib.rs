//! Rules of what identifies a seller or buyer on an invoice: VAT identifiers, electronic addresses and registration schemes.
//!
//! Both services and the documents use them, so that an order, an event and the seller are checked alike. The crate has tables and
//! arithmetic only.
//!
//! ```
//! use waybill_parties::{scheme, vat_id};
//!
//! assert_eq!(vat_id::read("CHE-116.281.710 MWST").as_deref(), Some("CHE116281710MWST"));
//! assert_eq!(vat_id::read("DE136695977"), None);
//! assert_eq!(scheme::of_vat_id("DE136695976"), Some(("9930", "DE136695976")));
//! ```

pub mod identifier;
pub mod postal_code;
pub mod scheme;
pub mod vat_id;
