import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { promisify } from "node:util";

import typescript from "typescript";

import { type Webhook, Waybill, WaybillProblem, verifyWebhook } from "../src/index.js";

const baseUrl = process.env["WAYBILL_URL"];
const skip = baseUrl === undefined && "WAYBILL_URL names no service";
const waybill = new Waybill({ baseUrl: baseUrl ?? "" });

test("an order is placed, read, paid and invoiced", { skip }, async () => {
  const line = { sku: "ink-1", description: "Ink", quantity: 3, unitPrice: 1000, taxRateBasisPoints: 1900 };
  const order = await waybill.createOrder({ lines: [line] });
  assert.equal(order.amount, 3570);
  assert.deepEqual(await waybill.order(order.id), order);
  const invoice = await waybill.invoiceOf(order.id);
  assert.equal(invoice.orderId, order.id);
  assert.equal(invoice.bill.taxAmount, 570);
  assert.deepEqual(await waybill.invoice(invoice.id), invoice);
  const pdf = Buffer.from(await waybill.invoiceDocument(invoice.id, "application/pdf", "de"));
  assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
  assert.equal((await waybill.payOrder(order.id)).status, "paid");
  await assert.rejects(waybill.payOrder(order.id), { status: 409, currentStatus: "paid" });
});

test("the example of the readme prints an invoice", { skip }, async () => {
  const readme = await readFile("README.md", "utf8");
  const example = readme.split("```ts\n")[1]?.split("```")[0] ?? "";
  assert(example.includes("http://localhost:8000"));
  const module = typescript.ModuleKind.ESNext;
  const { outputText } = typescript.transpileModule(example, { compilerOptions: { module } });
  const script = outputText.replace("http://localhost:8000", baseUrl ?? "");
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  assert.match(stdout, /^\d{4}-\d{6} 5000$/m);
});

test("a request that is sent again with its key gives the same order", { skip }, async () => {
  const idempotencyKey = crypto.randomUUID();
  const [first, again] = [
    await waybill.createOrder({ amount: 5000 }, { idempotencyKey }),
    await waybill.createOrder({ amount: 5000 }, { idempotencyKey }),
  ];
  assert.equal(again.id, first.id);
  await assert.rejects(waybill.createOrder({ amount: 5001 }, { idempotencyKey }), { status: 422 });
});

test("a refused order names the field at fault", { skip }, async () => {
  const line = { sku: "ink-1", description: "Ink", quantity: 0, unitPrice: 1000, taxRateBasisPoints: 1900 };
  await assert.rejects(waybill.createOrder({ lines: [line] }), (error) => {
    assert(error instanceof WaybillProblem);
    assert.equal(error.status, 422);
    assert.deepEqual(error.errors.map(({ field }) => field), ["lines[0].quantity"]);
    assert.notEqual(error.requestId, undefined);
    assert.match(error.help ?? "", /\/docs\/errors\.md#/);
    return true;
  });
  await assert.rejects(waybill.order(crypto.randomUUID()), { status: 404 });
});

test("all orders of a customer are read page by page", { skip }, async () => {
  const customerId = crypto.randomUUID();
  const email = `${customerId}@example.com`;
  const address = { address: "1 Main Street", city: "Dublin", zipCode: "D01 XY00", country: "IE" } as const;
  const customer = await waybill.createCustomer({ name: "Ink Ltd", email, ...address });
  const placed = new Set<string>();
  for (const amount of [1, 2, 3, 4, 5]) {
    placed.add((await waybill.createOrder({ amount, customerId: customer.id })).id);
  }
  const found = [];
  for await (const order of waybill.orders({ customerId: customer.id, limit: 2 })) {
    found.push(order.id);
  }
  assert.equal(found.length, 5);
  assert.deepEqual(new Set(found), placed);
});

test("a webhook of the service is verified", { skip }, async () => {
  const { promise, resolve, reject } = deferred<Webhook>();
  let secret = "";
  const receiver = createServer(async (request, response) => {
    try {
      resolve(await verifyWebhook(await buffer(request), request.headers, secret));
    } catch (error) {
      reject(error);
    }
    response.writeHead(204).end();
  });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const { port } = receiver.address() as AddressInfo;
  const endpoint = await waybill.createWebhookEndpoint({
    url: `http://127.0.0.1:${port}/hooks`,
    eventTypes: ["invoice.credited"],
  });
  try {
    secret = endpoint.secret ?? "";
    const order = await waybill.createOrder({ amount: 5000 });
    await waybill.invoiceOf(order.id);
    await waybill.cancelOrder(order.id);
    const webhook = await promise;
    assert.equal(webhook.event.type, "invoice.credited");
    assert.equal(webhook.event.data.orderId, order.id);
    const delivery = { id: endpoint.id, eventId: webhook.id };
    const log = await waybill.api.GET("/webhook-endpoints/{id}/deliveries/{eventId}", { params: { path: delivery } });
    assert.equal(log.data?.eventType, "invoice.credited");
  } finally {
    await waybill.api.DELETE("/webhook-endpoints/{id}", { params: { path: { id: endpoint.id } } });
    receiver.closeAllConnections();
    receiver.close();
  }
});

/** `Promise.withResolvers`, which Node.js 20 has not. */
function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  return { promise, resolve, reject };
}
