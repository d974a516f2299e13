import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import { scale } from "./autoscaling";
import { createCluster, createNamespace } from "./cluster";
import type { Context } from "./context";
import { createDatabases } from "./databases";
import { createKongImage } from "./images/kong";
import { createWaybillImage } from "./images/waybill";
import { createAppLoadBalancer } from "./load-balancer";
import { createNetwork } from "./network";
import { PORTS } from "./ports";
import { makeKey, makePassword, storeSecret } from "./secrets";
import { allow, createOperators } from "./security-groups";
import { createAmazonMQ } from "./services/amazon-mq";
import { createInvoicesService } from "./services/invoices";
import { createKongService } from "./services/kong";
import { runMigrations } from "./services/migrate";
import { createOrdersService } from "./services/orders";
import { createRabbitMQ } from "./services/rabbitmq";
import { createRelayService } from "./services/relay";
import { roleGuard, type Common } from "./services/waybill";
import { createWebhooksService } from "./services/webhooks";
import type { Settings } from "./settings";
import type { Telemetry } from "./telemetry";

/** The outputs of a stack. */
export interface Outputs {
    /** Where the gateway answers. */
    url: pulumi.Output<string>;
    kongId: pulumi.Output<string>;
    ordersId: pulumi.Output<string>;
    invoicesId: pulumi.Output<string>;
    relayId: pulumi.Output<string>;
    webhooksId: pulumi.Output<string>;
    rabbitMQId: pulumi.Output<string>;
    /** Answers machines in the operators' group, and the tasks that watch policies. */
    rabbitMQAdminUrl: pulumi.Output<string>;
    operatorsGroupId: pulumi.Output<string>;
    clusterName: pulumi.Output<string>;
    vpcId: pulumi.Output<string>;
    /** The name to which the domain's record points. */
    loadBalancerName: pulumi.Output<string>;
    /** The kind of task that has both databases, and its network as the AWS CLI takes it. */
    migrateTask: pulumi.Output<string>;
    migrateNetwork: pulumi.Output<string>;
}

/** Makes everything. */
export function createStack(settings: Settings): Outputs {
    const network = createNetwork(settings);
    const context: Context = {
        settings,
        stack: pulumi.getStack(),
        region: aws.getRegionOutput({}).region,
        accountId: aws.getCallerIdentityOutput({}).accountId,
        network,
        operators: createOperators(network),
        cluster: createCluster(),
        namespace: createNamespace(network),
    };
    const databases = createDatabases(context);
    const broker = settings.broker === "amazonmq" ? createAmazonMQ(context) : createRabbitMQ(context);
    const telemetry = createTelemetry(settings);
    const image = createWaybillImage(settings);
    const migrations = runMigrations(context, image, databases);
    const common: Common = { image, telemetry, after: [migrations.done] };

    const kongGuard = roleGuard(context, "kong");
    const ordersGuard = roleGuard(context, "orders");
    const invoicesGuard = roleGuard(context, "invoices");
    allow(kongGuard, ordersGuard, PORTS.orders);
    allow(kongGuard, invoicesGuard, PORTS.invoices);
    const eventsToken = storeSecret("events-token", "Token of POST /events", settings.eventsToken ?? makePassword("events-token"));
    const webhooksKey = storeSecret("webhooks-key", "Key that encrypts the signing secrets of webhook endpoints", settings.secretsKey ?? makeKey("webhooks-key"));

    const orders = createOrdersService(context, common, ordersGuard, databases.orders);
    const invoices = createInvoicesService(context, common, { guard: invoicesGuard, database: databases.invoices, broker, eventsToken });
    const relay = createRelayService(context, common, databases.orders, broker);
    const webhooks = createWebhooksService(context, common, databases.invoices, webhooksKey);
    const loadBalancer = createAppLoadBalancer(context, kongGuard);
    const kong = createKongService(context, { image: createKongImage(settings), guard: kongGuard, loadBalancer, telemetry });
    for (const [name, service] of Object.entries({ kong, orders, invoices })) {
        scale(context, name, service, { ...settings.copies, requestsPerMinute: 12_000, loadBalancer: loadBalancer.balancer });
    }
    const dnsName = loadBalancer.balancer.dnsName;
    return {
        url: settings.certificateArn ? pulumi.interpolate`https://${settings.domainName ?? dnsName}` : pulumi.interpolate`http://${dnsName}`,
        kongId: kong.id,
        ordersId: orders.id,
        invoicesId: invoices.id,
        relayId: relay.id,
        webhooksId: webhooks.id,
        rabbitMQId: broker.id,
        rabbitMQAdminUrl: broker.adminUrl,
        operatorsGroupId: context.operators.group.id,
        clusterName: context.cluster.name,
        vpcId: network.vpc.id,
        loadBalancerName: dnsName,
        migrateTask: migrations.task,
        migrateNetwork: migrations.network,
    };
}

function createTelemetry({ grafana }: Settings): Telemetry | undefined {
    if (grafana === undefined) return undefined;
    return { grafana, authorization: storeSecret("grafana-authorization", "Authorization header for Grafana", grafana.authorization) };
}
