//! The seller that invoices are issued by, as this instance has read it last.

use std::cell::RefCell;

use waybill_billing::Parties;
use waybill_service::sql::{SqlError, Statement as _, statement};

statement!(ReadSeller, "seller/sql/read_seller.sql");

thread_local! {
    /// A seller changes rarely, so an instance keeps what it has read; the statement that issues an invoice compares.
    static KNOWN: RefCell<Option<CurrentSeller>> = const { RefCell::new(None) };
}

/// The seller that invoices are issued by.
#[derive(Clone, Debug, Default)]
pub struct CurrentSeller {
    json: Option<String>,
    parties: Parties,
}

impl CurrentSeller {
    /// The seller as it was read last, or as it is now.
    pub fn known() -> Result<Self, SqlError> {
        KNOWN.with_borrow(Clone::clone).map_or_else(Self::read, Ok)
    }

    /// The seller as it is now.
    pub fn read() -> Result<Self, SqlError> {
        let json = ReadSeller {}.query_one()?.seller;
        // A seller that cannot be read has no tax, and the invoice of a seller who is missing is refused by the database.
        let parties = json.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        let seller = Self { json, parties };
        KNOWN.set(Some(seller.clone()));
        Ok(seller)
    }

    /// As an invoice keeps it.
    pub fn json(&self) -> Option<&str> {
        self.json.as_deref()
    }

    /// What the taxes depend on.
    pub fn parties(&self) -> &Parties {
        &self.parties
    }

    #[cfg(test)]
    pub(crate) fn of(parties: Parties) -> Self {
        Self { json: None, parties }
    }
}
