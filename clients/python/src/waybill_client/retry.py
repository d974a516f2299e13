"""When a request is sent again, and after which delay."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

# The service, or a gateway before it, is at its limit or cannot answer now.
_PASSING = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class Retry:
    """How requests are sent again."""

    #: How often a request is sent at most; 1 means no retries.
    attempts: int = 5
    #: The first delay, which doubles with each attempt. The actual one is random, from zero up to it.
    first_delay_s: float = 0.2
    #: The longest delay. An answer that asks for a longer one with ``Retry-After`` is returned as it is.
    longest_delay_s: float = 20.0

    def delay_s(
        self, attempt: int, request: httpx.Request, answer: httpx.Response | httpx.TransportError
    ) -> float | None:
        """The delay before the request is sent again; ``None`` if it is not. The first attempt is 1.

        Each ``POST`` has an idempotency key, so it has its effect once. A ``PATCH`` has none: it is sent again only if
        it was refused with 429.
        """
        if attempt >= self.attempts:
            return None
        asked = 0.0
        if isinstance(answer, httpx.TransportError):
            if request.method == "PATCH":
                return None
        else:
            may_repeat = answer.status_code == 429 if request.method == "PATCH" else answer.status_code in _PASSING
            asked = _asked_s(answer.headers.get("retry-after"))
            if not may_repeat or asked > self.longest_delay_s:
                return None
        longest = min(self.first_delay_s * 2 ** (attempt - 1), self.longest_delay_s)
        return asked + random.uniform(0, longest)


def _asked_s(retry_after: str | None) -> float:
    """What ``Retry-After`` asks for: seconds, or a date (RFC 9110, section 10.2.3)."""
    if retry_after is None:
        return 0.0
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max((until - datetime.now(UTC)).total_seconds(), 0.0)
