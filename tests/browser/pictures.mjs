// The pictures of the documentation, taken of a system that this script starts: `cargo xtask pictures`.

import { spawn } from "node:child_process";
import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { launch } from "./browser.mjs";

const pictures = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));
const VIEW = { width: 1200, height: 800 };

/// Starts `waybill up` on free ports, and returns its addresses by their names.
async function start(folder) {
  const flags = ["orders", "invoices", "gateway", "traces"].flatMap((name) => [`--${name}-listen`, "127.0.0.1:0"]);
  const waybill = spawn(process.env.WAYBILL_BIN, ["up", "--data", join(folder, "data"), ...flags], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const addresses = {};
  for await (const line of createInterface({ input: waybill.stdout })) {
    const [name, address] = line.split(/\s+/);
    if (name === "ready") return { waybill, addresses };
    addresses[name] = address;
  }
  throw new Error("waybill ended before it was ready");
}

const folder = await mkdtemp(join(tmpdir(), "waybill-pictures-"));
const { waybill, addresses } = await start(folder);
const browser = await launch();
try {
  await mkdir(pictures, { recursive: true });
  const line = { sku: "ink-1", description: "Ink", quantity: 3, unitPrice: 1000, taxRateBasisPoints: 1900 };
  let id;
  for (const body of [{ amount: 129900 }, { amount: 4250 }, { amount: 700, currency: "USD" }, { lines: [line] }]) {
    const answer = await fetch(`${addresses.gateway}/orders`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    ({ id } = await answer.json());
  }
  for (const colorScheme of ["light", "dark"]) {
    const page = await browser.newPage({ viewport: VIEW, colorScheme });
    const take = (name) => page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`) });
    await page.goto(`${addresses.gateway}/console`);
    await page.locator(".live.on").waitFor();
    await page.locator(".tile strong", { hasText: /^4$/ }).waitFor();
    await take("overview");
    await page.goto(`${addresses.gateway}/console/orders/${id}`);
    const trace = await page.locator("#trace-link").getAttribute("href");
    await page.locator("#invoice-link").waitFor();
    await page.locator(".live.on").waitFor();
    await take("order");
    await page.goto(trace);
    while (!(await page.getByText("process order.created").count())) await page.reload();
    await take("trace");
    await page.close();
  }
} finally {
  await browser.close();
  waybill.kill("SIGTERM");
  await new Promise((ended) => waybill.once("exit", ended));
  await rm(folder, { recursive: true });
}
console.log(`The pictures are in ${pictures}`);
