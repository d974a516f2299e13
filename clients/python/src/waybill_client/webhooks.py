"""Receiving webhooks."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .generated import InvoiceEvent

# How far the clocks of sender and receiver may be apart, and how late a request may arrive.
_TOLERANCE_S = 300


class WebhookError(Exception):
    """The request is not signed by this secret, or is too old: answer it with 400, and do not read it."""


@dataclass(frozen=True)
class Webhook:
    """A webhook whose signature was checked."""

    #: The event: the same at each attempt, so by this a receiver knows those that it has handled.
    id: str
    event: InvoiceEvent


def verify_webhook(body: bytes, headers: Mapping[str, str], secret: str, *, now: float | None = None) -> Webhook:
    """Checks the signature of a webhook (https://www.standardwebhooks.com) and reads its event.

    ``body`` is the body as it was received, byte for byte, and ``secret`` the endpoint's, ``whsec_…``.
    """
    given = {name.lower(): value for name, value in headers.items()}
    event_id, timestamp, signatures = (
        _header(given, name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    )
    # `int` raises ValueError for a text of thousands of digits.
    is_number = len(timestamp) <= 12 and timestamp.isascii() and timestamp.isdigit()
    if not is_number or abs((time.time() if now is None else now) - int(timestamp)) > _TOLERANCE_S:
        raise WebhookError(f"webhook-timestamp is more than {_TOLERANCE_S} s from now; is the clock right?")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = hmac.new(key, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    # While a secret is rotated, there is one signature for each.
    for signature in signatures.split(" "):
        version, _, encoded = signature.partition(",")
        if version == "v1" and hmac.compare_digest(expected, _decoded(encoded)):
            return Webhook(event_id, json.loads(body))
    raise WebhookError("no signature in webhook-signature is by this secret")


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise WebhookError(f"the header {name} is missing")
    return value


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature)
    except (binascii.Error, ValueError):
        return b""
