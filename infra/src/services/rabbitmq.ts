// RabbitMQ: one task whose data is on EFS, or Amazon MQ.
//
// The task is alone, also while a new version is put in its place: a folder of RabbitMQ's has one owner. While it is replaced, orders
// are taken all the same, and their events wait in the outbox.

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { broker, ports } from "../config";
import { amqpTargets, networkLoadBalancer, rabbitAdminTargets } from "../load-balancer";
import { privateSubnetIds } from "../network";
import { secret } from "../secrets";
import { groups } from "../security";
import { service } from "../service";

const USER = "waybill";
const password = new random.RandomPassword("rabbitmq", { length: 40, special: false }).result;

interface Broker {
  id: pulumi.Output<string>;
  url: pulumi.Output<string>;
  adminUrl: pulumi.Output<string>;
  ready: pulumi.Resource;
}

function onFargate(): Broker {
  const files = new aws.efs.FileSystem("rabbitmq", { encrypted: true, throughputMode: "elastic", tags: { Name: "waybill-rabbitmq" } });
  new aws.efs.BackupPolicy("rabbitmq", { fileSystemId: files.id, backupPolicy: { status: "ENABLED" } });
  const mounts = privateSubnetIds.map(
    (subnetId, index) => new aws.efs.MountTarget(`rabbitmq-${index}`, { fileSystemId: files.id, subnetId, securityGroups: [groups.efs.id] }),
  );
  // The user of RabbitMQ's image.
  const owner = { uid: 999, gid: 999 };
  const accessPoint = new aws.efs.AccessPoint("rabbitmq", {
    fileSystemId: files.id,
    posixUser: owner,
    rootDirectory: { path: "/rabbitmq", creationInfo: { ownerUid: owner.uid, ownerGid: owner.gid, permissions: "0700" } },
  });
  const made = service("rabbitmq", {
    cpu: 1024,
    memory: 2048,
    count: 1,
    alone: true,
    securityGroup: groups.rabbitmq,
    repositories: [],
    volume: { name: "data", fileSystem: files, accessPoint },
    targets: [
      ...(amqpTargets ? [{ group: amqpTargets, container: "rabbitmq", port: ports.amqp }] : []),
      ...(rabbitAdminTargets ? [{ group: rabbitAdminTargets, container: "rabbitmq", port: ports.rabbitAdmin }] : []),
    ],
    containers: [
      {
        name: "rabbitmq",
        image: "public.ecr.aws/docker/library/rabbitmq:4.1.4-management",
        memory: 2048,
        ports: [ports.amqp, ports.rabbitAdmin],
        // Its data is kept under its node's name, and a task has another name each time.
        environment: { RABBITMQ_NODENAME: "rabbit@localhost", RABBITMQ_DEFAULT_USER: USER },
        secrets: { RABBITMQ_DEFAULT_PASS: secret("rabbitmq-password", password) },
        healthCheck: ["CMD", "rabbitmq-diagnostics", "-q", "check_port_connectivity"],
        mounts: [{ volume: "data", path: "/var/lib/rabbitmq" }],
        writableRoot: true,
        // The most that Fargate gives.
        stopTimeout: 120,
      },
    ],
    dependsOn: mounts,
  });
  const host = networkLoadBalancer?.dnsName ?? pulumi.output("");
  return {
    id: made.id,
    url: pulumi.interpolate`amqp://${USER}:${password}@${host}:${ports.amqp}`,
    adminUrl: pulumi.interpolate`http://${host}:${ports.rabbitAdmin}`,
    ready: made,
  };
}

function onAmazonMq(): Broker {
  const made = new aws.mq.Broker("rabbitmq", {
    brokerName: "waybill",
    engineType: "RabbitMQ",
    engineVersion: "3.13",
    hostInstanceType: "mq.m5.large",
    deploymentMode: "CLUSTER_MULTI_AZ",
    publiclyAccessible: false,
    subnetIds: privateSubnetIds,
    securityGroups: [groups.rabbitmq.id],
    autoMinorVersionUpgrade: true,
    logs: { general: true },
    users: [{ username: USER, password }],
  });
  const endpoint = made.instances.apply((instances) => instances[0]?.endpoints?.[0] ?? "");
  return {
    id: made.id,
    url: pulumi.all([endpoint, password]).apply(([endpoint, password]) => endpoint.replace("amqps://", `amqps://${USER}:${password}@`)),
    adminUrl: made.instances.apply((instances) => instances[0]?.consoleUrl ?? ""),
    ready: made,
  };
}

export const rabbitMQ = broker === "fargate" ? onFargate() : onAmazonMq();
export const brokerSecret = secret("broker-url", rabbitMQ.url);
