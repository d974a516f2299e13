// Waybill on AWS: who calls reaches Kong by the load balancer, Kong the services, and these RabbitMQ and their databases.

import * as pulumi from "@pulumi/pulumi";

import { cluster } from "./src/cluster";
import { certificateArn } from "./src/config";
import { appLoadBalancer } from "./src/load-balancer";
import { vpc } from "./src/network";
import { invoicesService } from "./src/services/invoices";
import { kongService } from "./src/services/kong";
import { ordersService } from "./src/services/orders";
import { rabbitMQ } from "./src/services/rabbitmq";
import { relayService } from "./src/services/relay";
import { webhooksService } from "./src/services/webhooks";

export const kongId = kongService.id;
export const ordersId = ordersService.id;
export const invoicesId = invoicesService.id;
export const relayId = relayService.id;
export const webhooksId = webhooksService.id;
export const rabbitMQId = rabbitMQ.id;
/// Inside of the VPC.
export const rabbitMQAdminUrl = rabbitMQ.adminUrl;
export const clusterName = cluster.name;
export const vpcId = vpc.id;
/// Where callers find Kong. Point a name of yours at it, for which the certificate is.
export const url = pulumi.interpolate`${certificateArn === undefined ? "http" : "https"}://${appLoadBalancer.dnsName}`;
