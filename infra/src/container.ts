import type * as pulumi from "@pulumi/pulumi";

import type { StoredSecret } from "./secrets";

/** One container of a task. What every container has is said by {@link definition}. */
export interface Container {
    name: string;
    image: pulumi.Input<string>;
    /** Units of which a processor has 1024. */
    cpu: number;
    /** The most that it may use; it is ended above that. */
    memoryMiB: number;
    /** User and group by which it runs, never root. */
    user: string;
    command?: string[];
    environment?: Record<string, pulumi.Input<string>>;
    secrets?: Record<string, StoredSecret>;
    ports?: number[];
    /** Absent only for a task that runs once. */
    healthCheck?: HealthCheck;
    /** The task ends with this container; the default. */
    essential?: boolean;
    /** Time between the request to end and the kill. */
    stopTimeoutS: number;
    /** Names of containers that are started before and stopped after this one. */
    after?: string[];
    /** Folders that it may write to, by the volume's name. All else is read-only. */
    writable?: Record<string, string>;
    openFiles?: number;
}

/** How it is found out whether a container can do its work. */
export interface HealthCheck {
    command: string[];
    intervalS: number;
    timeoutS: number;
    retries: number;
    startPeriodS: number;
}

/** Where a container's lines go. */
export interface Logs {
    group: pulumi.Input<string>;
    region: pulumi.Input<string>;
}

/** The container in the words of a task definition. */
export function definition(container: Container, logs: Logs): Record<string, unknown> {
    const { healthCheck, essential = true } = container;
    return {
        name: container.name,
        image: container.image,
        cpu: container.cpu,
        memory: container.memoryMiB,
        user: container.user,
        essential,
        ...(container.command && { command: container.command }),
        environment: Object.entries(container.environment ?? {}).map(([name, value]) => ({ name, value })),
        secrets: Object.entries(container.secrets ?? {}).map(([name, secret]) => ({ name, valueFrom: secret.valueFrom })),
        portMappings: (container.ports ?? []).map((port) => ({ containerPort: port, hostPort: port, protocol: "tcp" })),
        ...(healthCheck && {
            healthCheck: {
                command: healthCheck.command,
                interval: healthCheck.intervalS,
                timeout: healthCheck.timeoutS,
                retries: healthCheck.retries,
                startPeriod: healthCheck.startPeriodS,
            },
        }),
        stopTimeout: container.stopTimeoutS,
        dependsOn: (container.after ?? []).map((containerName) => ({ containerName, condition: "START" })),
        readonlyRootFilesystem: true,
        privileged: false,
        linuxParameters: { capabilities: { drop: ["ALL"] } },
        mountPoints: Object.entries(container.writable ?? {}).map(([sourceVolume, containerPath]) => ({ sourceVolume, containerPath, readOnly: false })),
        volumesFrom: [],
        systemControls: [],
        ...(container.openFiles && { ulimits: [{ name: "nofile", softLimit: container.openFiles, hardLimit: container.openFiles }] }),
        // A helper that died is started again by itself, where an essential container takes its task with it.
        ...(!essential && { restartPolicy: { enabled: true, restartAttemptPeriod: 60 } }),
        logConfiguration: {
            logDriver: "awslogs",
            options: {
                "awslogs-group": logs.group,
                "awslogs-region": logs.region,
                "awslogs-stream-prefix": container.name,
                // A slow log service must not hold up requests.
                mode: "non-blocking",
                "max-buffer-size": "4m",
            },
        },
    };
}
