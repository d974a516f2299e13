//! Lines, allowances and charges as they are billed.

use waybill_contracts::{Allowance, Decimal, Line, LineAllowance};

use crate::bill::{BilledAllowance, BilledLine, BilledLineAllowance, Item, Price};
use crate::gross::apportion;
use crate::rate::Rate;

/// What a line costs, with or without tax as its price is: its quantity, its allowances (less than zero), then its charges.
///
/// `None` if the amount of the quantity is too large.
pub fn line_amounts(line: &Line) -> Option<impl Iterator<Item = i128>> {
    let of_quantity = line.quantity.times(line.unit_price)?;
    let allowances = line.allowances.iter().map(|it| -i128::from(it.amount));
    let charges = line.charges.iter().map(|it| i128::from(it.amount));
    Some(std::iter::once(of_quantity.into()).chain(allowances).chain(charges))
}

/// A line with its net amount.
pub fn billed_line(line: &Line, net: i64, rate: Rate<'_>, includes_tax: bool) -> Option<BilledLine> {
    let amounts: Vec<i128> = line_amounts(line)?.collect();
    let nets = if includes_tax { apportion(&amounts, |_| rate.net_share(), net.into()) } else { amounts };
    let billed = |given: &[LineAllowance], nets: &[i128], sign: i128| -> Option<Vec<BilledLineAllowance>> {
        let billed = |(it, net): (&LineAllowance, &i128)| {
            Some(BilledLineAllowance { net: (net * sign).try_into().ok()?, reason: it.reason.clone() })
        };
        given.iter().zip(nets).map(billed).collect()
    };
    let (allowance_nets, charge_nets) = nets[1..].split_at(line.allowances.len());
    let allowances = billed(&line.allowances, allowance_nets, -1)?;
    let charges = billed(&line.charges, charge_nets, 1)?;
    let price = if includes_tax {
        net_price(nets[0].try_into().ok()?, line.quantity)?
    } else {
        Price { amount: line.unit_price, per: Decimal::ONE }
    };
    // An item without a description is shown by its identifier.
    let (sku, description) = (line.sku.trim(), line.description.trim());
    let name = if description.is_empty() { sku } else { description };
    Some(BilledLine {
        item: Some(Item {
            sku: sku.to_owned(),
            description: name.to_owned(),
            buyer_id: line.buyer_item_id.clone(),
            note: line.note.clone(),
        }),
        quantity: line.quantity,
        unit_code: line.unit().to_owned(),
        price,
        price_with_tax: includes_tax.then_some(line.unit_price),
        allowances,
        charges,
        net,
        category: rate.category,
        rate_basis_points: rate.basis_points,
        taxes: rate.components.to_vec(),
    })
}

/// The price of one unit whose product with the quantity is the net amount; where none has so few digits, the amount is the price of
/// the quantity.
fn net_price(net: i64, quantity: Decimal) -> Option<Price> {
    let (net, quantity) = (net.checked_abs()?, quantity.abs());
    let of_one = Decimal::quotient(net, quantity).filter(|price| price.times(quantity) == Some(net));
    Some(match of_one {
        Some(amount) => Price { amount, per: Decimal::ONE },
        None => Price { amount: net.into(), per: quantity },
    })
}

/// Allowances (`sign` is -1) or charges with their net amounts.
pub fn billed_allowances(
    given: &[Allowance],
    nets: &[i64],
    rates: &[Rate<'_>],
    sign: i64,
) -> Vec<BilledAllowance> {
    let given = given.iter().zip(nets).zip(rates);
    given
        .map(|((allowance, net), rate)| BilledAllowance {
            net: net * sign,
            reason: allowance.reason.clone(),
            category: rate.category,
            rate_basis_points: rate.basis_points,
            taxes: rate.components.to_vec(),
        })
        .collect()
}
