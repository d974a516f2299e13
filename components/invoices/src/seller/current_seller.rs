//! The sellers that invoices are issued by, as this instance has read them last.

use std::cell::RefCell;
use std::rc::Rc;

use waybill_billing::Parties;
use waybill_service::sql::{SqlError, Statement as _, statement};

statement!(ReadSeller, "seller/sql/read_seller.sql");

/// The most sellers that an instance keeps.
const MAX_KNOWN: usize = 32;

thread_local! {
    /// A seller changes rarely, so an instance keeps what it has read; the statement that issues an invoice compares.
    static KNOWN: RefCell<Vec<Rc<CurrentSeller>>> = const { RefCell::new(Vec::new()) };
}

/// A seller that invoices are issued by.
#[derive(Debug, Default)]
pub struct CurrentSeller {
    id: String,
    json: Option<String>,
    parties: Parties,
}

impl CurrentSeller {
    /// The seller as it was read last, or as it is now.
    pub fn known(id: &str) -> Result<Rc<Self>, SqlError> {
        let known = KNOWN.with_borrow(|known| known.iter().find(|seller| seller.id == id).cloned());
        known.map_or_else(|| Self::read(id), Ok)
    }

    /// The seller as it is now.
    pub fn read(id: &str) -> Result<Rc<Self>, SqlError> {
        let json = ReadSeller { seller_id: id }.query_one()?.seller;
        // A seller that cannot be read has no tax, and the invoice of a seller who is missing is refused.
        let parties = json.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        let seller = Rc::new(Self { id: id.to_owned(), json, parties });
        KNOWN.with_borrow_mut(|known| {
            known.retain(|it| it.id != seller.id);
            if seller.json.is_some() {
                known.truncate(MAX_KNOWN - 1);
                known.insert(0, seller.clone());
            }
        });
        Ok(seller)
    }

    /// As an invoice keeps it; `None` if it is not set.
    pub fn json(&self) -> Option<&str> {
        self.json.as_deref()
    }

    /// What the taxes depend on.
    pub fn parties(&self) -> &Parties {
        &self.parties
    }

    #[cfg(test)]
    pub(crate) fn of(parties: Parties) -> Self {
        Self { json: Some("{}".to_owned()), parties, ..Self::default() }
    }
}
