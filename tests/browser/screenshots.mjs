// Pictures of every page, of a system that this script starts: `cargo xtask screenshots`. Those of the documentation are kept in
// docs/pictures, all others are to be looked at in SCREENSHOTS.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { launch } from "./browser.mjs";
import { places, traceOf } from "./places.mjs";
import { start, trade } from "./shop.mjs";

const { SCREENSHOTS, SITE, WAYBILL_BIN } = process.env;
const PICTURES = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));
const WIDTHS = [375, 768, 1440];
const SCHEMES = ["light", "dark"];

/// The pictures of the documentation: their page and what is seen of it, in CSS pixels. Without a height it is all of the page.
const SHOWN = {
  overview: { page: "overview", width: 1200, height: 800 },
  order: { page: "order", width: 1200, height: 640 },
  document: { page: "document", width: 860, height: null },
  trace: { page: "trace", width: 1200, height: 520 },
};

/// The size of a picture's dot, in CSS pixels: sharp on most screens, and small enough to be kept.
const SCALE = 1.5;

/// Pages have the letters that most readers see, and not those that a machine without a desktop falls back to.
const FONTS = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><include>/etc/fonts/fonts.conf</include>
${["system-ui", "sans-serif"].map((name) => `<match target="pattern"><test name="family"><string>${name}</string></test><edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit></match>`).join("\n")}
</fontconfig>`;

async function open(page, url) {
  await page.goto(url);
  if (await page.locator("[data-live]").count()) await page.locator(".live.on").waitFor();
}

/// Takes the pictures of the documentation, with fewer colours, which makes them a third as large.
async function shown(browser, urls) {
  for (const colorScheme of SCHEMES) {
    for (const [name, { page: place, width, height }] of Object.entries(SHOWN)) {
      const page = await browser.newPage({ viewport: { width, height: height ?? 800 }, colorScheme, deviceScaleFactor: SCALE });
      await open(page, urls[place]);
      const path = join(PICTURES, `${name}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: height === null });
      await page.close();
      const quantized = spawnSync("pngquant", ["--force", "--skip-if-larger", "--strip", "--speed", "1", "--output", path, "128", path]);
      // 98: it would be larger, so it stays as it is.
      if (quantized.error || ![0, 98].includes(quantized.status)) throw new Error(`pngquant ${path}: ${quantized.error ?? quantized.stderr}`);
    }
  }
  console.log(`${SCHEMES.length * Object.keys(SHOWN).length} pictures of the documentation in ${PICTURES}`);
}

/// Takes every page in every width and scheme, from its top to its end.
async function all(browser, urls) {
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
      for (const [name, url] of Object.entries(urls)) {
        await open(page, url);
        await page.screenshot({ path: join(SCREENSHOTS, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      }
      await page.close();
      console.log(`${Object.keys(urls).length} pages ${width} px wide, ${colorScheme}`);
    }
  }
}

/// Takes a document as a printer gets it, between the margins of an A4 sheet.
async function paper(browser, url) {
  const page = await browser.newPage({ viewport: { width: 643, height: 970 }, colorScheme: "dark" });
  await page.emulateMedia({ media: "print" });
  await page.goto(url);
  await page.screenshot({ path: join(SCREENSHOTS, "document-paper.png"), fullPage: true });
  await page.close();
}

const folder = await mkdtemp(join(tmpdir(), "waybill-screenshots-"));
const fonts = join(folder, "fonts.conf");
await writeFile(fonts, FONTS);
console.log("Starting `waybill up` with a database of its own …");
const system = await start(WAYBILL_BIN);
const browser = await launch({ ...process.env, FONTCONFIG_FILE: fonts });
try {
  await mkdir(PICTURES, { recursive: true });
  await rm(SCREENSHOTS, { recursive: true, force: true });
  await mkdir(SCREENSHOTS, { recursive: true });
  const { gateway } = system;
  const empty = Object.fromEntries(
    Object.entries(places(system, {})).filter(([name]) => ["overview", "orders", "invoices", "dead-letters", "settings"].includes(name)),
  );
  await all(browser, Object.fromEntries(Object.entries(empty).map(([name, url]) => [`${name}-empty`, url])));
  const made = await trade(system);
  const page = await browser.newPage();
  const urls = { ...places(system, made), trace: await traceOf(page, `${gateway}/console/orders/${made.order}`) };
  await page.close();
  await shown(browser, urls);
  const site = SITE && existsSync(join(SITE, "index.html")) ? { site: "index.html", "site-api": "api.html", "site-decision": "decisions/index.html" } : {};
  for (const [name, file] of Object.entries(site)) urls[name] = pathToFileURL(join(SITE, file)).href;
  await all(browser, urls);
  await paper(browser, urls.document);
  if (Object.keys(site).length === 0) console.log("The documentation is not among them: `cargo xtask docs` builds it first.");
} finally {
  await browser.close();
  await system.end();
  await rm(folder, { recursive: true });
}
console.log(`Every page is in ${SCREENSHOTS}.`);
console.log("Look at what changed with `git diff --stat docs/pictures`, and keep it if it is better.");
