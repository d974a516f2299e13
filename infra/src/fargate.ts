import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import { definition, type Container } from "./container";
import type { Context } from "./context";
import type { PushedImage } from "./images/pushed-image";
import { createExecutionRole } from "./roles";
import type { Guard } from "./security-groups";

/** A kind of task. */
export interface TaskArgs {
    name: string;
    /** Units of which a processor has 1024, as Fargate sells them. */
    cpu: number;
    memoryMiB: number;
    containers: Container[];
    /** Our image that it runs; absent if all images are public. */
    image?: PushedImage;
    /** What its containers may do at AWS; nothing unless it is given. */
    taskRole?: aws.iam.Role;
    volumes?: aws.types.input.ecs.TaskDefinitionVolume[];
    architecture?: "X86_64" | "ARM64";
}

/** Makes a kind of task with its log and the role that starts it. */
export function createTask(context: Context, args: TaskArgs): aws.ecs.TaskDefinition {
    const log = new aws.cloudwatch.LogGroup(args.name, {
        name: `/waybill/${context.stack}/${args.name}`,
        retentionInDays: context.settings.logRetentionDays,
    });
    const secrets = args.containers.flatMap((container) => Object.values(container.secrets ?? {}));
    const { role, policy } = createExecutionRole(context, args.name, {
        repositoryArn: args.image?.repositoryArn,
        logGroupArn: log.arn,
        secrets,
    });
    const logs = { group: log.name, region: context.region };
    const task: aws.ecs.TaskDefinitionArgs = {
        family: `waybill-${context.stack}-${args.name}`,
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        cpu: String(args.cpu),
        memory: String(args.memoryMiB),
        runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: args.architecture ?? context.settings.architecture },
        executionRoleArn: role.arn,
        ...(args.taskRole && { taskRoleArn: args.taskRole.arn }),
        containerDefinitions: pulumi.jsonStringify(args.containers.map((container) => definition(container, logs))),
        ...(args.volumes && { volumes: args.volumes }),
    };
    // A task that starts before its role may do anything fails.
    return new aws.ecs.TaskDefinition(args.name, task, { dependsOn: [policy] });
}

/** A service: tasks of one kind that are kept running. */
export interface ServiceArgs extends TaskArgs {
    guard: Guard;
    desiredCount: number;
    /** Whether autoscaling, and no longer this program, says how many there are. */
    scaled?: boolean;
    /** Whether tasks of two versions must never run at the same time: the old one is stopped before the new one is started. */
    exclusive?: boolean;
    /** The port by which others find it as NAME.waybill.internal. */
    discovered?: number;
    targets?: { targetGroupArn: pulumi.Output<string>; containerName: string; containerPort: number }[];
    dependsOn?: pulumi.Resource[];
}

/** Makes a service in the private subnets; `pulumi up` waits until it is stable, and fails if it was rolled back. */
export function createService(context: Context, args: ServiceArgs): aws.ecs.Service {
    const task = createTask(context, args);
    const registry = args.discovered === undefined ? undefined : register(context, args.name);
    return new aws.ecs.Service(
        args.name,
        {
            cluster: context.cluster.arn,
            taskDefinition: task.arn,
            launchType: "FARGATE",
            platformVersion: "1.4.0",
            desiredCount: args.desiredCount,
            networkConfiguration: {
                subnets: context.network.privateSubnetIds,
                securityGroups: [args.guard.group.id],
                assignPublicIp: false,
            },
            deploymentCircuitBreaker: { enable: true, rollback: true },
            deploymentMinimumHealthyPercent: args.exclusive ? 0 : 100,
            deploymentMaximumPercent: args.exclusive ? 100 : 200,
            availabilityZoneRebalancing: args.exclusive ? "DISABLED" : "ENABLED",
            enableExecuteCommand: false,
            enableEcsManagedTags: true,
            propagateTags: "SERVICE",
            waitForSteadyState: true,
            ...(registry && { serviceRegistries: { registryArn: registry.arn } }),
            ...(args.targets && { loadBalancers: args.targets, healthCheckGracePeriodSeconds: 120 }),
        },
        {
            dependsOn: [...context.network.ready, ...(args.dependsOn ?? [])],
            ...(args.scaled && { ignoreChanges: ["desiredCount"] }),
        },
    );
}

function register(context: Context, name: string): aws.servicediscovery.Service {
    return new aws.servicediscovery.Service(name, {
        name,
        dnsConfig: {
            namespaceId: context.namespace.id,
            routingPolicy: "MULTIVALUE",
            dnsRecords: [{ type: "A", ttl: 10 }],
        },
        forceDestroy: true,
    });
}
