// A service on Fargate: its task, its roles, its logs, and how many copies of it there are.

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import { cluster, namespace } from "./cluster";
import { copies, keepLogsDays } from "./config";
import { privateSubnetIds } from "./network";

export interface Container {
  name: string;
  image: pulumi.Input<string>;
  command?: string[];
  essential?: boolean;
  /// Of the task's; in MiB. One that takes more is ended.
  memory: number;
  ports?: number[];
  environment?: Record<string, pulumi.Input<string>>;
  secrets?: Record<string, aws.secretsmanager.Secret>;
  /// None for what ends by itself.
  healthCheck?: string[];
  dependsOn?: { containerName: string; condition: "SUCCESS" | "START" | "HEALTHY" }[];
  user?: string;
  writableRoot?: boolean;
  mounts?: { volume: string; path: string }[];
  stopTimeout?: number;
}

export interface Options {
  containers: Container[];
  cpu: number;
  memory: number;
  securityGroup: aws.ec2.SecurityGroup;
  repositories: aws.ecr.Repository[];
  /// Copies that there always are; absent where they are scaled.
  count?: number;
  /// Target groups, each with the container and the port that it sends to.
  targets?: { group: aws.lb.TargetGroup; container: string; port: number }[];
  /// Whether others look for it in the namespace.
  discoverable?: boolean;
  /// Only one copy at a time, also while a new version is put in its place.
  alone?: boolean;
  volume?: { name: string; fileSystem: aws.efs.FileSystem; accessPoint: aws.efs.AccessPoint };
  /// Requests of a copy in a minute beyond which there are more copies, and what they are counted at.
  requests?: { most: number; label: pulumi.Output<string> };
  dependsOn?: pulumi.Input<pulumi.Resource>[];
}

const ASSUME = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/// A service of this name.
export function service(name: string, options: Options): aws.ecs.Service {
  const logs = new aws.cloudwatch.LogGroup(name, { name: `/waybill/${name}`, retentionInDays: keepLogsDays });
  const task = new aws.ecs.TaskDefinition(name, {
    family: `waybill-${name}`,
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: String(options.cpu),
    memory: String(options.memory),
    runtimePlatform: { cpuArchitecture: "X86_64", operatingSystemFamily: "LINUX" },
    executionRoleArn: executionRole(name, options, logs).arn,
    // What runs in the containers asks AWS for nothing.
    taskRoleArn: new aws.iam.Role(`${name}-task`, { assumeRolePolicy: ASSUME }).arn,
    volumes: options.volume && [
      {
        name: options.volume.name,
        efsVolumeConfiguration: {
          fileSystemId: options.volume.fileSystem.id,
          transitEncryption: "ENABLED",
          authorizationConfig: { accessPointId: options.volume.accessPoint.id },
        },
      },
    ],
    containerDefinitions: pulumi.all(options.containers.map((container) => definition(container, logs))).apply((all) => JSON.stringify(all)),
  });
  const made = new aws.ecs.Service(name, {
    cluster: cluster.arn,
    launchType: "FARGATE",
    taskDefinition: task.arn,
    desiredCount: options.count ?? copies.least,
    networkConfiguration: { subnets: privateSubnetIds, securityGroups: [options.securityGroup.id], assignPublicIp: false },
    deploymentCircuitBreaker: { enable: true, rollback: true },
    deploymentMinimumHealthyPercent: options.alone ? 0 : 100,
    deploymentMaximumPercent: options.alone ? 100 : 200,
    enableExecuteCommand: false,
    propagateTags: "SERVICE",
    healthCheckGracePeriodSeconds: options.targets ? 120 : undefined,
    loadBalancers: options.targets?.map(({ group, container, port }) => ({ targetGroupArn: group.arn, containerName: container, containerPort: port })),
    serviceRegistries: options.discoverable ? { registryArn: registry(name).arn } : undefined,
  }, { dependsOn: options.dependsOn, ignoreChanges: options.count === undefined ? ["desiredCount"] : [] });
  if (options.count === undefined) scale(name, made, options.requests);
  return made;
}

/// May pull its images, write its log, and read its secrets; nobody else's.
function executionRole(name: string, options: Options, logs: aws.cloudwatch.LogGroup): aws.iam.Role {
  const role = new aws.iam.Role(`${name}-execution`, { assumeRolePolicy: ASSUME });
  const secrets = [...new Set(options.containers.flatMap((container) => Object.values(container.secrets ?? {})))];
  const allow = (Action: string[], Resource: pulumi.Input<string>[] | string) => ({ Effect: "Allow", Action, Resource });
  const statements = [
    allow(["ecr:GetAuthorizationToken"], "*"),
    allow(["logs:CreateLogStream", "logs:PutLogEvents"], [pulumi.interpolate`${logs.arn}:*`]),
  ];
  if (options.repositories.length > 0) {
    const arns = options.repositories.map((repository) => repository.arn);
    statements.push(allow(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"], arns));
  }
  if (secrets.length > 0) statements.push(allow(["secretsmanager:GetSecretValue"], secrets.map((secret) => secret.arn)));
  new aws.iam.RolePolicy(`${name}-execution`, {
    role: role.id,
    policy: pulumi.all(statements).apply((Statement) => JSON.stringify({ Version: "2012-10-17", Statement })),
  });
  return role;
}

function definition(container: Container, logs: aws.cloudwatch.LogGroup): pulumi.Output<unknown> {
  const region = aws.getRegionOutput().region;
  return pulumi.output({
    name: container.name,
    image: container.image,
    essential: container.essential ?? true,
    command: container.command,
    memory: container.memory,
    user: container.user,
    readonlyRootFilesystem: !container.writableRoot,
    stopTimeout: container.stopTimeout ?? 30,
    linuxParameters: { capabilities: { drop: container.writableRoot ? ["NET_RAW"] : ["ALL"] } },
    dependsOn: container.dependsOn,
    portMappings: container.ports?.map((port) => ({ containerPort: port, protocol: "tcp" })),
    environment: Object.entries(container.environment ?? {}).map(([name, value]) => ({ name, value })),
    secrets: Object.entries(container.secrets ?? {}).map(([name, secret]) => ({ name, valueFrom: secret.arn })),
    mountPoints: container.mounts?.map(({ volume, path }) => ({ sourceVolume: volume, containerPath: path })),
    healthCheck: container.healthCheck && { command: container.healthCheck, interval: 10, timeout: 5, retries: 3, startPeriod: 60 },
    logConfiguration: {
      logDriver: "awslogs",
      options: { "awslogs-group": logs.name, "awslogs-region": region, "awslogs-stream-prefix": container.name },
    },
  });
}

function registry(name: string): aws.servicediscovery.Service {
  return new aws.servicediscovery.Service(name, {
    name,
    dnsConfig: { namespaceId: namespace.id, routingPolicy: "MULTIVALUE", dnsRecords: [{ type: "A", ttl: 5 }] },
  });
}

/// More copies when the processor is busy, or when requests are many; fewer when they are not.
function scale(name: string, of: aws.ecs.Service, requests: Options["requests"]): void {
  const target = new aws.appautoscaling.Target(name, {
    serviceNamespace: "ecs",
    scalableDimension: "ecs:service:DesiredCount",
    resourceId: pulumi.interpolate`service/${cluster.name}/${of.name}`,
    minCapacity: copies.least,
    maxCapacity: copies.most,
  });
  const policy = (reason: string, predefinedMetricSpecification: aws.types.input.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification, targetValue: number) =>
    new aws.appautoscaling.Policy(`${name}-${reason}`, {
      policyType: "TargetTrackingScaling",
      serviceNamespace: target.serviceNamespace,
      scalableDimension: target.scalableDimension,
      resourceId: target.resourceId,
      targetTrackingScalingPolicyConfiguration: { predefinedMetricSpecification, targetValue, scaleInCooldown: 300, scaleOutCooldown: 30 },
    });
  policy("cpu", { predefinedMetricType: "ECSServiceAverageCPUUtilization" }, 60);
  if (requests !== undefined) {
    policy("requests", { predefinedMetricType: "ALBRequestCountPerTarget", resourceLabel: requests.label }, requests.most);
  }
}
