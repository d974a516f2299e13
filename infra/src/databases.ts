// Where the databases are: elsewhere, or on RDS.

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { databaseUrls, keepBackupsDays, ports, rdsClass } from "./config";
import { privateSubnetIds } from "./network";
import { secret } from "./secrets";
import { groups } from "./security";

const subnets = databaseUrls ? undefined : new aws.rds.SubnetGroup("waybill", { subnetIds: privateSubnetIds });

function url(name: "orders" | "invoices"): pulumi.Output<string> {
  if (databaseUrls) return databaseUrls[name];
  const password = new random.RandomPassword(`${name}-database`, { length: 40, special: false });
  const instance = new aws.rds.Instance(name, {
    engine: "postgres",
    engineVersion: "17",
    instanceClass: rdsClass,
    allocatedStorage: 20,
    maxAllocatedStorage: 500,
    storageType: "gp3",
    storageEncrypted: true,
    dbName: name,
    username: "waybill",
    password: password.result,
    port: ports.postgres,
    dbSubnetGroupName: subnets?.name,
    vpcSecurityGroupIds: [groups.databases.id],
    publiclyAccessible: false,
    multiAz: true,
    backupRetentionPeriod: keepBackupsDays,
    copyTagsToSnapshot: true,
    deletionProtection: true,
    skipFinalSnapshot: false,
    finalSnapshotIdentifier: `waybill-${name}-final`,
    performanceInsightsEnabled: true,
    autoMinorVersionUpgrade: true,
    applyImmediately: false,
  });
  return pulumi.secret(pulumi.interpolate`postgresql://waybill:${password.result}@${instance.address}:${ports.postgres}/${name}?sslmode=require`);
}

export const databaseSecrets = {
  orders: secret("orders-database-url", url("orders")),
  invoices: secret("invoices-database-url", url("invoices")),
};
