import type * as aws from "@pulumi/aws";

import type { Context } from "../context";
import type { ServiceDatabase } from "../databases";
import { PORTS } from "../ports";
import type { Guard } from "../security-groups";
import { createRole, type Common } from "./waybill";

/** Takes orders. API keys are asked for, since it listens beyond loopback; Kong passes them on. */
export function createOrdersService(context: Context, common: Common, guard: Guard, database: ServiceDatabase): aws.ecs.Service {
    database.admit(guard);
    return createRole(context, common, {
        name: "orders",
        command: ["serve", "orders"],
        environment: { WAYBILL_ORDERS_LISTEN: `0.0.0.0:${PORTS.orders}`, WAYBILL_KEY_CHECK: "auto" },
        secrets: { ORDERS_DATABASE_URL: database.url },
        guard,
        desiredCount: context.settings.copies.least,
        scaled: true,
        port: PORTS.orders,
        cpu: 512,
        memoryMiB: 1024,
    });
}
