import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import type { Context } from "../context";
import { PORTS } from "../ports";
import { makePassword, storeSecret } from "../secrets";
import { allow, createGuard } from "../security-groups";
import type { Broker } from "./rabbitmq";

/** Has Amazon run RabbitMQ, inside of the network and by TLS only. */
export function createAmazonMQ(context: Context): Broker {
    const { brokerClass, brokerCluster } = context.settings;
    const guard = createGuard(context.network, "amazon-mq", "RabbitMQ, run by Amazon MQ");
    allow(context.operators, guard, PORTS.https);
    const password = makePassword("broker");
    const broker = new aws.mq.Broker("rabbitmq", {
        brokerName: `waybill-${context.stack}`,
        engineType: "RabbitMQ",
        engineVersion: "4.2",
        autoMinorVersionUpgrade: true,
        hostInstanceType: brokerClass,
        deploymentMode: brokerCluster ? "CLUSTER_MULTI_AZ" : "SINGLE_INSTANCE",
        publiclyAccessible: false,
        subnetIds: brokerCluster ? context.network.privateSubnetIds : context.network.privateSubnetIds.slice(0, 1),
        securityGroups: [guard.group.id],
        logs: { general: true },
        users: [{ username: "waybill", password }],
    });
    const instance = broker.instances.apply((instances) => instances[0]);
    // amqps://HOST:5671, without user and virtual host.
    const address = instance.apply((instance) => new URL(instance?.endpoints[0] ?? `amqps://pending:${PORTS.amqps}`).host);
    return {
        id: broker.id,
        adminUrl: instance.apply((instance) => instance?.consoleUrl ?? ""),
        url: storeSecret("broker-url", "URL of RabbitMQ", pulumi.interpolate`amqps://waybill:${password}@${address}/%2f`),
        admit(tasks) {
            allow(tasks, guard, PORTS.amqps);
        },
        admitToManagement(tasks) {
            allow(tasks, guard, PORTS.https);
        },
        ready: [broker],
    };
}
