// Debian's Chromium, driven by playwright-core, which brings no browser of its own.

import { chromium } from "playwright-core";

/// Nothing is looked up or loaded but what a test asks for.
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch(env = process.env) {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: QUIET, env });
}
