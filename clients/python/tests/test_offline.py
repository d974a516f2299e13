"""What a client does with answers, without a service."""

from __future__ import annotations

import inspect
import json
import unittest
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx

from waybill_client import AsyncWaybill, NotInvoiced, Retry, Waybill, WaybillProblem

Answer = httpx.Response | httpx.TransportError
RETRY = Retry(attempts=3, first_delay_s=0, longest_delay_s=5)
LOST = httpx.ReadError("the connection was lost")


def problem(status: int, headers: dict[str, str] | None = None, **members: Any) -> httpx.Response:
    body = {"type": "about:blank", "title": "Refused", "status": status, "detail": "It was refused.", **members}
    headers = {"content-type": "application/problem+json", **(headers or {})}
    return httpx.Response(status, content=json.dumps(body), headers=headers)


def placed() -> httpx.Response:
    return httpx.Response(201, json={"id": "1"})


class Service:
    """Gives answers one after the other, and keeps the requests that it was sent."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self.answer)
        self.waybill = Waybill("http://waybill.example", api_key="secret", retry=RETRY, transport=self.transport)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer

    def keys(self) -> list[str]:
        return [request.headers["idempotency-key"] for request in self.requests if request.method == "POST"]


class Retries(unittest.TestCase):
    def test_a_request_whose_answer_is_lost_or_passes_is_sent_again_with_the_same_key_and_body(self) -> None:
        service = Service(LOST, problem(503, {"retry-after": "0"}), placed())
        self.assertEqual(service.waybill.create_order({"amount": 5000})["id"], "1")
        self.assertEqual(len(set(service.keys())), 1)
        self.assertEqual(service.requests[0].headers["x-api-key"], "secret")
        self.assertEqual([json.loads(request.content) for request in service.requests], [{"amount": 5000}] * 3)

    def test_two_calls_have_two_keys_unless_the_caller_gives_one(self) -> None:
        service = Service(placed(), placed(), placed())
        service.waybill.create_order({"amount": 1})
        service.waybill.create_order({"amount": 1})
        service.waybill.cancel_order("1", idempotency_key="cart-1")
        first, second, given = service.keys()
        self.assertNotEqual(first, second)
        self.assertEqual(given, "cart-1")

    def test_the_last_refusal_is_a_problem_and_so_is_one_that_asks_for_too_long_a_delay(self) -> None:
        exhausted = Service(problem(503), problem(429), problem(503, {"x-request-id": "r-1"}))
        with self.assertRaises(WaybillProblem) as raised:
            exhausted.waybill.order("1")
        self.assertEqual((raised.exception.status, raised.exception.request_id), (503, "r-1"))
        with self.assertRaises(WaybillProblem):
            Service(problem(503, {"retry-after": "6"})).waybill.order("1")
        with self.assertRaises(httpx.ReadError):
            Service(LOST, LOST, LOST).waybill.order("1")

    def test_a_patch_which_has_no_key_is_sent_again_only_if_it_was_refused_at_the_gateways_limit(self) -> None:
        def change(*answers: Answer) -> Any:
            return Service(*answers).waybill.request("PATCH", "/customers/1", body={"phone": "1"})

        self.assertEqual(change(problem(429), placed()), {"id": "1"})
        with self.assertRaises(WaybillProblem):
            change(problem(503))
        with self.assertRaises(httpx.ReadError):
            change(LOST)

    def test_a_delay_is_at_least_what_the_service_asks_for_and_grows_otherwise(self) -> None:
        retry = Retry()
        request = httpx.Request("GET", "http://waybill.example")

        def delay_s(attempt: int, headers: dict[str, str]) -> float:
            delay_s = retry.delay_s(attempt, request, httpx.Response(503, headers=headers))
            assert delay_s is not None
            return delay_s

        self.assertTrue(2 <= delay_s(1, {"retry-after": "2"}) <= 2.2)
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=10), usegmt=True)
        self.assertTrue(8 <= delay_s(1, {"retry-after": date}) <= 10.2)
        for attempt, longest in [(1, 0.2), (3, 0.8)]:
            delays = [delay_s(attempt, {}) for _ in range(100)]
            self.assertTrue(longest / 2 < max(delays) <= longest, attempt)
        self.assertIsNone(retry.delay_s(5, request, httpx.Response(503)))


class Answers(unittest.TestCase):
    def test_what_the_caller_has_to_mend_is_a_problem_that_names_the_field(self) -> None:
        errors = [{"field": "amount", "rule": "must be at least 1"}]
        with self.assertRaises(WaybillProblem) as raised:
            Service(problem(422, errors=errors, help="https://docs.example/errors")).waybill.create_order({"amount": 0})
        self.assertEqual(raised.exception.errors, errors)
        self.assertEqual(raised.exception.help, "https://docs.example/errors")
        self.assertEqual(str(raised.exception), "422 Refused: It was refused. (amount must be at least 1)")

    def test_an_answer_in_the_form_of_a_proxy_is_a_problem_too(self) -> None:
        with self.assertRaises(WaybillProblem) as raised:
            Service(httpx.Response(404, json={"message": "no Route"})).waybill.order("1")
        self.assertEqual((raised.exception.status, raised.exception.title), (404, "Not Found"))
        self.assertIn("no Route", raised.exception.detail)
        self.assertIsNone(raised.exception.help)

    def test_a_problem_document_that_is_incomplete_or_unreadable_is_a_problem_too(self) -> None:
        def raised(content: bytes) -> WaybillProblem:
            headers = {"content-type": "application/problem+json"}
            with self.assertRaises(WaybillProblem) as raised:
                Service(httpx.Response(404, content=content, headers=headers)).waybill.order("1")
            return raised.exception

        for content in [b"{}", b"[]", b'["no Route"]', b"null", b"{", b'{"title": "\xff"}', b"[" * 100_000]:
            problem = raised(content)
            self.assertEqual((problem.status, problem.title, problem.errors), (404, "Not Found", []), content[:20])
        incomplete = raised(b'{"title": "No route", "status": null, "errors": [null, {"field": "id"}]}')
        self.assertEqual((incomplete.status, incomplete.title, incomplete.errors), (404, "No route", []))
        self.assertEqual(raised(b'{"errors": "none"}').errors, [])

    def test_pages_are_asked_for_as_far_as_they_are_read(self) -> None:
        pages = [{"orders": [{"id": "2"}], "nextCursor": "c-2"}, {"orders": [{"id": "1"}], "nextCursor": None}]
        service = Service(*(httpx.Response(200, json=page) for page in pages))
        for number, order in enumerate(service.waybill.orders(status="paid", page_size=1), 1):
            self.assertEqual((len(service.requests), order["id"]), (number, str(3 - number)))
        queries = [request.url.query.decode() for request in service.requests]
        self.assertEqual(queries, ["status=paid&limit=1", "status=paid&limit=1&cursor=c-2"])

    def test_an_order_without_an_invoice_in_time_is_said_to_have_none(self) -> None:
        service = Service(httpx.Response(200, json={"invoices": [], "nextCursor": None}))
        with self.assertRaises(NotInvoiced):
            service.waybill.invoice_of("1", timeout_s=0)

    def test_an_identifier_stays_one_segment_of_the_path(self) -> None:
        service = Service(placed())
        service.waybill.order("../customers")
        self.assertEqual(service.requests[0].url.raw_path, b"/orders/..%2Fcustomers")


class Asynchronous(unittest.IsolatedAsyncioTestCase):
    async def test_it_sends_again_and_reads_pages(self) -> None:
        page = httpx.Response(200, json={"orders": [{"id": "1"}], "nextCursor": None})
        service = Service(LOST, problem(429), placed(), page, problem(422))
        async with AsyncWaybill("http://waybill.example", retry=RETRY, transport=service.transport) as waybill:
            self.assertEqual((await waybill.create_order({"amount": 1}))["id"], "1")
            self.assertEqual([order["id"] async for order in waybill.orders()], ["1"])
            with self.assertRaises(WaybillProblem):
                await waybill.create_order({"amount": 0})
        self.assertEqual(len(set(service.keys()[:3])), 1)

    def test_it_has_every_operation_of_the_other_with_the_same_arguments(self) -> None:
        def operations(client: type) -> dict[str, list[str]]:
            public: list[tuple[str, Callable[..., object]]] = inspect.getmembers(client, inspect.isfunction)
            return {name: list(inspect.signature(one).parameters) for name, one in public if not name.startswith("_")}

        self.assertEqual(operations(AsyncWaybill), operations(Waybill))
