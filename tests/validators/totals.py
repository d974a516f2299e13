"""The sums of an order, computed a second time: from the order's JSON, with exact decimals, and with no code of Waybill's."""

import json
from decimal import ROUND_HALF_UP, Decimal

from iso4217 import Currency
from lxml import etree

CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"


def expected(order):
    """What the order costs: line nets, net and tax of each rate, and the sums, in the currency's main unit."""
    digits = Currency(order.get("currency", "EUR")).exponent
    unit = Decimal(1).scaleb(-digits)
    if not order.get("lines"):
        lines = [(Decimal(order["amount"]) * unit, Decimal(0))]
    else:
        lines = [
            (Decimal(line["quantity"]) * Decimal(line["unitPrice"]) * unit, Decimal(line["taxRateBasisPoints"]) / 100)
            for line in order["lines"]
        ]
    by_rate = {}
    for net, rate in lines:
        by_rate[rate] = by_rate.get(rate, Decimal(0)) + net
    taxes = {rate: (net, (net * rate / 100).quantize(unit, ROUND_HALF_UP)) for rate, net in by_rate.items()}
    net = sum(net for net, _ in lines)
    tax = sum(tax for _, tax in taxes.values())
    return {"lines": [net for net, _ in lines], "taxes": taxes, "net": net, "tax": tax, "total": net + tax}


def of_ubl(root):
    def amounts(parent, name):
        return [Decimal(element.text) for element in parent.iterfind(CBC + name)]

    totals = root.find(CAC + "LegalMonetaryTotal")
    lines = root.findall(CAC + "InvoiceLine") + root.findall(CAC + "CreditNoteLine")
    tax_total = root.find(CAC + "TaxTotal")
    return {
        "lines": [amounts(line, "LineExtensionAmount")[0] for line in lines],
        "taxes": {
            amounts(part.find(CAC + "TaxCategory"), "Percent")[0]: (
                amounts(part, "TaxableAmount")[0],
                amounts(part, "TaxAmount")[0],
            )
            for part in tax_total.iterfind(CAC + "TaxSubtotal")
        },
        "net": amounts(totals, "TaxExclusiveAmount")[0],
        "tax": amounts(tax_total, "TaxAmount")[0],
        "total": amounts(totals, "PayableAmount")[0],
    }


def of_cii(root):
    def one(parent, path):
        return Decimal(parent.find("/".join(RAM + name for name in path.split("/"))).text)

    settlement = next(root.iter(RAM + "ApplicableHeaderTradeSettlement"))
    sums = "SpecifiedTradeSettlementHeaderMonetarySummation/"
    lines = root.iter(RAM + "SpecifiedLineTradeSettlement")
    return {
        "lines": [one(line, "SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount") for line in lines],
        "taxes": {
            one(tax, "RateApplicablePercent"): (one(tax, "BasisAmount"), one(tax, "CalculatedAmount"))
            for tax in settlement.iterfind(RAM + "ApplicableTradeTax")
        },
        "net": one(settlement, sums + "TaxBasisTotalAmount"),
        "tax": one(settlement, sums + "TaxTotalAmount"),
        "total": one(settlement, sums + "DuePayableAmount"),
    }


def of_json(invoice):
    """The sums of an invoice or a credit note of the API, which has none of single lines, and taxes of lines only."""
    unit = Decimal(1).scaleb(-Currency(invoice["currency"]).exponent)
    found = {"total": invoice["amount"] * unit}
    if invoice["lines"]:
        found["taxes"] = {
            Decimal(tax["rateBasisPoints"]) / 100: (tax["netAmount"] * unit, tax["taxAmount"] * unit)
            for tax in invoice["taxes"]
        }
    return found


def differences(order, syntax, text):
    """A sentence for each sum of the document that is not the order's."""
    wanted = expected(order)
    if syntax == "json":
        found = of_json(json.loads(text))
    else:
        root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
        found = of_ubl(root) if syntax == "ubl" else of_cii(root)
    for name, value in found.items():
        if wanted[name] != value:
            yield f"{name}: {value} in the document, {wanted[name]} by the order"
