//! The lines of what a client orders.

use waybill_billing::{
    EXEMPTION_RULE, MAX_ALLOWANCES, MAX_QUANTITY, UNIT_RULE, is_exemption_code, is_unit_code,
};
use waybill_contracts::{Decimal, Line, LineAllowance, MAX_AMOUNT, TaxCategory};
use waybill_service::Fields;
use waybill_service::rules::{Integer, Items, Number, OneOf, Text};
use waybill_service::text::LineOfText;

use super::taxes::{GivenTax, NewTax, TAXES};

pub const TAX_RATE: Integer<i32> = Integer::new(0, 10_000).of("an integer of basis points", ": 1900 is 19 %");

pub const TAX_CATEGORY: OneOf = OneOf(&TaxCategory::CODES);

const UNIT_CODE: Text<String> = Text {
    rule: UNIT_RULE,
    read: |code| is_unit_code(code).then(|| code.to_owned()),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.pattern(Some("^[0-9A-Z]{2,3}$")),
};

/// The code of a reason why no tax is charged.
const EXEMPTION_CODE: Text<String> = Text {
    rule: EXEMPTION_RULE,
    read: |code| is_exemption_code(code).then(|| code.to_owned()),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.pattern(Some("^VATEX-[0-9A-Z-]+$")),
};

/// A line of a new order.
#[derive(Clone, Debug, PartialEq, Eq, Fields)]
pub struct NewOrderLine {
    /// The seller's identifier of what is sold (BT-155).
    #[rule(LineOfText::CODE)]
    sku: String,
    /// What is sold, in words (BT-153).
    #[rule(LineOfText::LONG)]
    description: String,
    /// How much of it, in units of `unitCode` (BT-129). A return or a correction is less than 0.
    #[rule(Number::new(-MAX_QUANTITY, MAX_QUANTITY).not_zero())]
    quantity: Decimal,
    /// Minor units of the order's currency for one unit, and parts of them; without tax, or with it if the order has
    /// `pricesIncludeTax`.
    #[rule(Number::new(0, MAX_AMOUNT))]
    unit_price: Decimal,
    /// Basis points: 1900 is 19 % (BT-152). Either this or `taxes`.
    #[rule(TAX_RATE)]
    tax_rate_basis_points: Option<i32>,
    /// The taxes by their own names, where it is not one VAT: GST and PST, or a sales tax. `taxCategory` and the exemption's members are
    /// left out then.
    #[rule(TAXES)]
    taxes: Option<Vec<NewTax>>,
    /// The unit's code of UN/ECE recommendation 20 (BT-130): `HUR` is an hour, `KGM` a kilogram. A piece (`H87`) where there is none.
    #[rule(UNIT_CODE)]
    unit_code: Option<String>,
    /// The tax category (BT-151). Without it a rate above 0 is `S`, and a rate of 0 is `Z`, or `E` if the seller is exempt.
    #[rule(TAX_CATEGORY)]
    tax_category: Option<&'static str>,
    /// Why no tax is charged (BT-120).
    #[rule(LineOfText::LONG)]
    exemption_reason: Option<String>,
    /// The code of that reason, from the VATEX list (BT-121).
    #[rule(EXEMPTION_CODE)]
    exemption_reason_code: Option<String>,
    /// Free text (BT-127).
    #[rule(LineOfText::NOTE)]
    note: Option<String>,
    /// The buyer's identifier of what is sold (BT-156).
    #[rule(LineOfText::CODE)]
    buyer_item_id: Option<String>,
    /// What is taken off the price of the line (BG-27).
    #[rule(Items::<NewLineAllowance>::up_to(MAX_ALLOWANCES, "allowances"))]
    allowances: Option<Vec<NewLineAllowance>>,
    /// What is added to the price of the line (BG-28).
    #[rule(Items::<NewLineAllowance>::up_to(MAX_ALLOWANCES, "charges"))]
    charges: Option<Vec<NewLineAllowance>>,
}

/// An allowance or a charge of a line of a new order, which has the line's tax.
#[derive(Clone, Debug, PartialEq, Eq, Fields)]
pub struct NewLineAllowance {
    /// Minor units, with or without tax as the prices are.
    #[rule(Integer::minor_units(1))]
    amount: i64,
    /// What it is for.
    #[rule(LineOfText::LONG)]
    reason: String,
}

impl NewOrderLine {
    pub fn tax(&self) -> GivenTax<'_> {
        GivenTax {
            rate_basis_points: self.tax_rate_basis_points,
            category: self.tax_category,
            taxes: self.taxes.as_ref(),
        }
    }
}

impl From<NewOrderLine> for Line {
    fn from(line: NewOrderLine) -> Self {
        let (tax_rate_basis_points, tax_category, taxes) = line.tax().of_contract();
        let allowances =
            |given: Option<Vec<NewLineAllowance>>| given.into_iter().flatten().map(Into::into).collect();
        Self {
            sku: line.sku,
            description: line.description,
            quantity: line.quantity,
            unit_price: line.unit_price,
            tax_rate_basis_points,
            taxes,
            unit_code: line.unit_code,
            tax_category,
            exemption_reason: line.exemption_reason,
            exemption_reason_code: line.exemption_reason_code,
            note: line.note,
            buyer_item_id: line.buyer_item_id,
            allowances: allowances(line.allowances),
            charges: allowances(line.charges),
        }
    }
}

impl From<NewLineAllowance> for LineAllowance {
    fn from(NewLineAllowance { amount, reason }: NewLineAllowance) -> Self {
        Self { amount, reason }
    }
}
