"""The requests of the API, apart from how they are sent: `client.py` waits for answers, and `aio.py` awaits them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import quote

import httpx

from .problem import WaybillProblem

if TYPE_CHECKING:
    from .generated import (
        Customer,
        Invoice,
        InvoicesPage,
        MadeEndpoint,
        NewCustomer,
        NewEndpoint,
        NewOrder,
        Order,
    )

T = TypeVar("T")

_FIRST_POLL_S = 0.02
_LONGEST_POLL_S = 2.0


class NotInvoiced(Exception):
    """The order has no invoice within the time that was given. It will have one: ask again later."""


def _json(response: httpx.Response) -> Any:
    return response.json() if response.content else None


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request, and how its answer is read."""

    method: str
    path: str
    query: Mapping[str, object] = field(default_factory=dict)
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    read: Callable[[httpx.Response], T] = _json

    def answer(self, response: httpx.Response) -> T:
        if not response.is_success:
            raise WaybillProblem(response)
        return self.read(response)

    def to_request(self, build: Callable[..., httpx.Request]) -> httpx.Request:
        query = {name: value for name, value in self.query.items() if value is not None}
        return build(self.method, self.path, params=query, json=self.body, headers=dict(self.headers))


def _post(path: str, idempotency_key: str | None, body: object = None) -> Call[Any]:
    """Without a key of the caller's, each call has one of its own, which its retries share."""
    return Call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key or str(uuid.uuid4())})


def create_order(order: NewOrder, idempotency_key: str | None) -> Call[Order]:
    return _post("/orders", idempotency_key, order)


def order(order_id: str) -> Call[Order]:
    return Call("GET", f"/orders/{quote(order_id, safe='')}")


def change_order(order_id: str, step: str, idempotency_key: str | None) -> Call[Order]:
    return _post(f"/orders/{quote(order_id, safe='')}/{step}", idempotency_key)


def create_customer(customer: NewCustomer, idempotency_key: str | None) -> Call[Customer]:
    return _post("/customers", idempotency_key, customer)


def customer(customer_id: str) -> Call[Customer]:
    return Call("GET", f"/customers/{quote(customer_id, safe='')}")


def invoice(invoice_id: str) -> Call[Invoice]:
    return Call("GET", f"/invoices/{quote(invoice_id, safe='')}")


def invoice_of(order_id: str) -> Call[InvoicesPage]:
    return Call("GET", "/invoices", {"orderId": order_id})


def page(path: str, query: Mapping[str, object], cursor: str | None) -> Call[Any]:
    return Call("GET", path, {**query, "cursor": cursor})


def invoice_document(invoice_id: str, media_type: str, language: str) -> Call[bytes]:
    headers = {"Accept": media_type, "Accept-Language": language}
    path = f"/invoices/{quote(invoice_id, safe='')}"
    return Call("GET", path, headers=headers, read=lambda response: response.content)


def create_webhook_endpoint(endpoint: NewEndpoint, idempotency_key: str | None) -> Call[MadeEndpoint]:
    return _post("/webhook-endpoints", idempotency_key, endpoint)


def any_call(method: str, path: str, query: Mapping[str, object] | None, body: object, key: str | None) -> Call[Any]:
    headers = {"Idempotency-Key": key or str(uuid.uuid4())} if method == "POST" else {}
    return Call(method, path, query or {}, body, headers)


def polls(order_id: str, timeout_s: float, now: Callable[[], float]) -> Iterator[float]:
    """The delays between questions for an invoice, until the time is over."""
    deadline = now() + timeout_s
    delay_s = _FIRST_POLL_S
    while now() + delay_s <= deadline:
        yield delay_s
        delay_s = min(delay_s * 2, _LONGEST_POLL_S)
    raise NotInvoiced(f"order {order_id} has no invoice within {timeout_s} s")
