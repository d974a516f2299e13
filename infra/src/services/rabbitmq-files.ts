import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import type { Context } from "../context";
import { PORTS } from "../ports";
import { allow, createGuard, type Guard } from "../security-groups";

/** User and group `rabbitmq` of RabbitMQ's image, to whom its files belong. */
export const RABBITMQ_USER = 999;

/** Where RabbitMQ keeps its messages. */
export interface Files {
    fileSystem: aws.efs.FileSystem;
    accessPoint: aws.efs.AccessPoint;
    ready: pulumi.Resource[];
}

/** Makes a file system that is encrypted, backed up every day, and seen by RabbitMQ's tasks only. */
export function createFiles(context: Context, rabbitMQ: Guard): Files {
    const { protect } = context.settings;
    const fileSystem = new aws.efs.FileSystem("rabbitmq", { encrypted: true, throughputMode: "elastic", tags: { Name: "waybill rabbitmq" } }, { protect });
    new aws.efs.BackupPolicy("rabbitmq", { fileSystemId: fileSystem.id, backupPolicy: { status: "ENABLED" } });
    const accessPoint = new aws.efs.AccessPoint("rabbitmq", {
        fileSystemId: fileSystem.id,
        posixUser: { uid: RABBITMQ_USER, gid: RABBITMQ_USER },
        rootDirectory: { path: "/rabbitmq", creationInfo: { ownerUid: RABBITMQ_USER, ownerGid: RABBITMQ_USER, permissions: "0700" } },
    });
    const guard = createGuard(context.network, "rabbitmq-files", "The files of RabbitMQ");
    allow(rabbitMQ, guard, PORTS.nfs);
    const policy = new aws.efs.FileSystemPolicy("rabbitmq", {
        fileSystemId: fileSystem.id,
        policy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: [
                {
                    Effect: "Deny",
                    Principal: { AWS: "*" },
                    Action: "*",
                    Resource: fileSystem.arn,
                    Condition: { Bool: { "aws:SecureTransport": "false" } },
                },
            ],
        }),
    });
    const mounts = context.network.privateSubnetIds.map(
        (subnetId, zone) => new aws.efs.MountTarget(`rabbitmq-${zone}`, { fileSystemId: fileSystem.id, subnetId, securityGroups: [guard.group.id] }),
    );
    return { fileSystem, accessPoint, ready: [policy, ...mounts] };
}
