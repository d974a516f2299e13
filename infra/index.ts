import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { config as readEnvironmentFile } from "dotenv";

import { readSettings } from "./src/settings";
import { createStack } from "./src/stack";

readEnvironmentFile({ path: join(__dirname, ".env"), quiet: true });

const outputs = createStack(readSettings(new pulumi.Config(), process.env));

export const {
    url,
    kongId,
    ordersId,
    invoicesId,
    relayId,
    webhooksId,
    rabbitMQId,
    rabbitMQAdminUrl,
    operatorsGroupId,
    clusterName,
    vpcId,
    loadBalancerName,
    migrateTask,
    migrateNetwork,
} = outputs;
