import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as pulumi from "@pulumi/pulumi";
import { parse } from "dotenv";

import { CONFIGURATIONS } from "./configurations";
import { finish, graphOf, record } from "./graph";

const OUTPUTS = [
    "url",
    "kongId",
    "ordersId",
    "invoicesId",
    "relayId",
    "webhooksId",
    "rabbitMQId",
    "rabbitMQAdminUrl",
    "operatorsGroupId",
    "clusterName",
    "vpcId",
    "loadBalancerName",
    "migrateTask",
    "migrateNetwork",
];

test("the program itself runs on Pulumi's configuration and the environment, and has its outputs", async () => {
    const { config, environment } = CONFIGURATIONS.external!;
    pulumi.runtime.setAllConfig(Object.fromEntries(Object.entries(config).map(([key, value]) => [`waybill:${key}`, value])));
    // Whatever a developer's own .env says is set here already, and so does not count.
    for (const name of Object.keys(parse(readFileSync(join(__dirname, "../.env.example"))))) process.env[name] = environment[name] ?? "";
    const graph = await record();
    const exported: Record<string, pulumi.Output<unknown>> = await import("../index");
    await finish(graph, Object.fromEntries(OUTPUTS.map((name) => [name, exported[name] ?? assert.fail(`${name} is not exported`)])));
    assert.deepEqual(graph.outputs, (await graphOf(CONFIGURATIONS.external!)).outputs);
    assert.equal(graph.outputs.kongId, "Service/kong");
    assert.equal(graph.outputs.rabbitMQId, "Service/rabbitmq");
    assert.equal(graph.outputs.rabbitMQAdminUrl, "http://broker.test.elb.amazonaws.com:15672");
    assert.equal(graph.outputs.migrateTask, "waybill-test-migrate");
    assert.deepEqual(JSON.parse(String(graph.outputs.migrateNetwork)).awsvpcConfiguration.securityGroups, ["SecurityGroup/migrate"]);
    assert.equal(graph.outputs.operatorsGroupId, "SecurityGroup/operators");
    assert.equal(graph.outputs.url, "https://kong.test.elb.amazonaws.com");
});

test("Amazon MQ has its own identifier and page", async () => {
    const { outputs } = await graphOf(CONFIGURATIONS.amazon!);
    assert.equal(outputs.rabbitMQId, "Broker/rabbitmq");
    assert.equal(outputs.rabbitMQAdminUrl, "https://b-1.mq.sa-east-1.amazonaws.com");
});

test("with a certificate the address is the domain's, and HTTP is redirected to it", async () => {
    const { outputs, resources } = await graphOf(CONFIGURATIONS.certificate!);
    assert.equal(outputs.url, "https://api.example.com");
    const http = resources.find(({ type, name }) => type === "aws:lb/listener:Listener" && name === "http");
    assert.deepEqual(http?.inputs.defaultActions, [{ type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } }]);
});

test("without a certificate the address is plain, where that is permitted", async () => {
    const { outputs } = await graphOf(CONFIGURATIONS.plain!);
    assert.equal(outputs.url, "http://kong.test.elb.amazonaws.com");
});

test("without Grafana there is no collector, and no container is configured with one", async () => {
    const { resources } = await graphOf(CONFIGURATIONS.certificate!);
    assert.doesNotMatch(JSON.stringify(resources), /OTEL_|collector/);
});

test("with Grafana each role's traces and metrics go there by way of the collector", async () => {
    const { resources } = await graphOf(CONFIGURATIONS.external!);
    for (const role of ["orders", "invoices", "relay", "webhooks"]) {
        const containers = resources.find(({ type, name }) => type.endsWith(":TaskDefinition") && name === role)?.inputs.containerDefinitions;
        const value = (container: any, name: string) => container.environment.find((one: any) => one.name === name)?.value;
        const collector = JSON.parse(value(containers[1], "AOT_CONFIG_CONTENT"));
        assert.equal(value(containers[0], "OTEL_EXPORTER_OTLP_ENDPOINT"), `http://${collector.receivers.otlp.protocols.http.endpoint}`);
        const { targets } = collector.receivers.prometheus.config.scrape_configs[0].static_configs[0];
        assert.deepEqual(targets, [value(containers[0], "WAYBILL_ADMIN_LISTEN").replace("0.0.0.0", "127.0.0.1")]);
        assert.deepEqual(collector.exporters.otlphttp, { endpoint: "https://otlp-gateway-prod-sa-east-1.grafana.net/otlp", headers: { Authorization: "${env:GRAFANA_AUTHORIZATION}" } });
        assert.deepEqual(containers[1].secrets.map((secret: any) => secret.name), ["GRAFANA_AUTHORIZATION"]);
        assert.deepEqual(Object.keys(collector.service.pipelines), ["traces", "metrics"]);
    }
});
