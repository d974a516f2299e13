// A shop with a seller, customers and orders, in a system of its own.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const SELLER = {
  name: "Ink & Paper Ltd",
  vatId: "IE1234567FA",
  address: "1 Main Street",
  city: "Dublin",
  zipCode: "D01 XY00",
  country: "IE",
  email: "invoices@example.com",
  paymentDays: 14,
  iban: "IE29AIBK93115212345678",
};

const CUSTOMERS = [
  { name: "Mary Byrne", email: "mary@example.com", address: "7 Harbour Row", city: "Cork", zipCode: "T12 AB34", country: "IE" },
  { name: "Studio Lindqvist", email: "accounts@studio.example", address: "Ostra Gatan 4", city: "Malmo", zipCode: "211 34", country: "SE" },
];

const line = (sku, description, quantity, unitPrice, taxRateBasisPoints) => ({ sku, description, quantity, unitPrice, taxRateBasisPoints });

// Each with its customer, and what happens to it. The last has the most lines.
const ORDERS = [
  [{ lines: [line("pen-2", "Fountain pen", 12, 4200, 2300)] }, 1, "pay"],
  [{ amount: 129900 }, null, "pay"],
  [{ lines: [line("paper-a4", "Paper A4, 500 sheets", 40, 649, 2300)] }, 0, "cancel"],
  [{ amount: 4250, currency: "USD" }, null, null],
  [{ amount: 5000, sellerId: "paper" }, null, null],
  [{ lines: [line("ink-1", "Ink, black, 50 ml", 3, 1000, 2300), line("paper-a5", "Notebook A5, dotted", 5, 1250, 2300), line("book-9", "The letter, a history", 1, 2400, 0)] }, 0, null],
];

/// Starts `waybill up` with a database of its own on free ports. What it says is shown if it ends before it is ready.
export async function start(program) {
  const folder = await mkdtemp(join(tmpdir(), "waybill-shop-"));
  const flags = ["orders", "invoices", "gateway", "traces"].flatMap((name) => [`--${name}-listen`, "127.0.0.1:0"]);
  const waybill = spawn(program, ["up", "--data", join(folder, "data"), ...flags], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise((resolve) => waybill.once("close", resolve).once("error", resolve));
  let said = "";
  waybill.stderr.on("data", (text) => (said = (said + text).slice(-4000)));
  const end = async () => {
    waybill.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true });
  };
  const addresses = {};
  for await (const words of createInterface({ input: waybill.stdout })) {
    const [name, address] = words.split(/\s+/);
    if (name === "ready") return { ...addresses, end };
    addresses[name] = address;
  }
  await end();
  throw new Error(`\`${program} up\` ended before it was ready:\n${said}`);
}

/// Sets the seller, places the orders and waits for their invoices. Returns the identifiers of the last order and of its invoice.
export async function trade({ gateway, invoices }) {
  await call(`${invoices}/seller`, "PUT", SELLER);
  const customers = [];
  for (const customer of CUSTOMERS) customers.push((await call(`${gateway}/customers`, "POST", customer)).id);
  let order;
  let invoice;
  for (const [body, customer, then] of ORDERS) {
    const known = customer === null ? body : { ...body, customerId: customers[customer] };
    order = (await call(`${gateway}/orders`, "POST", known)).id;
    if (body.sellerId) continue;
    invoice = await invoiceOf(gateway, order);
    if (then) await call(`${gateway}/orders/${order}/${then}`, "POST");
  }
  return { order, invoice };
}

async function invoiceOf(gateway, order) {
  const until = Date.now() + 30_000;
  while (Date.now() < until) {
    const { invoices } = await call(`${gateway}/invoices?orderId=${order}`, "GET");
    if (invoices.length > 0) return invoices[0].id;
    await new Promise((later) => setTimeout(later, 50));
  }
  throw new Error(`order ${order} has no invoice after 30 s`);
}

async function call(url, method, body) {
  const headers = body ? { "content-type": "application/json" } : {};
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url} was answered ${answer.status}: ${text}`);
  return text ? JSON.parse(text) : null;
}
