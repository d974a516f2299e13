import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as pulumi from "@pulumi/pulumi";

import { SettingError, readSettings } from "../src/settings";
import { CONFIGURATIONS } from "./configurations";

const good = CONFIGURATIONS.external!;

function read(config: Record<string, string> = {}, environment: Record<string, string | undefined> = {}) {
    const values = { ...good.config, ...config };
    return readSettings({ get: (key) => values[key] }, { ...good.environment, ...environment });
}

function secret(output: pulumi.Output<string> | undefined): Promise<string> {
    return new Promise((done, fail) => (output === undefined ? fail(new Error("it is missing")) : output.apply(done)));
}

describe("a bad setting is called by its name, with an example", () => {
    const cases: [string, RegExp, Record<string, string>, Record<string, string | undefined>][] = [
        ["a database is missing", /^DB_ORDER is missing.*an example is DB_ORDER='postgresql:/, {}, { DB_ORDER: undefined }],
        ["a database is as in the example", /^DB_INVOICES still has placeholders/, {}, { DB_INVOICES: "postgresql://<user>:<password>@<host>/<db>?sslmode=require" }],
        ["a database is no URL", /^DB_ORDER is no URL/, {}, { DB_ORDER: "geheim" }],
        ["a database is no PostgreSQL", /^DB_ORDER does not begin with postgresql:/, {}, { DB_ORDER: "mysql://u:geheim@h/d" }],
        ["a database is on this machine", /^DB_ORDER names this machine/, {}, { DB_ORDER: "postgresql://docker:geheim@localhost:5482/orders?sslmode=require" }],
        ["a database has no TLS", /^DB_ORDER would send data.*sslmode=verify-full/, {}, { DB_ORDER: "postgresql://u:geheim@h.example/d" }],
        ["a broker is unknown", /^waybill:broker is "kafka", not one of fargate, amazonmq; an example is pulumi config set broker fargate$/, { broker: "kafka" }, {}],
        ["a flag is no flag", /^waybill:protect is "yes"/, { protect: "yes" }, {}],
        ["there are too few copies", /^waybill:minCopies is "1", not a whole number from 2 to 100/, { minCopies: "1" }, {}],
        ["there are fewer than the least copies", /^waybill:maxCopies is less than waybill:minCopies/, { minCopies: "8", maxCopies: "4" }, {}],
        ["a class has no RabbitMQ 4", /^waybill:brokerClass is "mq.m5.large".*mq\.m7g\.medium/, { brokerClass: "mq.m5.large" }, {}],
        ["a certificate is not an ARN", /^waybill:certificateArn is "x".*arn:aws:acm/, { certificateArn: "x" }, {}],
        ["there is no certificate", /^waybill:certificateArn is missing.*API keys.*allowInsecure true.*an example is pulumi config set certificateArn arn:aws:acm/, { certificateArn: undefined as never }, {}],
        ["insecurity is not a flag", /^waybill:allowInsecure is "yes"/, { certificateArn: undefined as never, allowInsecure: "yes" }, {}],
        ["a database has two modes", /^DB_ORDER would send data/, {}, { DB_ORDER: "postgresql://u:geheim@h.example/d?sslmode=verify-full&sslmode=disable" }],
        ["a database has a mode that is hidden", /^DB_ORDER would send data/, {}, { DB_ORDER: "postgresql://u:geheim@h.example/d?sslm%6fde=require" }],
        ["a name has no certificate", /^waybill:domainName is only of use with waybill:certificateArn/, { certificateArn: undefined as never, allowInsecure: "true", domainName: "a.example.com" }, {}],
        ["a network is too small", /^waybill:vpcCidr.*10\.20\.0\.0\/16/, { vpcCidr: "10.0.0.0/24" }, {}],
        ["a tag moves", /^waybill:imageTag is "latest"/, { imageTag: "latest" }, {}],
        ["Grafana has no address", /^waybill:grafanaEndpoint is missing.*otlp-gateway/, { grafanaEndpoint: undefined as never }, {}],
        ["Grafana's address is plain", /^waybill:grafanaEndpoint is "http:/, { grafanaEndpoint: "http://example.com/otlp" }, {}],
        ["a header is not an Authorization value", /^GRAFANA_SK is not the value of an Authorization header.*GRAFANA_SK='Basic/, {}, { GRAFANA_SK: "geheim" }],
        ["a key has no instance", /^GRAFANA_INSTANCE_ID is missing, which node-orders/, {}, { GRAFANA_SK: "", "node-orders": "glc_geheim" }],
        ["a key is no base64", /^WAYBILL_SECRETS_KEY must be the base64 of 32 bytes.*openssl rand -base64 32$/, {}, { WAYBILL_SECRETS_KEY: "geheim" }],
        ["a former key is short", /^WAYBILL_SECRETS_KEY must be/, {}, { WAYBILL_SECRETS_KEY: `${Buffer.alloc(32).toString("base64")},${Buffer.alloc(31).toString("base64")}` }],
        ["a token is short", /^WAYBILL_EVENTS_TOKEN must be 16 to 256/, {}, { WAYBILL_EVENTS_TOKEN: "geheim" }],
    ];
    for (const [what, message, config, environment] of cases) {
        test(what, () => {
            assert.throws(
                () => read(config, environment),
                (error: Error) => error instanceof SettingError && message.test(error.message) && error.message.includes("; an example is ") && !error.message.includes("geheim"),
            );
        });
    }
});

describe("Grafana", () => {
    for (const value of ["Basic abc=", "Authorization=Basic abc=", "authorization: Basic abc=", "Authorization=Basic%20abc="]) {
        test(`takes GRAFANA_SK as ${value}`, async () => {
            assert.equal(await secret(read({}, { GRAFANA_SK: value }).grafana?.authorization), "Basic abc=");
        });
    }

    test("takes node-orders as an API key", async () => {
        const { grafana } = read({}, { GRAFANA_SK: undefined, "node-orders": "glc_key", GRAFANA_INSTANCE_ID: "123456" });
        assert.equal(await secret(grafana?.authorization), `Basic ${Buffer.from("123456:glc_key").toString("base64")}`);
    });

    test("goes without node-orders where GRAFANA_SK says it all", async () => {
        assert.equal(await secret(read({}, { GRAFANA_SK: "Basic abc", "node-orders": "glc_key" }).grafana?.authorization), "Basic abc");
    });

    test("is left out where .env has only what the example has", () => {
        assert.equal(read({}, { GRAFANA_SK: "<Grafana_Authorization_Header_Value>", "node-orders": "<Grafana_API_Key>" }).grafana, undefined);
    });
});

test("secrets are secrets to Pulumi", async () => {
    const settings = read();
    assert.ok(settings.databases.kind === "external");
    for (const output of [settings.databases.orders.url, settings.databases.invoices.url, settings.grafana!.authorization, settings.eventsToken!, settings.secretsKey!]) {
        assert.equal(await pulumi.isSecret(output), true);
    }
});

test("a database's certificate is verified, and nothing else of its URL changes", async () => {
    const begin = "postgresql://u:p%3F%26sslmode=x@h.example:6432/d";
    for (const [given, expected] of [
        ["?sslmode=require&channel_binding=require", "?sslmode=verify-full&channel_binding=require"],
        ["?channel_binding=require&sslmode=require", "?channel_binding=require&sslmode=verify-full"],
        ["?sslmode=verify-ca", "?sslmode=verify-full"],
        ["?sslmode=verify-full", "?sslmode=verify-full"],
    ]) {
        const { databases } = read({}, { DB_ORDER: begin + given });
        assert.ok(databases.kind === "external");
        assert.equal(await secret(databases.orders.url), begin + expected);
    }
});

test("origins may have a blank between them, and no path", () => {
    const corsOrigins = "https://shop.example.com, http://b_c.example.com:3000";
    assert.equal(read({ corsOrigins }).corsOrigins, corsOrigins);
    for (const bad of ["*", "https://a.example/path", "https://a.example:x", "https://a.example https://b.example"]) {
        assert.throws(() => read({ corsOrigins: bad }), /waybill:corsOrigins is .*; an example is /);
    }
});

test("plain HTTP is served where that is permitted", () => {
    assert.equal(read({ certificateArn: undefined as never, allowInsecure: "true" }).certificateArn, undefined);
});

test("databases are not asked for where they are made", () => {
    assert.equal(read({ databases: "rds" }, { DB_ORDER: undefined, DB_INVOICES: undefined }).databases.kind, "rds");
});
