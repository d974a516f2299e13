import * as aws from "@pulumi/aws";

import { vpc } from "./network";

export const cluster = new aws.ecs.Cluster("waybill", { settings: [{ name: "containerInsights", value: "enabled" }] });

/// Where services find each other: orders.waybill.internal.
export const namespace = new aws.servicediscovery.PrivateDnsNamespace("waybill", { name: "waybill.internal", vpc: vpc.id });
