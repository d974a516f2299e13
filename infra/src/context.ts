import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

import type { Network } from "./network";
import type { Guard } from "./security-groups";
import type { Settings } from "./settings";

/** What every part of the stack needs to know. */
export interface Context {
    settings: Settings;
    /** The name of the stack, for example dev. */
    stack: string;
    region: pulumi.Output<string>;
    accountId: pulumi.Output<string>;
    network: Network;
    /** The group of the operators' machines: what is in it may reach RabbitMQ's admin pages. */
    operators: Guard;
    cluster: aws.ecs.Cluster;
    namespace: aws.servicediscovery.PrivateDnsNamespace;
}
