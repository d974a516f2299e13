"""The client with the real service that `WAYBILL_URL` names."""

from __future__ import annotations

import contextlib
import os
import re
import unittest
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from queue import Queue
from threading import Thread

from waybill_client import AsyncWaybill, Waybill, WaybillProblem, Webhook, WebhookError, verify_webhook

URL = os.environ.get("WAYBILL_URL", "")
# How long a webhook may take; one that fails is tried again after 5 s.
LIMIT_S = 60


@unittest.skipUnless(URL, "WAYBILL_URL names no service")
class Service(unittest.TestCase):
    def setUp(self) -> None:
        self.waybill = Waybill(URL)
        self.addCleanup(self.waybill.close)

    def test_an_order_is_placed_read_paid_and_invoiced(self) -> None:
        order = self.waybill.create_order(
            {
                "lines": [
                    {
                        "sku": "ink-1",
                        "description": "Ink",
                        "quantity": 3,
                        "unitPrice": 1000,
                        "taxRateBasisPoints": 1900,
                    }
                ]
            }
        )
        self.assertEqual(order["amount"], 3570)
        self.assertEqual(self.waybill.order(order["id"]), order)
        invoice = self.waybill.invoice_of(order["id"])
        self.assertEqual((invoice["orderId"], invoice["bill"]["taxAmount"]), (order["id"], 570))
        self.assertEqual(self.waybill.invoice(invoice["id"]), invoice)
        pdf = self.waybill.invoice_document(invoice["id"], "application/pdf", language="de")
        self.assertEqual(pdf[:5], b"%PDF-")
        self.assertEqual(self.waybill.pay_order(order["id"])["status"], "paid")
        with self.assertRaises(WaybillProblem) as raised:
            self.waybill.pay_order(order["id"])
        self.assertEqual((raised.exception.status, raised.exception.current_status), (409, "paid"))

    def test_the_example_of_the_readme_prints_an_invoice(self) -> None:
        readme = (Path(__file__).parent.parent / "README.md").read_text()
        example = readme.split("```python\n")[1].split("```")[0]
        self.assertIn("http://localhost:8000", example)
        with contextlib.redirect_stdout(StringIO()) as printed:
            exec(example.replace("http://localhost:8000", URL), {})
        self.assertRegex(printed.getvalue(), re.compile(r"^\d{4}-\d{6} 5000$", re.MULTILINE))

    def test_a_request_that_is_sent_again_with_its_key_gives_the_same_order(self) -> None:
        key = str(uuid.uuid4())
        first, again = (self.waybill.create_order({"amount": 5000}, idempotency_key=key) for _ in range(2))
        self.assertEqual(again["id"], first["id"])
        with self.assertRaises(WaybillProblem) as raised:
            self.waybill.create_order({"amount": 5001}, idempotency_key=key)
        self.assertEqual(raised.exception.status, 422)

    def test_a_refused_order_names_the_field_at_fault(self) -> None:
        with self.assertRaises(WaybillProblem) as raised:
            self.waybill.create_order(
                {"lines": [{"sku": "i", "description": "Ink", "quantity": 0, "unitPrice": 1, "taxRateBasisPoints": 0}]}
            )
        self.assertEqual(raised.exception.status, 422)
        self.assertEqual([error["field"] for error in raised.exception.errors], ["lines[0].quantity"])
        self.assertIsNotNone(raised.exception.request_id)
        self.assertIn("/docs/errors.md#", raised.exception.help or "")
        with self.assertRaises(WaybillProblem) as raised:
            self.waybill.order(str(uuid.uuid4()))
        self.assertEqual(raised.exception.status, 404)

    def test_all_orders_of_a_customer_are_read_page_by_page(self) -> None:
        customer = self.waybill.create_customer(
            {
                "name": "Ink Ltd",
                "email": f"{uuid.uuid4()}@example.com",
                "address": "1 Main Street",
                "city": "Dublin",
                "zipCode": "D01 XY00",
                "country": "IE",
            }
        )
        placed = {
            self.waybill.create_order({"amount": amount, "customerId": customer["id"]})["id"] for amount in range(1, 6)
        }
        found = [order["id"] for order in self.waybill.orders(customer_id=customer["id"], page_size=2)]
        self.assertEqual((len(found), set(found)), (5, placed))

    def test_a_webhook_of_the_service_is_verified(self) -> None:
        received: Queue[Webhook | WebhookError] = Queue()
        secret = ""

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                try:
                    received.put(verify_webhook(body, dict(self.headers), secret))
                except WebhookError as error:
                    received.put(error)
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Receiver)
        Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        endpoint = self.waybill.create_webhook_endpoint(
            {"url": f"http://127.0.0.1:{server.server_port}/hooks", "eventTypes": ["invoice.credited"]}
        )
        self.addCleanup(self.waybill.request, "DELETE", f"/webhook-endpoints/{endpoint['id']}")
        secret = endpoint["secret"]
        order = self.waybill.create_order({"amount": 5000})
        self.waybill.invoice_of(order["id"])
        self.waybill.cancel_order(order["id"])
        webhook = received.get(timeout=LIMIT_S)
        assert isinstance(webhook, Webhook), webhook
        self.assertEqual(webhook.event["type"], "invoice.credited")
        self.assertEqual(webhook.event["data"]["orderId"], order["id"])


@unittest.skipUnless(URL, "WAYBILL_URL names no service")
class AsynchronousService(unittest.IsolatedAsyncioTestCase):
    async def test_an_order_is_placed_and_invoiced(self) -> None:
        async with AsyncWaybill(URL) as waybill:
            order = await waybill.create_order({"amount": 5000})
            invoice = await waybill.invoice_of(order["id"])
            self.assertEqual(invoice["orderId"], order["id"])
            newest = [one["id"] async for one in waybill.invoices(page_size=1) if one["id"] == invoice["id"]]
            self.assertEqual(newest, [invoice["id"]])
