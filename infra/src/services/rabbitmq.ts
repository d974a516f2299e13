import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import type { Container } from "../container";
import type { Context } from "../context";
import { createService } from "../fargate";
import { createNetworkLoadBalancer } from "../load-balancer";
import { PORTS } from "../ports";
import { attachPolicy, createTaskRole } from "../roles";
import { makePassword, storeSecret, type StoredSecret } from "../secrets";
import { allow, allowHttpsOut, createGuard, type Guard } from "../security-groups";
import { RABBITMQ_USER, createFiles, type Files } from "./rabbitmq-files";

/** RabbitMQ, however it is run. */
export interface Broker {
    id: pulumi.Output<string>;
    /** Address of the admin pages and of the management API behind them. */
    adminUrl: pulumi.Output<string>;
    url: StoredSecret;
    /** Lets a group of tasks connect to it. */
    admit(tasks: Guard): void;
    /** Lets a group of tasks ask its management API which policies are in effect. They use the account of `url`. */
    admitToManagement(tasks: Guard): void;
    /** To be depended on by what needs it when it starts. */
    ready: pulumi.Resource[];
}

/** From Amazon's copy of Docker's official images, which asks for no login and has no limit for tasks at AWS. */
const IMAGE = "public.ecr.aws/docker/library/rabbitmq:4.1.4-management";

const DATA = "/var/lib/rabbitmq";

/**
 * Runs RabbitMQ as one task with its files on EFS. Files may have one owner only, so its service is exclusive: the old task is
 * stopped before the new one starts, and events wait in the outbox for that long.
 */
export function createRabbitMQ(context: Context): Broker {
    const guard = createGuard(context.network, "rabbitmq", "RabbitMQ");
    allowHttpsOut(guard);
    const files = createFiles(context, guard);
    const password = makePassword("broker");
    const balancer = createNetworkLoadBalancer(context, guard);
    const service = createService(context, {
        name: "rabbitmq",
        cpu: 1024,
        memoryMiB: 2048,
        architecture: "X86_64",
        containers: [container(storeSecret("broker-password", "Password of RabbitMQ's user", password))],
        taskRole: fileRole(context, files),
        volumes: [
            {
                name: "data",
                efsVolumeConfiguration: {
                    fileSystemId: files.fileSystem.id,
                    transitEncryption: "ENABLED",
                    authorizationConfig: { accessPointId: files.accessPoint.id, iam: "ENABLED" },
                },
            },
        ],
        guard,
        desiredCount: 1,
        exclusive: true,
        targets: balancer.targetGroups.map(({ port, group }) => ({ targetGroupArn: group.arn, containerName: "rabbitmq", containerPort: port })),
        dependsOn: [...files.ready, ...balancer.listeners],
    });
    const host = balancer.balancer.dnsName;
    return {
        id: service.id,
        adminUrl: pulumi.interpolate`http://${host}:${PORTS.rabbitMQAdmin}`,
        url: storeSecret("broker-url", "URL of RabbitMQ", pulumi.interpolate`amqp://waybill:${password}@${host}:${PORTS.amqp}/%2f`),
        admit(tasks) {
            allow(tasks, balancer.guard, PORTS.amqp);
        },
        admitToManagement(tasks) {
            allow(tasks, balancer.guard, PORTS.rabbitMQAdmin);
        },
        ready: [service],
    };
}

function container(password: StoredSecret): Container {
    return {
        name: "rabbitmq",
        image: IMAGE,
        cpu: 1024,
        memoryMiB: 2048,
        user: `${RABBITMQ_USER}:${RABBITMQ_USER}`,
        environment: {
            RABBITMQ_DEFAULT_USER: "waybill",
            // Its files are found again by the node's name, and the name of the machine is another for each task.
            RABBITMQ_NODENAME: "rabbit@localhost",
            RABBITMQ_USE_LONGNAME: "false",
            RABBITMQ_LOGS: "-",
            // Publishers are held back at half of the memory, long before the task would be ended for it.
            RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-rabbit vm_memory_high_watermark 0.5",
            TMPDIR: DATA,
        },
        secrets: { RABBITMQ_DEFAULT_PASS: password },
        ports: [PORTS.amqp, PORTS.rabbitMQAdmin],
        healthCheck: { command: ["CMD", "rabbitmq-diagnostics", "-q", "check_running"], intervalS: 60, timeoutS: 30, retries: 3, startPeriodS: 120 },
        stopTimeoutS: 120,
        writable: { data: DATA },
        openFiles: 65_536,
    };
}

/** What RabbitMQ's task may do at AWS: mount its own files, and nothing else. */
function fileRole(context: Context, files: Files): aws.iam.Role {
    const role = createTaskRole(context, "rabbitmq-task", "Mounts the files of RabbitMQ");
    attachPolicy(role, "rabbitmq-task", [
        {
            Effect: "Allow",
            Action: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
            Resource: files.fileSystem.arn,
            Condition: { StringEquals: { "elasticfilesystem:AccessPointArn": files.accessPoint.arn } },
        },
    ]);
    return role;
}
