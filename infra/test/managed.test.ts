import assert from "node:assert/strict";
import test from "node:test";

import { run, SECRETS } from "./graph";
import { all, Graph } from "./properties";

test("RDS, Amazon MQ and a certificate", async () => {
  const certificateArn = "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b";
  const env = { GRAFANA_OTLP_ENDPOINT: SECRETS.GRAFANA_OTLP_ENDPOINT, "node-orders": "geheim-4" };
  const { resources, outputs } = await run({ config: { broker: "amazonmq", databases: "rds", certificateArn, nat: "single" }, env });
  const graph = new Graph(resources);
  all(graph, { open: [80, 443], services: ["invoices", "kong", "orders", "relay", "webhooks"] });
  assert.deepEqual(graph.of("Instance").map(({ name }) => name).sort(), ["invoices", "orders"]);
  assert.equal(graph.of("NatGateway").length, 1);
  assert.equal(outputs.url, "https://kong.elb.internal");
  assert.equal(outputs.rabbitMQAdminUrl, "https://b-1.mq.internal");
  const http = graph.of("Listener").find(({ name }) => name === "http")!;
  assert.equal(http.inputs.defaultActions[0].type, "redirect");
  const broker = graph.of("SecretVersion").find(({ name }) => name === "broker-url")!;
  const value = broker.inputs.secretString.value ?? broker.inputs.secretString;
  assert.match(value, /^amqps:\/\/waybill:[^@]+@b-1\.mq\.internal:5671$/);
});
