import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import type { Container } from "../container";
import type { Context } from "../context";
import { createService } from "../fargate";
import type { PushedImage } from "../images/pushed-image";
import type { AppLoadBalancer } from "../load-balancer";
import { PORTS } from "../ports";
import type { Guard } from "../security-groups";
import { COLLECTOR, COLLECTOR_MEMORY_MIB, COLLECTOR_URL, collector, type Telemetry } from "../telemetry";

/** What Kong stands between. */
export interface KongArgs {
    image: PushedImage;
    guard: Guard;
    loadBalancer: AppLoadBalancer;
    telemetry: Telemetry | undefined;
}

const CPU = 512;
const MEMORY_MIB = 1024;

/** The gateway, which is all that the load balancer can reach. It passes API keys on to the services, which check them. */
export function createKongService(context: Context, { image, guard, loadBalancer, telemetry }: KongArgs): aws.ecs.Service {
    const container: Container = {
        name: "kong",
        image: image.ref,
        cpu: CPU - (telemetry ? 64 : 0),
        memoryMiB: MEMORY_MIB - (telemetry ? COLLECTOR_MEMORY_MIB : 0),
        user: "kong",
        environment: {
            KONG_PREFIX: "/tmp/kong",
            ORDERS_UPSTREAM: upstream(context, "orders", PORTS.orders),
            INVOICES_UPSTREAM: upstream(context, "invoices", PORTS.invoices),
            RATE_LIMIT_PER_MINUTE: String(context.settings.rateLimitPerMinute),
            ...(context.settings.corsOrigins && { WAYBILL_CORS_ORIGINS: context.settings.corsOrigins }),
            // The load balancer forwards the caller's address, so that each caller has its own rate limit.
            KONG_TRUSTED_IPS: context.network.cidr,
            KONG_REAL_IP_HEADER: "X-Forwarded-For",
            KONG_REAL_IP_RECURSIVE: "on",
            ...(telemetry && { OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR_URL }),
        },
        ports: [PORTS.kongProxy, PORTS.kongStatus],
        healthCheck: { command: ["CMD", "kong", "health"], intervalS: 15, timeoutS: 10, retries: 3, startPeriodS: 30 },
        // Longer than the time for which the load balancer lets requests end.
        stopTimeoutS: 60,
        after: telemetry ? [COLLECTOR] : [],
        writable: WRITABLE,
        openFiles: 65_536,
    };
    return createService(context, {
        name: "kong",
        cpu: CPU,
        memoryMiB: MEMORY_MIB,
        containers: [container, ...(telemetry ? [collector(telemetry, "kong", undefined)] : [])],
        image,
        guard,
        desiredCount: context.settings.copies.least,
        scaled: true,
        volumes: Object.keys(WRITABLE).map((name) => ({ name })),
        targets: [{ targetGroupArn: loadBalancer.targetGroup.arn, containerName: "kong", containerPort: PORTS.kongProxy }],
        dependsOn: loadBalancer.listeners,
    });
}

/** The folder that Kong writes to. Its user may, because `gateway/Dockerfile` declares it as a volume: Fargate keeps its rights then. */
const WRITABLE = { tmp: "/tmp" };

function upstream(context: Context, service: string, port: number): pulumi.Output<string> {
    return pulumi.interpolate`${service}.${context.namespace.name}:${port}`;
}
