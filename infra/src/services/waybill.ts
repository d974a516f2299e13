// What the roles of Waybill have in common.

import * as aws from "@pulumi/aws";

import { collector, telemetryEnvironment } from "../collector";
import { ports } from "../config";
import { databaseSecrets } from "../databases";
import { waybillImage } from "../images/waybill";
import { Container } from "../service";

interface Role {
  name: string;
  command: string[];
  ports?: number[];
  environment?: Record<string, string>;
  secrets: Record<string, aws.secretsmanager.Secret>;
  /// Whether the databases get their schema before it begins. Copies that do so at once take turns.
  migrates?: boolean;
}

/// The containers of a role: itself, what goes before it, and the collector.
export function role({ name, command, ports: own = [], environment = {}, secrets, migrates = false }: Role): Container[] {
  const common = { image: waybillImage.ref, user: "65532:65532" };
  const migrate: Container = {
    ...common,
    name: "migrate",
    command: ["migrate"],
    essential: false,
    memory: 128,
    secrets: { ORDERS_DATABASE_URL: databaseSecrets.orders, INVOICES_DATABASE_URL: databaseSecrets.invoices },
  };
  const itself: Container = {
    ...common,
    name,
    command,
    memory: 256,
    ports: [...own, ports.admin],
    environment: { WAYBILL_ADMIN_LISTEN: `0.0.0.0:${ports.admin}`, WAYBILL_LOG_FORMAT: "json", ...telemetryEnvironment, ...environment },
    secrets,
    healthCheck: ["CMD", "/waybill", "health"],
    dependsOn: migrates ? [{ containerName: "migrate", condition: "SUCCESS" }] : undefined,
  };
  return [...(migrates ? [migrate] : []), itself, ...collector()];
}

/// Of each role's task: enough for itself, what goes before it, and the collector.
export const size = { cpu: 512, memory: 1024 };
