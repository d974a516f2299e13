import type * as aws from "@pulumi/aws";

import type { Context } from "../context";
import type { ServiceDatabase } from "../databases";
import { createRole, roleGuard, type Common } from "./waybill";

/** Posts webhooks, to port 443 of receivers only: the group of its tasks lets nothing else out. Two share the work. */
export function createWebhooksService(context: Context, common: Common, database: ServiceDatabase): aws.ecs.Service {
    const guard = roleGuard(context, "webhooks");
    database.admit(guard);
    return createRole(context, common, {
        name: "webhooks",
        command: ["webhooks"],
        secrets: { INVOICES_DATABASE_URL: database.url },
        guard,
        desiredCount: 2,
        cpu: 256,
        memoryMiB: 512,
    });
}
