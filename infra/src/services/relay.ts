import type * as aws from "@pulumi/aws";

import type { Context } from "../context";
import type { ServiceDatabase } from "../databases";
import type { Broker } from "./rabbitmq";
import { createRole, roleGuard, type Common } from "./waybill";

/** Takes events from the outbox to RabbitMQ. There are two so that one is there: one delivers, the other stands by. */
export function createRelayService(context: Context, common: Common, database: ServiceDatabase, broker: Broker): aws.ecs.Service {
    const guard = roleGuard(context, "relay");
    database.admit(guard);
    broker.admit(guard);
    broker.admitToManagement(guard);
    return createRole(context, common, {
        name: "relay",
        command: ["relay"],
        environment: { BROKER_MANAGEMENT_URL: broker.adminUrl },
        secrets: { ORDERS_DATABASE_URL: database.url, BROKER_URL: broker.url },
        guard,
        desiredCount: 2,
        cpu: 256,
        memoryMiB: 512,
        dependsOn: broker.ready,
    });
}
