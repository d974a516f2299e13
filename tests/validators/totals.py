"""The sums of an order, computed a second time: from the order's JSON, with exact decimals, and with no code of Waybill's."""

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from iso4217 import Currency
from lxml import etree

CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"


def rounded(number):
    return number.quantize(Decimal(1), ROUND_HALF_UP)


def half_up(fraction):
    """Rounded half away from zero."""
    whole = int(abs(fraction) + Fraction(1, 2))
    return Decimal(-whole if fraction < 0 else whole)


def expected(order):
    """What the order costs, in the currency's main unit: line nets, net and tax of each category and rate, and the sums.

    Prices with tax are divided into net and tax on the sum of a rate, so of their lines no net amount is expected, and none of each named tax.
    """
    unit = Decimal(1).scaleb(-Currency(order.get("currency", "EUR")).exponent)
    prepaid = sum(prepayment["amount"] for prepayment in order.get("prepayments", [])) * unit
    if not order.get("lines"):
        total = Decimal(order["amount"]) * unit
        return {"total": total, "due": total - prepaid}
    gross = order.get("pricesIncludeTax", False)
    parts = []
    for line in order["lines"]:
        amount = rounded(Decimal(line["quantity"]) * Decimal(line["unitPrice"]))
        amount += sum(charge["amount"] for charge in line.get("charges", []))
        amount -= sum(allowance["amount"] for allowance in line.get("allowances", []))
        parts.append((amount, line.get("taxRateBasisPoints", 0), category(line), line.get("taxes", [])))
    lines = [part[0] for part in parts]
    for sign, name in ((-1, "allowances"), (1, "charges")):
        for it in order.get(name, []):
            rate = it.get("taxRateBasisPoints", 0)
            of_line = next((part[2] for part in parts[: len(lines)] if part[1] == rate and not part[3]), None)
            parts.append((sign * it["amount"], rate, it.get("taxCategory") or of_line or category(it), it.get("taxes", [])))
    sums = {}
    for amount, rate, code, named in parts:
        if named:
            continue
        sums[code, rate] = sums.get((code, rate), 0) + amount
    taxes = {}
    for (code, rate), amount in sums.items():
        if gross:
            tax = rounded(Decimal(amount) * rate / (10_000 + rate))
            net = amount - tax
        else:
            net, tax = amount, rounded(Decimal(amount) * rate / 10_000)
        taxes[code, Decimal(rate) / 100] = (net * unit, tax * unit)
    net = sum(net for net, _ in taxes.values())
    tax = sum(tax for _, tax in taxes.values())
    named_taxes, named_net = named_sums([(amount, named) for amount, _, _, named in parts if named], gross)
    taxes |= {key: (net if net is None else net * unit, tax * unit) for key, (net, tax) in named_taxes.items()}
    net += named_net * unit
    tax += sum(tax for _, tax in named_taxes.values()) * unit
    wanted = {"taxes": taxes, "net": net, "tax": tax, "total": net + tax, "due": net + tax - prepaid}
    return wanted if gross else wanted | {"lines": [net * unit for net in lines]}


def named_sums(parts, gross):
    """Net and tax of each tax that has a name, and the net amount of all that bears any."""
    exact = {}
    for amount, named in parts:
        rates = [Fraction(str(tax["rateBasisPoints"])) / 10_000 for tax in named]
        for tax, rate in zip(named, rates):
            key = tax["name"], Decimal(str(tax["rateBasisPoints"])) / 100
            base = Fraction(amount) / (1 + sum(rates)) if gross else Fraction(amount)
            net, share = exact.get(key, (0, 0))
            exact[key] = net + base, share + base * rate
    taxes = {key: (None if gross else Decimal(int(net)), half_up(share)) for key, (net, share) in exact.items()}
    net = sum(amount for amount, _ in parts)
    return taxes, net - sum(tax for _, tax in taxes.values()) if gross else net


def category(line):
    if line.get("taxCategory"):
        return line["taxCategory"]
    has_reason = line.get("exemptionReason") or line.get("exemptionReasonCode")
    return "S" if line.get("taxRateBasisPoints") else "E" if has_reason else "Z"


def of_ubl(root):
    def amounts(parent, name):
        return [Decimal(element.text) for element in parent.iterfind(CBC + name)]

    totals = root.find(CAC + "LegalMonetaryTotal")
    lines = root.findall(CAC + "InvoiceLine") + root.findall(CAC + "CreditNoteLine")
    tax_total = root.find(CAC + "TaxTotal")
    return {
        "lines": [amounts(line, "LineExtensionAmount")[0] for line in lines],
        "taxes": {
            of_category(part.find(CAC + "TaxCategory"), CBC + "ID", CBC + "Percent"): (
                amounts(part, "TaxableAmount")[0],
                amounts(part, "TaxAmount")[0],
            )
            for part in tax_total.iterfind(CAC + "TaxSubtotal")
        },
        "line_total": amounts(totals, "LineExtensionAmount")[0],
        "net": amounts(totals, "TaxExclusiveAmount")[0],
        "tax": amounts(tax_total, "TaxAmount")[0],
        "total": amounts(totals, "TaxInclusiveAmount")[0],
        "due": amounts(totals, "PayableAmount")[0],
    }


def of_category(parent, code, percent):
    # What is outside of the scope of the tax has no rate.
    return parent.findtext(code), Decimal(parent.findtext(percent) or 0)


def of_cii(root):
    def one(parent, path):
        return Decimal(parent.find("/".join(RAM + name for name in path.split("/"))).text)

    settlement = next(root.iter(RAM + "ApplicableHeaderTradeSettlement"))
    sums = "SpecifiedTradeSettlementHeaderMonetarySummation/"
    lines = root.iter(RAM + "SpecifiedLineTradeSettlement")
    return {
        "lines": [one(line, "SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount") for line in lines],
        "taxes": {
            of_category(tax, RAM + "CategoryCode", RAM + "RateApplicablePercent"): (one(tax, "BasisAmount"), one(tax, "CalculatedAmount"))
            for tax in settlement.iterfind(RAM + "ApplicableTradeTax")
        },
        "line_total": one(settlement, sums + "LineTotalAmount"),
        "net": one(settlement, sums + "TaxBasisTotalAmount"),
        "tax": one(settlement, sums + "TaxTotalAmount"),
        "total": one(settlement, sums + "GrandTotalAmount"),
        "due": one(settlement, sums + "DuePayableAmount"),
    }


def of_json(invoice):
    """The sums of an invoice or a credit note of the API."""
    unit = Decimal(1).scaleb(-Currency(invoice["currency"]).exponent)
    bill = invoice["bill"]
    return {
        "lines": [line["netAmount"] * unit for line in bill["lines"]],
        "taxes": {
            (tax.get("name", tax["category"]), Decimal(str(tax["rateBasisPoints"])) / 100): (tax["netAmount"] * unit, tax["taxAmount"] * unit)
            for tax in invoice["taxes"]
        },
        "line_total": bill["lineNetAmount"] * unit,
        "net": bill["netAmount"] * unit,
        "tax": bill["taxAmount"] * unit,
        "total": bill["amount"] * unit,
        "due": bill["amountDue"] * unit,
    }


def contradictions(invoice):
    """A sentence for each member of the API's JSON that does not follow from the others."""
    bill = invoice["bill"]
    for name in ("netAmount", "taxAmount", "amount", "amountDue"):
        if name in invoice and invoice[name] != bill[name]:
            yield f"{name}: {invoice[name]} of the invoice, {bill[name]} of its bill"
    for name in ("allowance", "charge"):
        amounts = [it["netAmount"] for it in bill.get(f"{name}s", [])]
        if sum(amounts) != bill[f"{name}NetAmount"]:
            yield f"{name}s: {amounts} do not sum up to {bill[f'{name}NetAmount']}"
    for total, parts in (
        ("netAmount", bill["lineNetAmount"] - bill["allowanceNetAmount"] + bill["chargeNetAmount"]),
        ("amount", bill["netAmount"] + bill["taxAmount"]),
        ("amountDue", bill["amount"] - bill["prepaidAmount"]),
    ):
        if bill[total] != parts:
            yield f"{total}: {bill[total]}, {parts} by its parts"
    for number, line in enumerate(bill["lines"], 1):
        # An exact price without tax does not always exist.
        price = Fraction(str(line["netPrice"])) * Fraction(str(line["quantity"])) / Fraction(str(line["priceQuantity"]))
        allowances, charges = (sum(it["netAmount"] for it in line.get(name, [])) for name in ("allowances", "charges"))
        if abs(price - allowances + charges - line["netAmount"]) > 1:
            yield f"line {number}: {line['netAmount']} is not its price, {line}"


def differences(order, syntax, text):
    """A sentence for each sum of the document that is not the order's."""
    wanted = expected(order)
    if syntax == "json":
        # A number with a fraction is exact.
        invoice = json.loads(text, parse_float=Decimal)
        found = of_json(invoice)
        yield from contradictions(invoice)
    else:
        root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
        found = of_ubl(root) if syntax == "ubl" else of_cii(root)
    # What is not expected of a tax is not compared.
    unknown = [key for key, (net, _) in wanted.get("taxes", {}).items() if net is None]
    found["taxes"] |= {key: (None, found["taxes"][key][1]) for key in unknown if key in found["taxes"]}
    for name, value in found.items():
        if name in wanted and wanted[name] != value:
            yield f"{name}: {value} in the document, {wanted[name]} by the order"
    if "lines" in found and sum(found["lines"]) != found["line_total"]:
        yield f"lines: {found['lines']} do not sum up to {found['line_total']}"
