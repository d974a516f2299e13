// The page of an invoice on a phone and on paper. INVOICE is its address; its words and amounts are the longest.

import test, { after, before } from "node:test";
import assert from "node:assert/strict";

import { launch } from "./browser.mjs";

const { INVOICE } = process.env;

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

async function open(width, height = 800) {
  const context = await browser.newContext({ viewport: { width, height }, locale: "de" });
  const page = await context.newPage();
  const answer = await page.goto(INVOICE);
  assert.equal(answer.status(), 200);
  assert.match(answer.headers()["content-type"], /^text\/html/);
  return page;
}

/// What of the page is beyond its edge, and how wide the descriptions are.
function measured(page) {
  return page.evaluate(() => {
    const all = [...document.querySelectorAll("main *")].filter((element) => element.getClientRects().length > 0);
    const beyond = all.filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      return left < 0 || right > innerWidth || element.scrollWidth > Math.max(element.clientWidth, element.offsetWidth);
    });
    const widths = [...document.querySelectorAll("tbody td:first-child")].map((cell) => cell.offsetWidth);
    return {
      scrolls: document.documentElement.scrollWidth > innerWidth,
      beyond: beyond.filter((element) => getComputedStyle(element).display !== "inline").map((element) => element.outerHTML),
      widths,
    };
  });
}

for (const width of [320, 375, 768, 1280]) {
  test(`at ${width} pixels nothing is cut off and descriptions have room`, async () => {
    const page = await open(width);
    const { scrolls, beyond, widths } = await measured(page);
    assert.equal(scrolls, false);
    assert.deepEqual(beyond, []);
    assert.ok(widths.length === 2 && widths.every((cell) => cell >= 150), widths.join(" "));
  });
}

test("on a phone words are whole, and each number has its column's name beside it", async () => {
  const page = await open(375);
  const line = page.locator("tbody tr").nth(1);
  const rows = await line.locator("td").evaluateAll((cells) =>
    cells.map((cell) => {
      const { height } = cell.getBoundingClientRect();
      return [getComputedStyle(cell, "::before").content, height / parseFloat(getComputedStyle(cell).lineHeight)];
    }),
  );
  assert.deepEqual(rows.map(([label]) => label), ["none", '"Menge"', '"Einzelpreis"', '"USt."', '"Betrag (EUR)"']);
  for (const [label, lines] of rows.slice(1)) assert.ok(lines < 1.5, `${label} has ${lines} lines`);
  const words = await line.locator("td").first().evaluate((cell) => {
    const text = cell.firstChild;
    return text.data.split(" ").map((word, index, all) => {
      const range = document.createRange();
      const begin = all.slice(0, index).join(" ").length + (index > 0 ? 1 : 0);
      range.setStart(text, begin);
      range.setEnd(text, begin + word.length);
      return [word, range.getClientRects().length];
    });
  });
  for (const [word, parts] of words) assert.equal(parts, 1, `${word} is broken`);
});

for (const format of ["A4", "Letter"]) {
  test(`${format} paper has a table, and all of it fits`, async () => {
    const page = await open(1280);
    await page.emulateMedia({ media: "print" });
    // What a sheet has between its margins of 20 mm.
    const width = Math.floor(((format === "A4" ? 210 : 215.9) - 40) / 25.4 * 96);
    await page.setViewportSize({ width, height: 1000 });
    assert.equal(await page.locator("thead").evaluate((head) => getComputedStyle(head).display), "table-header-group");
    const { scrolls, beyond } = await measured(page);
    assert.equal(scrolls, false);
    assert.deepEqual(beyond, []);
    const pdf = (await page.pdf({ format, preferCSSPageSize: true })).toString("latin1");
    const [, right, top] = pdf.match(/\/MediaBox \[\s*0 0 ([\d.]+) ([\d.]+)\s*\]/);
    const expected = format === "A4" ? [595, 842] : [612, 792];
    for (const [index, size] of [right, top].entries()) assert.ok(Math.abs(size - expected[index]) < 1, `${right} x ${top}`);
  });
}
