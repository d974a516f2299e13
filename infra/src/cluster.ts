import * as aws from "@pulumi/aws";

import type { Network } from "./network";

/** Makes the cluster on which everything runs. */
export function createCluster(): aws.ecs.Cluster {
    const cluster = new aws.ecs.Cluster("waybill", { settings: [{ name: "containerInsights", value: "enabled" }] });
    new aws.ecs.ClusterCapacityProviders("waybill", { clusterName: cluster.name, capacityProviders: ["FARGATE"] });
    return cluster;
}

/**
 * Makes the private zone in which services are found, as `orders.waybill.internal`. Plain DNS in place of Service Connect: that
 * would put a proxy into every task for what one client, Kong, does by itself: balance over all addresses and pass by the dead.
 */
export function createNamespace(network: Network): aws.servicediscovery.PrivateDnsNamespace {
    return new aws.servicediscovery.PrivateDnsNamespace("waybill", { name: "waybill.internal", vpc: network.vpc.id, description: "Services of Waybill" });
}
