// Every setting, read once. A bad one ends the program with its name, what is wrong, and an example.

import * as pulumi from "@pulumi/pulumi";
import { config as readEnv } from "dotenv";

readEnv({ path: process.env.WAYBILL_INFRA_ENV ?? ".env", quiet: true });

const config = new pulumi.Config("waybill");

function fail(name: string, fault: string, example: string): never {
  throw new pulumi.RunError(`${name} ${fault}; an example is ${example}`);
}

function oneOf<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
  const value = config.get(name) ?? otherwise;
  const found = choices.find((choice) => choice === value);
  return found ?? fail(`waybill:${name}`, `is "${value}", not one of ${choices.join(", ")}`, `waybill:${name}: ${choices[0]}`);
}

function count(name: string, otherwise: number, least: number, most: number): number {
  const value = config.get(name) === undefined ? otherwise : Number(config.get(name));
  if (!Number.isInteger(value) || value < least || value > most) {
    fail(`waybill:${name}`, `must be a whole number from ${least} to ${most}`, `waybill:${name}: ${otherwise}`);
  }
  return value;
}

function secretFromEnv(name: string, pattern: RegExp, example: string): pulumi.Output<string> {
  const value = process.env[name]?.trim() ?? "";
  // The value itself is a secret, so it is not shown.
  if (!pattern.test(value)) fail(`${name} (in infra/.env)`, value ? "is not what it should be" : "is not set", `${name}='${example}'`);
  return pulumi.secret(value);
}

/// RabbitMQ on Fargate with its data on EFS, or Amazon MQ.
export const broker = oneOf("broker", ["fargate", "amazonmq"] as const, "fargate");

/// PostgreSQL elsewhere (DB_ORDER and DB_INVOICES in .env), or on RDS.
export const databases = oneOf("databases", ["external", "rds"] as const, "external");

/// The URLs of the databases, where they are elsewhere.
export const databaseUrls =
  databases === "external"
    ? {
        orders: secretFromEnv("DB_ORDER", /^postgres(ql)?:\/\/\S+$/, "postgresql://USER:PASSWORD@HOST/orders?sslmode=require"),
        invoices: secretFromEnv("DB_INVOICES", /^postgres(ql)?:\/\/\S+$/, "postgresql://USER:PASSWORD@HOST/invoices?sslmode=require"),
      }
    : undefined;

/// The certificate of the load balancer (ACM). Without one it serves plain HTTP on 80.
export const certificateArn = config.get("certificateArn");
if (certificateArn !== undefined && !/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/\S+$/.test(certificateArn)) {
  fail("waybill:certificateArn", "is no ARN of an ACM certificate", "waybill:certificateArn: arn:aws:acm:eu-central-1:123456789012:certificate/0a1b");
}

/// Copies of what scales: the least and the most.
export const copies = { least: count("minCopies", 2, 1, 100), most: count("maxCopies", 10, 1, 1000) };
if (copies.most < copies.least) fail("waybill:maxCopies", "is less than waybill:minCopies", "waybill:maxCopies: 10");

/// Requests of each address in a minute.
export const rateLimitPerMinute = count("rateLimitPerMinute", 6000, 1, 100_000_000);

/// A NAT gateway in each zone, or one for both, which costs half and ends with its zone.
export const nat = oneOf("nat", ["each", "single"] as const, "each");

/// Days that logs and backups are kept.
export const keepLogsDays = count("keepLogsDays", 30, 1, 3653);
export const keepBackupsDays = count("keepBackupsDays", 14, 1, 35);

/// The size of the databases on RDS.
export const rdsClass = config.get("rdsClass") ?? "db.t4g.small";

/// Where telemetry goes; none unless both of its parts are there.
export const telemetry = readTelemetry();

function readTelemetry(): { endpoint: string; authorization: pulumi.Output<string> } | undefined {
  const endpoint = process.env.GRAFANA_OTLP_ENDPOINT?.trim();
  // An environment variable of a shell cannot have this name, a line of .env can.
  const key = process.env["node-orders"]?.trim();
  const header = process.env.GRAFANA_SK?.trim() || (key ? `Bearer ${key}` : undefined);
  if (!endpoint && !header) return undefined;
  if (!endpoint || !/^https:\/\/\S+$/.test(endpoint)) {
    fail("GRAFANA_OTLP_ENDPOINT (in infra/.env)", "is no https URL", "GRAFANA_OTLP_ENDPOINT='https://otlp-gateway-prod-eu-west-0.grafana.net/otlp'");
  }
  if (!header) fail("GRAFANA_SK (in infra/.env)", "is not set", "GRAFANA_SK='Basic WHAT-GRAFANA-SHOWS'");
  return { endpoint, authorization: pulumi.secret(header) };
}

/// Ports, as everywhere in Waybill.
export const ports = { orders: 3333, invoices: 3334, admin: 9464, kong: 8000, kongStatus: 8100, amqp: 5672, amqps: 5671, rabbitAdmin: 15672, postgres: 5432, efs: 2049 };
