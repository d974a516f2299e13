// The console in a real browser. CONSOLE and TRACES are the addresses of a system with RabbitMQ and one dead letter.

import test, { after, before } from "node:test";
import assert from "node:assert/strict";

import { launch } from "./browser.mjs";

const { CONSOLE, TRACES } = process.env;

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/// A page, and what went wrong on it: errors of scripts and of the security policy, and requests to anybody else.
async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    if (![CONSOLE, TRACES].some((own) => request.url().startsWith(`${own}/`))) faults.push(`asked ${request.url()}`);
  });
  return { page, faults };
}

async function live(page) {
  await page.goto(`${CONSOLE}/console`);
  await page.locator(".live.on").waitFor();
}

test("a click places an order, and its page follows it to the invoice and its PDF without being loaded again", async () => {
  const { page, faults } = await open();
  await live(page);
  await page.getByLabel("Amount").fill("12.34");
  await page.getByRole("button", { name: "Place order" }).click();
  await page.waitForURL(/\/console\/orders\/[0-9a-f-]{36}$/);
  await page.evaluate(() => (window.neverLoadedAgain = true));
  await page.locator("#invoice-link").waitFor();
  await page.locator(".timeline li.done").nth(4).waitFor();
  assert.equal(await page.locator(".timeline li.done").count(), 5);
  assert.ok(await page.evaluate(() => window.neverLoadedAgain), "it was kept up to date, not loaded again");
  const times = await page.locator(".timeline time").evaluateAll((all) => all.map((time) => time.dateTime));
  assert.ok(times.every((time) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(time)), times.join(" "));

  const trace = await page.locator("#trace-link").getAttribute("href");
  await page.locator("#invoice-link").click();
  await page.getByRole("heading", { name: /^Invoice / }).waitFor();
  assert.match(await page.textContent("main"), /12\.34 EUR/);
  const pdf = await page.request.get(CONSOLE + (await page.locator("#pdf-link").getAttribute("href")));
  assert.equal(pdf.headers()["content-type"], "application/pdf");
  assert.equal((await pdf.body()).subarray(0, 5).toString(), "%PDF-");

  // The trace is there within a moment.
  await page.goto(trace);
  for (let tries = 0; tries < 50 && !(await page.getByText("process order.created").count()); tries += 1) {
    await page.waitForTimeout(200);
    await page.reload();
  }
  assert.ok(await page.getByText("process order.created").count(), "the trace goes to the invoice");
  assert.deepEqual(faults, []);
});

test("an order that others place appears by itself", async () => {
  const { page, faults } = await open();
  await live(page);
  const answer = await page.request.post(`${CONSOLE}/orders`, { data: { amount: 700 } });
  const { id } = await answer.json();
  const row = page.locator("tr", { hasText: id });
  await row.getByText("invoiced").waitFor();
  assert.deepEqual(faults, []);
});

test("everything can be done by keyboard", async () => {
  const { page, faults } = await open();
  await live(page);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to content");
  await page.keyboard.press("Enter");
  for (let presses = 0; presses < 30; presses += 1) {
    await page.keyboard.press("Tab");
    if ((await page.evaluate(() => document.activeElement.id)) === "amount") break;
  }
  await page.keyboard.press("Control+A");
  await page.keyboard.type("9.99");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/console\/orders\//);
  await page.locator("#invoice-link").waitFor();
  await page.locator("#invoice-link").focus();
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(outline, "none", "where the keyboard is can be seen");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /^Invoice / }).waitFor();
  assert.deepEqual(faults, []);
});

test("what is wrong with an order is said where it is", async () => {
  const { page } = await open();
  await live(page);
  await page.getByLabel("Amount").fill("1.234");
  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByText("Amount may have 2 digits after the point in EUR.").waitFor();
  assert.equal(await page.getByLabel("Amount").getAttribute("aria-invalid"), "true");
});

test("a dead letter is rehearsed before it is replayed", async () => {
  const { page, faults } = await open();
  await page.goto(`${CONSOLE}/console/dead-letters`);
  await page.getByRole("link", { name: "Dry run of a replay" }).click();
  await page.getByText("would be returned to their queue. Nothing was changed.").waitFor();
  await page.getByRole("button", { name: "Replay 1" }).click();
  await page.getByText("1 of 1 were returned to their queue.").waitFor();
  assert.deepEqual(faults, []);
});
