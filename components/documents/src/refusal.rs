use crate::Profile;

/// Why a document is not written as an electronic invoice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An amount has more fraction digits than EN 16931 allows (BR-DEC-…).
    #[error(
        "EN 16931 knows two digits after the decimal point, and this document has an amount in {currency} with more"
    )]
    TooPrecise {
        /// The document's currency.
        currency: String,
    },
    /// The currency is not in the rules' list, which follows ISO 4217 with a delay.
    #[error("the list of currencies of {profile} does not have {currency} yet ({rule})")]
    UnknownCurrency {
        /// The document's currency.
        currency: String,
        /// Whose list it is.
        profile: Profile,
        /// The rule that checks it.
        rule: &'static str,
    },
    /// The official rules take a rate that is rounded to 0 % for no tax (BR-CO-17), and reject the tax.
    #[error("the rules of EN 16931 know no VAT rate between 0 % and 0.5 % (BR-CO-17)")]
    LowRate,
    /// A tax that prices include differs from its rate on the net sum by a whole unit of a currency without decimals.
    #[error(
        "the rules of EN 16931 want a tax that is its rate of the net sum to less than one {currency} (BR-CO-17)"
    )]
    RoundedTax {
        /// The document's currency.
        currency: String,
    },
    /// EN 16931 has one tax on a line, which is VAT.
    #[error(
        "EN 16931 knows VAT only, one rate on each line (BG-30), and this document has other taxes: {names}"
    )]
    OtherTaxes {
        /// The names of the taxes.
        names: String,
    },
    /// The profile requires something that the document does not have.
    #[error("{profile} requires {what}")]
    Missing {
        /// The profile that was asked for.
        profile: Profile,
        /// What is missing, with the business term and the rule.
        what: &'static str,
    },
    /// The profile exists in UBL only.
    #[error("{profile} is exchanged as UBL, not as CII")]
    UblOnly {
        /// The profile that was asked for.
        profile: Profile,
    },
}
