import assert from "node:assert/strict";
import { test } from "node:test";

import { WebhookError, verifyWebhook } from "../src/index.js";

// The example of the specification's reference libraries.
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = '{"test": 2432232314}';
const HEADERS = {
  "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
  "webhook-timestamp": "1614265330",
  "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};
const NOW = 1614265330_000;

test("a webhook that is signed by the secret is read, whatever other signatures it has", async () => {
  const headers = { ...HEADERS, "webhook-signature": `v1,AAAA v2,x ${HEADERS["webhook-signature"]}` };
  for (const given of [HEADERS, headers, new Headers(HEADERS)]) {
    const webhook = await verifyWebhook(BODY, given, SECRET, NOW + 299_000);
    assert.deepEqual(webhook, { id: HEADERS["webhook-id"], event: { test: 2432232314 } });
  }
  await verifyWebhook(Buffer.from(BODY), HEADERS, SECRET, NOW);
});

test("a webhook of another secret, body, event or time is refused", async () => {
  const refused = async (body: string, headers: Record<string, string>, secret: string, now: number, why: RegExp) =>
    assert.rejects(verifyWebhook(body, headers, secret, now), (error) => {
      assert(error instanceof WebhookError);
      assert.match(error.message, why);
      return true;
    });
  await refused(BODY, HEADERS, "whsec_AAAA", NOW, /by this secret/);
  await refused(`${BODY} `, HEADERS, SECRET, NOW, /by this secret/);
  await refused(BODY, { ...HEADERS, "webhook-id": "msg_2" }, SECRET, NOW, /by this secret/);
  await refused(BODY, { ...HEADERS, "webhook-timestamp": "1614265331" }, SECRET, NOW, /by this secret/);
  await refused(BODY, { ...HEADERS, "webhook-signature": "v1" }, SECRET, NOW, /by this secret/);
  await refused(BODY, HEADERS, SECRET, NOW + 301_000, /webhook-timestamp is more than 300 s/);
  await refused(BODY, HEADERS, SECRET, NOW - 301_000, /webhook-timestamp is more than 300 s/);
  await refused(BODY, { ...HEADERS, "webhook-timestamp": "soon" }, SECRET, NOW, /webhook-timestamp/);
  await refused(BODY, { ...HEADERS, "webhook-id": "" }, SECRET, NOW, /webhook-id is missing/);
});
