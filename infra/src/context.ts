import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

import type { Network } from "./network";
import type { Settings } from "./settings";

/** What every part of the stack needs to know. */
export interface Context {
    settings: Settings;
    /** The name of the stack, for example dev. */
    stack: string;
    region: pulumi.Output<string>;
    accountId: pulumi.Output<string>;
    network: Network;
    cluster: aws.ecs.Cluster;
    namespace: aws.servicediscovery.PrivateDnsNamespace;
}
