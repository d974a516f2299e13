import type * as aws from "@pulumi/aws";

import type { Context } from "../context";
import type { ServiceDatabase } from "../databases";
import { PORTS } from "../ports";
import type { StoredSecret } from "../secrets";
import type { Guard } from "../security-groups";
import type { Broker } from "./rabbitmq";
import { createRole, type Common } from "./waybill";

/** What the invoices service is connected to. */
export interface InvoicesArgs {
    guard: Guard;
    database: ServiceDatabase;
    broker: Broker;
    eventsToken: StoredSecret;
}

/** Shows invoices, and makes them of what comes from RabbitMQ's queue. */
export function createInvoicesService(context: Context, common: Common, { guard, database, broker, eventsToken }: InvoicesArgs): aws.ecs.Service {
    database.admit(guard);
    broker.admit(guard);
    broker.admitToManagement(guard);
    return createRole(context, common, {
        name: "invoices",
        command: ["serve", "invoices"],
        environment: { WAYBILL_INVOICES_LISTEN: `0.0.0.0:${PORTS.invoices}`, WAYBILL_KEY_CHECK: "auto", BROKER_MANAGEMENT_URL: broker.adminUrl },
        secrets: { INVOICES_DATABASE_URL: database.url, BROKER_URL: broker.url, WAYBILL_EVENTS_TOKEN: eventsToken },
        guard,
        desiredCount: context.settings.copies.least,
        scaled: true,
        port: PORTS.invoices,
        cpu: 512,
        memoryMiB: 1024,
        dependsOn: broker.ready,
    });
}
