import assert from "node:assert/strict";
import test, { before } from "node:test";

import { run } from "./graph";
import { all, Graph, noSecretIsPlain, onlyTheLoadBalancerIsOpen, everyServiceIsWatched, rulesAndPortsAgree } from "./properties";

const SERVICES = ["invoices", "kong", "orders", "rabbitmq", "relay", "webhooks"];
let graph: Graph;
let outputs: Record<string, unknown>;

before(async () => {
  const made = await run();
  graph = new Graph(made.resources);
  outputs = made.outputs;
});

test("databases elsewhere and RabbitMQ on Fargate", () => all(graph, { open: [80], services: SERVICES }));

test("RabbitMQ is one task at a time over its data", () => {
  const { inputs } = graph.of("Service").find(({ type, name }) => type.startsWith("aws:ecs") && name === "rabbitmq")!;
  assert.equal(inputs.desiredCount, 1);
  assert.deepEqual([inputs.deploymentMinimumHealthyPercent, inputs.deploymentMaximumPercent], [0, 100]);
  const { containers } = graph.tasks().find(({ name }) => name === "rabbitmq")!;
  assert.ok(containers[0].environment.some((it: any) => it.name === "RABBITMQ_NODENAME"), "its data is kept under its node's name");
});

test("the databases get their schema before the services begin", () => {
  for (const name of ["orders", "invoices"]) {
    const { containers } = graph.tasks().find((task) => task.name === name)!;
    const migrate = containers.find((it) => it.name === "migrate");
    assert.ok(!migrate.essential && migrate.command[0] === "migrate");
    assert.deepEqual(containers.find((it) => it.name === name).dependsOn, [{ containerName: "migrate", condition: "SUCCESS" }]);
  }
});

test("what the replaced program told is told, and more", () => {
  for (const name of ["kongId", "ordersId", "rabbitMQId", "rabbitMQAdminUrl", "invoicesId", "relayId", "webhooksId", "url"]) {
    assert.ok(outputs[name], name);
  }
  assert.equal(outputs.rabbitMQAdminUrl, "http://rabbitmq.elb.internal:15672");
  assert.equal(outputs.url, "http://kong.elb.internal");
});

// Each property is held against a graph in which it does not hold.
const spoilt = (change: (resources: any[]) => void) => {
  const resources = JSON.parse(JSON.stringify(graph.resources));
  change(resources);
  return new Graph(resources);
};
const task = (resources: any[], name: string) => resources.find((it) => it.type.endsWith(":TaskDefinition") && it.name === name).inputs;

test("an open group is found", () => {
  const open = spoilt((all) => (all.find((it) => it.name === "orders-from-kong-3333").inputs.cidrIpv4 = "0.0.0.0/0"));
  assert.throws(() => onlyTheLoadBalancerIsOpen(open, [80]));
});

test("a plain secret is found", () => {
  const plain = spoilt((all) => task(all, "orders").containerDefinitions[1].environment.push({ name: "ORDERS_DATABASE_URL", value: "postgresql://a:b@c/d" }));
  assert.throws(() => noSecretIsPlain(plain), /password/);
  const other = spoilt((all) => (task(all, "relay").containerDefinitions[0].secrets[0].valueFrom = "arn:of-another"));
  assert.throws(() => noSecretIsPlain(other));
});

test("a service without a health check or a limit is found", () => {
  assert.throws(() => everyServiceIsWatched(spoilt((all) => delete task(all, "invoices").containerDefinitions[1].healthCheck), SERVICES), /health check/);
  assert.throws(() => everyServiceIsWatched(spoilt((all) => (task(all, "kong").containerDefinitions[0].memory = 0)), SERVICES));
  assert.throws(() => everyServiceIsWatched(graph, [...SERVICES, "another"]));
});

test("a port that nobody is at is found", () => {
  assert.throws(() => rulesAndPortsAgree(spoilt((all) => (task(all, "orders").containerDefinitions[1].portMappings[0].containerPort = 3335))));
});
