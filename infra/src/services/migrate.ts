import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import type { Context } from "../context";
import type { Databases } from "../databases";
import type { PushedImage } from "../images/pushed-image";
import { createOnce, roleGuard } from "./waybill";

/** The migrations, and how their task is run by hand, for other commands that need the databases. */
export interface Migrations {
    /** To be depended on by what needs the schema. */
    done: pulumi.Resource;
    task: pulumi.Output<string>;
    /** The task's network, as the AWS CLI takes it. */
    network: pulumi.Output<string>;
}

/**
 * Brings the databases to the schema of this version, before any role of this version is started: a task is run once for each
 * new image or database, and `pulumi up` goes on when it ended well. Where it fails, the services stay as they are.
 *
 * It is a task of its own, and no container inside of the services' tasks, because it needs both databases, and each service
 * must reach its own only.
 */
export function runMigrations(context: Context, image: PushedImage, databases: Databases): Migrations {
    const guard = roleGuard(context, "migrate");
    databases.orders.admit(guard);
    databases.invoices.admit(guard);
    const task = createOnce(context, { image }, {
        name: "migrate",
        command: ["migrate"],
        secrets: { ORDERS_DATABASE_URL: databases.orders.url, INVOICES_DATABASE_URL: databases.invoices.url },
    });
    const profile = new pulumi.Config("aws").get("profile");
    const done = new command.local.Command(
        "migrate",
        {
            create: "node scripts/run-task.mjs",
            triggers: [task.arn],
            environment: {
                AWS_REGION: context.region,
                ...(profile && { AWS_PROFILE: profile }),
                CLUSTER: context.cluster.arn,
                TASK_DEFINITION: task.arn,
                SUBNETS: pulumi.all(context.network.privateSubnetIds).apply((ids) => ids.join(",")),
                SECURITY_GROUPS: guard.group.id,
            },
        },
        { dependsOn: context.network.ready },
    );
    const awsvpcConfiguration = { subnets: context.network.privateSubnetIds, securityGroups: [guard.group.id], assignPublicIp: "DISABLED" };
    return { done, task: task.family, network: pulumi.jsonStringify({ awsvpcConfiguration }) };
}
