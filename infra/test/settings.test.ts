// A bad setting ends the program with its name, what is wrong and an example, and without a secret.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import test from "node:test";

import { SECRETS } from "./graph";

const PROGRAM = `
  const { run } = require("./test/graph");
  const { config, env } = JSON.parse(process.argv[1]);
  run({ config, env }).then(() => process.exit(0), (error) => { console.error(String(error)); process.exit(1); });
`;

function start(config: Record<string, string>, env: Record<string, string>): { status: number | null; said: string } {
  const ended = spawnSync(process.execPath, ["--import", "tsx", "-e", PROGRAM, JSON.stringify({ config, env })], { encoding: "utf8" });
  return { status: ended.status, said: ended.stdout + ended.stderr };
}

for (const [name, config, env] of [
  ["waybill:broker", { broker: "kafka" }, SECRETS],
  ["waybill:minCopies", { minCopies: "two" }, SECRETS],
  ["waybill:maxCopies", { minCopies: "5", maxCopies: "4" }, SECRETS],
  ["waybill:certificateArn", { certificateArn: "mine" }, SECRETS],
  ["DB_ORDER", {}, { DB_INVOICES: SECRETS.DB_INVOICES }],
  ["DB_INVOICES", {}, { ...SECRETS, DB_INVOICES: "mysql://geheim" }],
  ["GRAFANA_SK", {}, { DB_ORDER: SECRETS.DB_ORDER, DB_INVOICES: SECRETS.DB_INVOICES, GRAFANA_OTLP_ENDPOINT: "https://x" }],
] as [string, Record<string, string>, Record<string, string>][]) {
  test(`a bad ${name} is named`, () => {
    const { status, said } = start(config, env);
    assert.equal(status, 1, said);
    assert.ok(said.includes(name) && said.includes("an example is"), said);
    assert.ok(!said.includes("geheim"), said);
  });
}
