import type * as aws from "@pulumi/aws";

import type { Context } from "../context";
import type { ServiceDatabase } from "../databases";
import type { StoredSecret } from "../secrets";
import { createRole, roleGuard, type Common } from "./waybill";

/** Posts webhooks, to port 443 of receivers only: the group of its tasks lets nothing else out. Two share the work. */
export function createWebhooksService(context: Context, common: Common, database: ServiceDatabase, key: StoredSecret): aws.ecs.Service {
    const guard = roleGuard(context, "webhooks");
    database.admit(guard);
    return createRole(context, common, {
        name: "webhooks",
        command: ["webhooks"],
        secrets: { INVOICES_DATABASE_URL: database.url, WAYBILL_SECRETS_KEY: key },
        guard,
        desiredCount: 2,
        cpu: 256,
        memoryMiB: 512,
    });
}
