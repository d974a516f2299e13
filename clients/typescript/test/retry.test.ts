import assert from "node:assert/strict";
import { test } from "node:test";

import { Waybill, WaybillProblem } from "../src/index.js";
import { DEFAULT_RETRY, delayMs } from "../src/retry.js";

/** A client of a service that gives these answers one after the other, and the requests that it was sent. */
function client(...answers: (Response | Error)[]) {
  const requests: Request[] = [];
  const fetch = async (request: Request) => {
    requests.push(request);
    const answer = answers.shift();
    assert(answer !== undefined, "one request too many");
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  };
  const retry = { attempts: 3, firstDelayMs: 0, longestDelayMs: 5_000 };
  return { requests, waybill: new Waybill({ baseUrl: "http://waybill.example", apiKey: "secret", retry, fetch }) };
}

function problem(status: number, headers: Record<string, string> = {}, members: object = {}) {
  const body = { type: "about:blank", title: "Refused", status, detail: "It was refused.", ...members };
  const init = { status, headers: { "content-type": "application/problem+json", ...headers } };
  return new Response(JSON.stringify(body), init);
}

const lost = () => new TypeError("fetch failed");
const placed = () => Response.json({ id: "1" }, { status: 201 });

test("a request whose answer is lost or passes is sent again with the same key and body", async () => {
  const { requests, waybill } = client(lost(), problem(503, { "retry-after": "0" }), placed());
  const order = await waybill.createOrder({ amount: 5000 });
  assert.equal(order.id, "1");
  const keys = new Set(requests.map((request) => request.headers.get("idempotency-key")));
  assert.equal(keys.size, 1);
  assert.match([...keys][0] ?? "", /^[0-9a-f-]{36}$/);
  assert.equal(requests[0]?.headers.get("x-api-key"), "secret");
  assert.deepEqual(await Promise.all(requests.map((request) => request.json())), Array(3).fill({ amount: 5000 }));
});

test("two calls have two keys, unless the caller gives one", async () => {
  const { requests, waybill } = client(placed(), placed(), placed(), placed());
  await waybill.createOrder({ amount: 1 });
  await waybill.createOrder({ amount: 1 });
  await waybill.createOrder({ amount: 1 }, { idempotencyKey: "cart-1" });
  await waybill.cancelOrder("1", { idempotencyKey: "cart-1" });
  const keys = requests.map((request) => request.headers.get("idempotency-key"));
  assert.notEqual(keys[0], keys[1]);
  assert.deepEqual(keys.slice(2), ["cart-1", "cart-1"]);
});

test("the last refusal is a problem, and so is one that asks for a longer delay than is allowed", async () => {
  const exhausted = client(problem(503), problem(429), problem(503, { "x-request-id": "r-1" }));
  await assert.rejects(exhausted.waybill.order("1"), { name: "WaybillProblem", status: 503, requestId: "r-1" });
  const patient = client(problem(503, { "retry-after": "6" }));
  await assert.rejects(patient.waybill.order("1"), { status: 503 });
});

test("what the caller has to mend is not sent again", async () => {
  const errors = [{ field: "amount", rule: "must be at least 1" }];
  const { waybill } = client(problem(422, {}, { errors, help: "https://docs.example/errors" }));
  await assert.rejects(waybill.createOrder({ amount: 0 }), (error) => {
    assert(error instanceof WaybillProblem);
    assert.deepEqual(error.errors, errors);
    assert.equal(error.help, "https://docs.example/errors");
    assert.equal(error.message, "422 Refused: It was refused. (amount must be at least 1)");
    return true;
  });
});

test("a PATCH, which has no key, is sent again only if it was refused at the gateway's limit", async () => {
  const change = (waybill: Waybill) =>
    waybill.api.PATCH("/customers/{id}", { params: { path: { id: "1" } }, body: { phone: "1" } });
  const limited = client(problem(429), Response.json({ id: "1" }));
  assert.equal((await change(limited.waybill)).data?.id, "1");
  const failed = client(problem(503));
  assert.equal((await change(failed.waybill)).response.status, 503);
  await assert.rejects(change(client(lost()).waybill), TypeError);
});

test("an answer in the form of a proxy is a problem too", async () => {
  const { waybill } = client(Response.json({ message: "no Route matched" }, { status: 404, statusText: "Not Found" }));
  await assert.rejects(waybill.order("1"), { status: 404, title: "Not Found", detail: '{"message":"no Route matched"}', help: undefined });
});

test("a problem document that is incomplete or unreadable is a problem too", async () => {
  const raised = async (body: string | Uint8Array) => {
    const headers = { "content-type": "application/problem+json" };
    const { waybill } = client(new Response(body, { status: 404, statusText: "Not Found", headers }));
    const error: unknown = await waybill.order("1").catch((error: unknown) => error);
    assert(error instanceof WaybillProblem, `${error}`);
    const { status, title, errors } = error;
    return { status, title, errors };
  };
  const fallback = { status: 404, title: "Not Found", errors: [] };
  for (const body of ["{}", "[]", '["no Route"]', "null", "{", '{"errors": "none"}', new Uint8Array([0x7b, 0xff])]) {
    assert.deepEqual(await raised(body), fallback, `${body}`);
  }
  const incomplete = '{"title": "No route", "status": null, "errors": [null, {"field": "id"}]}';
  assert.deepEqual(await raised(incomplete), { ...fallback, title: "No route" });
});

test("pages are asked for one after the other, as far as they are read", async () => {
  const page = (id: string, nextCursor: string | null) => Response.json({ orders: [{ id }], nextCursor });
  const { requests, waybill } = client(page("2", "c-2"), page("1", null));
  const found = [];
  for await (const order of waybill.orders({ status: "paid", limit: 1 })) {
    found.push(order.id);
    assert.equal(requests.length, found.length);
  }
  assert.deepEqual(found, ["2", "1"]);
  const queries = requests.map((request) => new URL(request.url).search);
  assert.deepEqual(queries, ["?status=paid&limit=1", "?status=paid&limit=1&cursor=c-2"]);
});

test("a delay is at least what the service asks for, in seconds or as a date, and grows otherwise", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  for (const asked of ["2", "Thu, 01 Jan 2026 00:00:02 GMT"]) {
    const delay = delayMs(1, asked, DEFAULT_RETRY, now);
    assert(delay >= 2_000 && delay <= 2_200, `${asked}: ${delay}`);
  }
  for (const [attempt, longest] of [[1, 200], [3, 800], [20, 20_000]] as const) {
    const delays = Array.from({ length: 100 }, () => delayMs(attempt, null, DEFAULT_RETRY, now));
    assert(Math.max(...delays) <= longest && Math.max(...delays) > longest / 2, `${attempt}`);
  }
});
