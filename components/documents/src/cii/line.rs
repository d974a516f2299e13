//! A line.

use waybill_billing::BilledLine;
use waybill_contracts::Decimal;

use super::tax::{allowance, tax_rate};
use crate::Document;
use crate::money::Money;
use crate::parties::filled;
use crate::xml::Xml;

pub fn bill_line(xml: &mut Xml, money: &Money, document: &Document, number: usize, line: &BilledLine) {
    let unit = [("unitCode", line.unit_code.as_str())];
    xml.group("ram:IncludedSupplyChainTradeLineItem", |xml| {
        xml.group("ram:AssociatedDocumentLineDocument", |xml| {
            xml.text("ram:LineID", &number.to_string());
            if let Some(note) = line.item.as_ref().and_then(|item| filled(item.note.as_ref())) {
                xml.group("ram:IncludedNote", |xml| xml.text("ram:Content", note));
            }
        });
        xml.group("ram:SpecifiedTradeProduct", |xml| match &line.item {
            Some(item) => {
                xml.optional("ram:SellerAssignedID", filled(Some(&item.sku)));
                xml.optional("ram:BuyerAssignedID", filled(item.buyer_id.as_ref()));
                xml.text("ram:Name", &item.description);
            }
            None => xml.text("ram:Name", &format!("Order {}", document.order_id)),
        });
        xml.group("ram:SpecifiedLineTradeAgreement", |xml| {
            xml.group("ram:NetPriceProductTradePrice", |xml| {
                xml.text("ram:ChargeAmount", &money.price(line.price.amount));
                if line.price.per != Decimal::ONE {
                    xml.text_with("ram:BasisQuantity", &unit, &line.price.per.to_string());
                }
            });
        });
        xml.group("ram:SpecifiedLineTradeDelivery", |xml| {
            xml.text_with("ram:BilledQuantity", &unit, &line.quantity.to_string());
        });
        xml.group("ram:SpecifiedLineTradeSettlement", |xml| {
            xml.group("ram:ApplicableTradeTax", |xml| tax_rate(xml, line.category, line.rate_basis_points));
            for (is_charge, it) in line.allowances_and_charges() {
                allowance(xml, money, is_charge, it.net, &it.reason, |_| {});
            }
            xml.group("ram:SpecifiedTradeSettlementLineMonetarySummation", |xml| {
                xml.text("ram:LineTotalAmount", &money.amount(line.net));
            });
        });
    });
}
