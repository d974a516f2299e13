//! How a document is written, as of when it was issued.

/// The edition of new documents. An invoice keeps the edition that it was issued in, and its document is written by that one in every later
/// version, so that it stays the same bytes. What a version writes differently it writes so from a new edition on.
///
/// | Edition | From it on |
/// | --- | --- |
/// | 0 | as before editions were recorded |
/// | 1 | Reverse charge and supplies within the Union have the law's words also beside a reason of the order's own, and margin schemes have theirs. Documents of sellers in countries without VAT do not speak of VAT. Supplies within the Union go to the buyer's address where no other is given. In Peppol, documents between German parties have a buyer reference (DE-R-015) and readable discounts (DE-R-018), and Swedish and Italian sellers have valid tax numbers. |
/// | 2 | PDFs have letters that the built-in font lacks in the operator's fonts. English amounts below 0 have the minus before the currency. |
/// | 3 | Specimens have no account, card or direct debit of their order. The credit note of an invoice after deposits takes back what that invoice asks for. Where the buyer's country is not known, it is that of the buyer's VAT identifier, and only then the seller's. Belgian parties have their enterprise number as address (0208), where none is given. Supplies within the Union that go to the buyer's address have all of it. In Peppol, documents between Danish parties name branch and account in place of the IBAN, and Icelandic sellers may have documents. |
/// | 4 | PDFs for customers who ask for XRechnung have it inside. |
/// | 5 | Pages and PDFs state a rate only of what is taxed or zero rated, name the reason of an exemption with its sum and, where there are several, its lines, and the rate of each allowance and charge. They have the buyer's company number, the seller's contact, the holder of a card, and words for units that are counted. Codes of exemptions are printed as the article or sentence of the law. A delivery of which only the name is known has no address in XML. |
pub const EDITION: u16 = 5;
