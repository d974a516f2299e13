import * as aws from "@pulumi/aws";

import type { Context } from "./context";
import { PORTS } from "./ports";
import { allow, allowIn, createGuard, type Guard } from "./security-groups";

/** The load balancer that faces the Internet, in front of Kong. */
export interface AppLoadBalancer {
    balancer: aws.lb.LoadBalancer;
    targetGroup: aws.lb.TargetGroup;
    listeners: aws.lb.Listener[];
}

/** Makes the application load balancer: the only thing that the Internet can reach. */
export function createAppLoadBalancer(context: Context, kong: Guard): AppLoadBalancer {
    const { certificateArn } = context.settings;
    const guard = createGuard(context.network, "alb", "The load balancer that faces the Internet");
    allowIn(guard, PORTS.http, "0.0.0.0/0", certificateArn ? "redirected to HTTPS" : "HTTP");
    if (certificateArn) allowIn(guard, PORTS.https, "0.0.0.0/0", "HTTPS");
    allow(guard, kong, PORTS.kongProxy);
    allow(guard, kong, PORTS.kongStatus);
    const balancer = new aws.lb.LoadBalancer(
        "kong",
        {
            loadBalancerType: "application",
            internal: false,
            subnets: context.network.publicSubnetIds,
            securityGroups: [guard.group.id],
            dropInvalidHeaderFields: true,
            // Below the 75 s for which Kong keeps a connection, so that it never closes one that a request is about to take.
            idleTimeout: 60,
        },
        { dependsOn: context.network.ready },
    );
    const targetGroup = new aws.lb.TargetGroup("kong", {
        vpcId: context.network.vpc.id,
        targetType: "ip",
        protocol: "HTTP",
        port: PORTS.kongProxy,
        deregistrationDelay: 30,
        healthCheck: { protocol: "HTTP", port: String(PORTS.kongStatus), path: "/status/ready", matcher: "200", interval: 10, timeout: 5, healthyThreshold: 2, unhealthyThreshold: 3 },
    });
    return { balancer, targetGroup, listeners: listeners(certificateArn, balancer, targetGroup) };
}

function listeners(certificateArn: string | undefined, balancer: aws.lb.LoadBalancer, targetGroup: aws.lb.TargetGroup): aws.lb.Listener[] {
    const forward = [{ type: "forward", targetGroupArn: targetGroup.arn }];
    if (certificateArn === undefined) {
        return [new aws.lb.Listener("http", { loadBalancerArn: balancer.arn, protocol: "HTTP", port: PORTS.http, defaultActions: forward })];
    }
    return [
        new aws.lb.Listener("http", {
            loadBalancerArn: balancer.arn,
            protocol: "HTTP",
            port: PORTS.http,
            defaultActions: [{ type: "redirect", redirect: { protocol: "HTTPS", port: String(PORTS.https), statusCode: "HTTP_301" } }],
        }),
        new aws.lb.Listener("https", {
            loadBalancerArn: balancer.arn,
            protocol: "HTTPS",
            port: PORTS.https,
            sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
            certificateArn,
            defaultActions: forward,
        }),
    ];
}

/** The load balancer inside of the network, in front of RabbitMQ: one name that stays while the task behind it changes. */
export interface NetworkLoadBalancer {
    balancer: aws.lb.LoadBalancer;
    guard: Guard;
    targetGroups: { port: number; group: aws.lb.TargetGroup }[];
    listeners: aws.lb.Listener[];
}

/** Makes the network load balancer. RabbitMQ's admin pages can be reached by operators, and by the tasks that look for lossy policies. */
export function createNetworkLoadBalancer(context: Context, rabbitMQ: Guard): NetworkLoadBalancer {
    const guard = createGuard(context.network, "nlb", "The load balancer inside, in front of RabbitMQ");
    const balancer = new aws.lb.LoadBalancer("broker", {
        loadBalancerType: "network",
        internal: true,
        subnets: context.network.privateSubnetIds,
        securityGroups: [guard.group.id],
        enableCrossZoneLoadBalancing: true,
    });
    allow(context.operators, guard, PORTS.rabbitMQAdmin);
    const result: NetworkLoadBalancer = { balancer, guard, targetGroups: [], listeners: [] };
    for (const [name, port] of [["amqp", PORTS.amqp], ["admin", PORTS.rabbitMQAdmin]] as const) {
        allow(guard, rabbitMQ, port);
        const group = new aws.lb.TargetGroup(`broker-${name}`, {
            vpcId: context.network.vpc.id,
            targetType: "ip",
            protocol: "TCP",
            port,
            deregistrationDelay: 10,
            healthCheck: { protocol: "TCP", port: String(port), interval: 10, healthyThreshold: 2, unhealthyThreshold: 2 },
        });
        result.targetGroups.push({ port, group });
        result.listeners.push(
            new aws.lb.Listener(`broker-${name}`, { loadBalancerArn: balancer.arn, protocol: "TCP", port, defaultActions: [{ type: "forward", targetGroupArn: group.arn }] }),
        );
    }
    return result;
}
