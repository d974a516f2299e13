"""The client that waits for answers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

import httpx

from . import calls
from .retry import Retry

if TYPE_CHECKING:
    from .generated import CreditNote, Customer, Invoice, MadeEndpoint, NewCustomer, NewEndpoint, NewOrder, Order

T = TypeVar("T")


class Waybill:
    """A client of the orders and invoices services behind one gateway.

    A request that is refused raises `WaybillProblem`.

    ``base_url`` is the gateway's address, such as ``http://localhost:8000``. ``api_key`` is needed where the services
    listen beyond their own machine. ``timeout_s`` is how long one attempt may wait for the network.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        retry: Retry = Retry(),
        timeout_s: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {} if api_key is None else {"X-API-Key": api_key}
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=timeout_s, transport=transport)
        self._retry = retry

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes its connections."""
        self._http.close()

    def create_order(self, order: NewOrder, *, idempotency_key: str | None = None) -> Order:
        """Places an order. The same order with the same key is placed once.

        Without a key, this call has one of its own, which its retries share. Give one that outlives the process, such
        as the identifier of a cart, to be safe against its crash too.
        """
        return self._call(calls.create_order(order, idempotency_key))

    def order(self, order_id: str) -> Order:
        return self._call(calls.order(order_id))

    def pay_order(self, order_id: str, *, idempotency_key: str | None = None) -> Order:
        """Reports that an order was paid."""
        return self._call(calls.change_order(order_id, "pay", idempotency_key))

    def cancel_order(self, order_id: str, *, idempotency_key: str | None = None) -> Order:
        """Cancels an order; its invoice gets a credit note."""
        return self._call(calls.change_order(order_id, "cancel", idempotency_key))

    def orders(
        self,
        *,
        customer_id: str | None = None,
        status: Literal["pending", "paid", "canceled"] | None = None,
        created_from: str | None = None,
        created_to: str | None = None,
        page_size: int | None = None,
    ) -> Iterator[Order]:
        """Orders, newest first. Further pages are asked for while you iterate."""
        query = {
            "customerId": customer_id,
            "status": status,
            "createdFrom": created_from,
            "createdTo": created_to,
            "limit": page_size,
        }
        return self._items("/orders", "orders", query)

    def create_customer(self, customer: NewCustomer, *, idempotency_key: str | None = None) -> Customer:
        return self._call(calls.create_customer(customer, idempotency_key))

    def customer(self, customer_id: str) -> Customer:
        return self._call(calls.customer(customer_id))

    def customers(self, *, page_size: int | None = None) -> Iterator[Customer]:
        """Customers, newest first."""
        query = {"limit": page_size}
        return self._items("/customers", "customers", query)

    def invoice(self, invoice_id: str) -> Invoice:
        return self._call(calls.invoice(invoice_id))

    def invoice_of(self, order_id: str, *, timeout_s: float = 30.0) -> Invoice:
        """The invoice of an order, which is issued within moments of it.

        Raises `NotInvoiced` if it is not within ``timeout_s``.
        """
        delays = calls.polls(order_id, timeout_s, time.monotonic)
        while True:
            page = self._call(calls.invoice_of(order_id))
            if page["invoices"]:
                return page["invoices"][0]
            time.sleep(next(delays))

    def invoices(self, *, seller_id: str | None = None, page_size: int | None = None) -> Iterator[Invoice]:
        """Invoices, newest first."""
        query = {"sellerId": seller_id, "limit": page_size}
        return self._items("/invoices", "invoices", query)

    def invoice_document(self, invoice_id: str, media_type: str, *, language: str = "en") -> bytes:
        """An invoice as a document to send.

        It is ``application/pdf``, ``text/html``, or as ``application/xml`` an electronic invoice, which may name its
        ``syntax`` and ``profile``. The language is ``de``, ``en``, ``es``, ``fr`` or ``pt``.
        """
        return self._call(calls.invoice_document(invoice_id, media_type, language))

    def credit_notes(self, *, seller_id: str | None = None, page_size: int | None = None) -> Iterator[CreditNote]:
        """Credit notes, newest first."""
        query = {"sellerId": seller_id, "limit": page_size}
        return self._items("/credit-notes", "creditNotes", query)

    def create_webhook_endpoint(self, endpoint: NewEndpoint, *, idempotency_key: str | None = None) -> MadeEndpoint:
        """Registers an address for webhooks. Keep the ``secret`` of the answer: it is shown once."""
        return self._call(calls.create_webhook_endpoint(endpoint, idempotency_key))

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        idempotency_key: str | None = None,
    ) -> Any:
        """Any other operation of the API, with the same retries and problems. Returns the answer's JSON."""
        return self._call(calls.any_call(method, path, query, body, idempotency_key))

    def _items(self, path: str, member: str, query: Mapping[str, object]) -> Iterator[Any]:
        cursor: str | None = None
        while True:
            page = self._call(calls.page(path, query, cursor))
            yield from page[member]
            cursor = page["nextCursor"]
            if cursor is None:
                return

    def _call(self, call: calls.Call[T]) -> T:
        request = call.to_request(self._http.build_request)
        attempt = 1
        while True:
            answer: httpx.Response | httpx.TransportError
            try:
                answer = self._http.send(request)
            except httpx.TransportError as error:
                answer = error
            delay_s = self._retry.delay_s(attempt, request, answer)
            if delay_s is None:
                if isinstance(answer, httpx.TransportError):
                    raise answer
                return call.answer(answer)
            time.sleep(delay_s)
            attempt += 1
