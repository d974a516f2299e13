import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

import type { Container } from "../container";
import type { Context } from "../context";
import { createService, createTask, type ServiceArgs } from "../fargate";
import type { PushedImage } from "../images/pushed-image";
import { PORTS } from "../ports";
import type { StoredSecret } from "../secrets";
import { allowHttpsOut, createGuard, type Guard } from "../security-groups";
import { COLLECTOR, COLLECTOR_MEMORY_MIB, COLLECTOR_URL, collector, type Telemetry } from "../telemetry";

/** What all roles of Waybill have in common. */
export interface Common {
    image: PushedImage;
    /** Where traces and metrics go; absent without a Grafana. */
    telemetry: Telemetry | undefined;
    /** What has to be done before a role starts: the migrations. */
    after: pulumi.Resource[];
}

/** A role of Waybill that goes on running. */
export interface RoleArgs {
    name: string;
    command: string[];
    environment?: Record<string, pulumi.Input<string>>;
    secrets: Record<string, StoredSecret>;
    guard: Guard;
    desiredCount: number;
    scaled?: boolean;
    /** The port on which it serves; absent for workers. */
    port?: number;
    cpu: 256 | 512 | 1024;
    memoryMiB: number;
    dependsOn?: pulumi.Resource[];
}

/**
 * How long a role goes on serving after the request to end, while its readiness is 503: longer than its address is remembered by those who
 * found it by its name (`dnsRecords` in fargate.ts).
 */
const DRAIN_DELAY_S = 15;

/** The image's user, which no system account has. */
const USER = "65532:65532";

/** Makes the group of a role: it may pull its image and write its log, and nothing else yet. */
export function roleGuard(context: Context, name: string): Guard {
    const guard = createGuard(context.network, name, `Tasks of ${name}`);
    allowHttpsOut(guard);
    return guard;
}

/** Makes the service of a role, with the collector beside it. */
export function createRole(context: Context, common: Common, args: RoleArgs): aws.ecs.Service {
    const { telemetry } = common;
    const container: Container = {
        name: args.name,
        image: common.image.ref,
        cpu: args.cpu - (telemetry ? 64 : 0),
        memoryMiB: args.memoryMiB - (telemetry ? COLLECTOR_MEMORY_MIB : 0),
        user: USER,
        command: args.command,
        environment: {
            WAYBILL_ADMIN_LISTEN: `0.0.0.0:${PORTS.admin}`,
            WAYBILL_LOG_FORMAT: "json",
            ...(args.port !== undefined && { WAYBILL_DRAIN_DELAY_S: String(DRAIN_DELAY_S) }),
            ...args.environment,
            ...(telemetry && telemetryEnvironment(context)),
        },
        secrets: args.secrets,
        ports: args.port === undefined ? [] : [args.port],
        // Liveness only: an unavailable database is waited for, and must not restart every task. A role that does not find its
        // database at its start ends by itself, so a deployment that cannot work is still rolled back.
        healthCheck: { command: ["CMD", "/waybill", "health", "--live"], intervalS: 15, timeoutS: 5, retries: 4, startPeriodS: 60 },
        // After the drain delay requests in flight have up to 10 s; then links are closed and the last spans are sent.
        stopTimeoutS: 30 + (args.port === undefined ? 0 : DRAIN_DELAY_S),
        after: telemetry ? [COLLECTOR] : [],
        openFiles: 65_536,
    };
    const service: ServiceArgs = {
        name: args.name,
        cpu: args.cpu,
        memoryMiB: args.memoryMiB,
        containers: [container, ...(telemetry ? [collector(telemetry, args.name, PORTS.admin)] : [])],
        image: common.image,
        guard: args.guard,
        desiredCount: args.desiredCount,
        scaled: args.scaled ?? false,
        dependsOn: [...common.after, ...(args.dependsOn ?? [])],
        ...(args.port !== undefined && { discovered: args.port }),
    };
    return createService(context, service);
}

/** Makes a kind of task of Waybill that does one thing and ends. */
export function createOnce(context: Context, common: Pick<Common, "image">, args: Pick<RoleArgs, "name" | "command" | "secrets">): aws.ecs.TaskDefinition {
    const container: Container = {
        name: args.name,
        image: common.image.ref,
        cpu: 256,
        memoryMiB: 512,
        user: USER,
        command: args.command,
        environment: { WAYBILL_LOG_FORMAT: "json" },
        secrets: args.secrets,
        stopTimeoutS: 30,
    };
    return createTask(context, { name: args.name, cpu: 256, memoryMiB: 512, containers: [container], image: common.image });
}

function telemetryEnvironment(context: Context): Record<string, string> {
    return {
        OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR_URL,
        OTEL_TRACES_EXPORTER: "otlp",
        // The collector takes metrics from /metrics; sent as well, each would count twice.
        OTEL_METRICS_EXPORTER: "none",
        OTEL_RESOURCE_ATTRIBUTES: `service.namespace=waybill,deployment.environment=${context.stack}`,
    };
}
