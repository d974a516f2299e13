"""A client of Waybill's order and invoice services."""

from .aio import AsyncWaybill
from .calls import NotInvoiced
from .client import Waybill
from .problem import WaybillProblem
from .retry import Retry
from .webhooks import Webhook, WebhookError, verify_webhook

__all__ = [
    "AsyncWaybill",
    "NotInvoiced",
    "Retry",
    "Waybill",
    "WaybillProblem",
    "Webhook",
    "WebhookError",
    "verify_webhook",
]
