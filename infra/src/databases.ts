import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import type { Context } from "./context";
import { PORTS } from "./ports";
import { makePassword, storeSecret, type StoredSecret } from "./secrets";
import { allow, allowOut, createGuard, type Guard } from "./security-groups";
import type { RdsDatabases } from "./settings";

/** The certificate authorities of RDS in Waybill's image. */
export const RDS_AUTHORITIES = "/certificates/rds.pem";

/** The database of one service. */
export interface ServiceDatabase {
    url: StoredSecret;
    /** Lets a group of tasks connect to it. */
    admit(tasks: Guard): void;
}

/** The databases of both services: each has its own, and neither service may reach the other's. */
export interface Databases {
    orders: ServiceDatabase;
    invoices: ServiceDatabase;
}

/** Makes the databases, or takes the ones that there are. */
export function createDatabases(context: Context): Databases {
    const { databases } = context.settings;
    if (databases.kind === "rds") {
        const subnets = new aws.rds.SubnetGroup("databases", { subnetIds: context.network.privateSubnetIds, description: "Databases of Waybill" });
        return {
            orders: rdsDatabase(context, databases, subnets, "orders"),
            invoices: rdsDatabase(context, databases, subnets, "invoices"),
        };
    }
    const external = (name: "orders" | "invoices"): ServiceDatabase => ({
        url: storeSecret(`${name}-database-url`, `URL of the ${name} database`, databases[name].url),
        admit(tasks) {
            for (const cidr of databases.cidrs) allowOut(tasks, databases[name].port, cidr, `the ${name} database`);
        },
    });
    return { orders: external("orders"), invoices: external("invoices") };
}

function rdsDatabase(context: Context, settings: RdsDatabases, subnets: aws.rds.SubnetGroup, name: "orders" | "invoices"): ServiceDatabase {
    const guard = createGuard(context.network, `${name}-database`, `The ${name} database`);
    const password = makePassword(`${name}-database`);
    const parameters = new aws.rds.ParameterGroup(`${name}-database`, {
        family: "postgres17",
        parameters: [{ name: "rds.force_ssl", value: "1" }],
    });
    const { protect } = context.settings;
    const instance = new aws.rds.Instance(
        `${name}-database`,
        {
            engine: "postgres",
            engineVersion: "17",
            autoMinorVersionUpgrade: true,
            instanceClass: settings.instanceClass,
            allocatedStorage: 20,
            maxAllocatedStorage: 200,
            storageType: "gp3",
            storageEncrypted: true,
            multiAz: settings.multiAz,
            dbName: name,
            username: "waybill",
            password,
            parameterGroupName: parameters.name,
            dbSubnetGroupName: subnets.name,
            vpcSecurityGroupIds: [guard.group.id],
            publiclyAccessible: false,
            backupRetentionPeriod: 14,
            copyTagsToSnapshot: true,
            deletionProtection: protect,
            skipFinalSnapshot: !protect,
            ...(protect ? { finalSnapshotIdentifier: `waybill-${context.stack}-${name}-final` } : {}),
            performanceInsightsEnabled: true,
            enabledCloudwatchLogsExports: ["postgresql"],
        },
        { protect },
    );
    // No system trusts Amazon's certificate authorities for databases; the image has them in this file (deploy/Dockerfile).
    const url = pulumi.interpolate`postgresql://waybill:${password}@${instance.address}:${PORTS.postgres}/${name}?sslmode=verify-full&sslrootcert=${RDS_AUTHORITIES}`;
    return {
        url: storeSecret(`${name}-database-url`, `URL of the ${name} database`, url),
        admit(tasks) {
            allow(tasks, guard, PORTS.postgres);
        },
    };
}
