// Every kind of page from a phone to a wall, in the light and in the dark. CONSOLE and TRACES are the addresses of a system with RabbitMQ
// and a dead letter.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import test, { after, before } from "node:test";
import assert from "node:assert/strict";

import { launch } from "./browser.mjs";
import { places, traceOf } from "./places.mjs";

const { CONSOLE, TRACES } = process.env;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const SCHEMES = ["light", "dark"];
const WIDTHS = [320, 375, 768, 1440, 3840];

/// What a finger has to hit. A link in a sentence is not among them.
const TARGETS = "button, input:not([type=hidden]), select, textarea, summary, .button, nav a, .links a, .scroll th > a, .scroll td > a";
const LEAST = 44;

let browser;
let urls;
before(async () => {
  browser = await launch();
  urls = await everything();
});
after(() => browser.close());

/// The addresses of all pages, with something on each.
async function everything() {
  const page = await browser.newPage();
  const line = { sku: "sku-".repeat(8), description: "Rindfleischetikettierung ".repeat(5), quantity: 9000, unitPrice: 99999, taxRateBasisPoints: 1900 };
  const answer = await page.request.post(`${CONSOLE}/orders`, { data: { lines: [line] } });
  const { id: order } = await answer.json();
  await page.request.post(`${CONSOLE}/orders`, { data: { amount: 5000, sellerId: "nobody" } });
  const trace = await traceOf(page, `${CONSOLE}/console/orders/${order}`);
  await page.goto(`${CONSOLE}/console/orders/${order}`);
  const invoice = (await page.locator("#invoice-link").getAttribute("href")).split("/").pop();
  await page.goto(`${CONSOLE}/console/dead-letters`);
  const letter = await page.locator("a[href*='letter?id=']").first().getAttribute("href");
  await page.close();
  return {
    ...places({ gateway: CONSOLE, traces: TRACES }, { order, invoice }),
    trace,
    "dry-run": `${CONSOLE}/console/dead-letters?dry-run=rejected`,
    letter: CONSOLE + letter,
    "no-orders": `${CONSOLE}/console/orders?status=canceled`,
  };
}

/// Runs `check` on each page in each scheme. A page must load nothing of anybody else and log no error.
async function each(check, options = {}) {
  for (const colorScheme of SCHEMES) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme, ...options });
    const page = await context.newPage();
    const faults = [];
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("request", (request) => {
      if (![CONSOLE, TRACES].some((own) => request.url().startsWith(`${own}/`))) faults.push(`asked ${request.url()}`);
    });
    for (const [name, url] of Object.entries(urls)) {
      await page.goto(url);
      await check(page, `${name} in ${colorScheme}`);
    }
    assert.deepEqual(faults, []);
    await context.close();
  }
}

test("every page meets the rules of accessibility", async () => {
  await each(async (page, name) => {
    // Not by a script element, which the pages do not allow.
    await page.evaluate(axe);
    const found = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), RULES);
    const violations = found.violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html).join(" ")}`);
    assert.deepEqual(violations, [], name);
    assert.ok(found.passes.length > 10, `${name} was looked at`);
  });
});

test("no page scrolls sideways, and nothing is beyond its edge", async () => {
  await each(async (page, name) => {
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      const { over, beyond } = await page.evaluate(() => {
        const scrolls = (element) => element.closest(".scroll, .skip, .unseen-text, thead");
        const all = [...document.querySelectorAll("body *")].filter((element) => !scrolls(element) && element.getClientRects().length > 0);
        const beyond = all.filter((element) => element.getBoundingClientRect().right > innerWidth + 1);
        return { over: document.documentElement.scrollWidth - innerWidth, beyond: beyond.map((element) => element.outerHTML.slice(0, 200)) };
      });
      assert.ok(over <= 0, `${name} is ${over} px wider than ${width} px`);
      assert.deepEqual(beyond, [], `${name} at ${width} px`);
    }
  });
});

test("each scheme has colours of its own, and paper is white", async () => {
  const grounds = new Map();
  await each(async (page, name) => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const [place, scheme] = name.split(" in ");
    grounds.set(place, { ...grounds.get(place), [scheme]: await ground() });
    await page.emulateMedia({ media: "print" });
    const { color, scheme: printed } = await page.evaluate(() => {
      const { color, colorScheme } = getComputedStyle(document.body);
      return { color, scheme: colorScheme };
    });
    assert.equal(printed, "light", name);
    assert.equal(color, "rgb(28, 31, 36)", name);
    await page.emulateMedia({ media: "screen" });
  });
  for (const [name, { light, dark }] of grounds) assert.notEqual(light, dark, name);
});

test("a finger hits what there is to press", async () => {
  await each(
    async (page, name) => {
      const small = await page.locator(TARGETS).evaluateAll(
        (all, least) =>
          all
            .filter((element) => element.getClientRects().length > 0 && element.getBoundingClientRect().height < least - 0.5)
            .map((element) => `${Math.round(element.getBoundingClientRect().height)} px: ${element.outerHTML.slice(0, 150)}`),
        LEAST,
      );
      assert.deepEqual(small, [], name);
    },
    { viewport: { width: 375, height: 800 }, hasTouch: true },
  );
});
