//! Where errors lead: the pages of the project's documentation, which a person can read without a checkout.

/// What the address of each page begins with. Pages are those of `main`, so that an address stays what it is from version to version.
const PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/");

/// The address of a page by its name in `docs/`, with or without one of its headings.
///
/// ```
/// let address = waybill_contracts::documentation("errors.md#409-conflict");
/// assert!(address.ends_with("/docs/errors.md#409-conflict"));
/// ```
pub fn documentation(page: &str) -> String {
    [PAGES, page].concat()
}
