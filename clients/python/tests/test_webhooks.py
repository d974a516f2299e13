"""Signatures of webhooks."""

from __future__ import annotations

import unittest

from waybill_client import WebhookError, verify_webhook

# The example of the specification's reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
HEADERS = {
    "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "Webhook-Timestamp": "1614265330",
    "Webhook-Signature": SIGNATURE,
}
NOW = 1614265330


class Webhooks(unittest.TestCase):
    def test_a_webhook_that_is_signed_by_the_secret_is_read_whatever_other_signatures_it_has(self) -> None:
        rotated = {**HEADERS, "Webhook-Signature": f"v1,AAAA v1,\u00e4 v2,x {SIGNATURE}"}
        for headers in (HEADERS, rotated):
            webhook = verify_webhook(BODY, headers, SECRET, now=NOW + 299)
            self.assertEqual((webhook.id, webhook.event), (HEADERS["Webhook-Id"], {"test": 2432232314}))

    def test_a_webhook_of_another_secret_body_event_or_time_is_refused(self) -> None:
        def refused(why: str, body: bytes = BODY, secret: str = SECRET, now: float = NOW, **headers: str) -> None:
            changed = {name.replace("_", "-"): value for name, value in headers.items()}
            with self.assertRaisesRegex(WebhookError, why):
                verify_webhook(body, {**HEADERS, **changed}, secret, now=now)

        refused("by this secret", secret="whsec_AAAA")
        refused("by this secret", body=BODY + b" ")
        refused("by this secret", Webhook_Id="msg_2")
        refused("by this secret", Webhook_Timestamp="1614265331")
        refused("by this secret", Webhook_Signature="v1")
        refused("more than 300 s", now=NOW + 301)
        refused("more than 300 s", now=NOW - 301)
        refused("more than 300 s", Webhook_Timestamp="soon")
        refused("more than 300 s", Webhook_Timestamp="9" * 5000)
        refused("webhook-id is missing", Webhook_Id="")
