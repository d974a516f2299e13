import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Hidden, type Graph } from "../graph";
import { all } from "./facts";

/** What is kept is encrypted, backed up, and not deleted by an oversight. */
export function dataIsKeptWell(graph: Graph): string[] {
    const faults: string[] = [];
    for (const { name, inputs } of all(graph, "aws:rds/instance:Instance")) {
        if (inputs.storageEncrypted !== true) faults.push(`${name} is not encrypted`);
        if (!(inputs.backupRetentionPeriod >= 7)) faults.push(`${name} has no backups`);
        if (inputs.deletionProtection !== true || inputs.skipFinalSnapshot !== false) faults.push(`${name} can be deleted`);
        if (!(inputs.password instanceof Hidden)) faults.push(`${name} has a password that Pulumi shows`);
    }
    for (const { name, inputs } of all(graph, "aws:secretsmanager/secretVersion:SecretVersion").filter(({ name }) => name.endsWith("-database-url"))) {
        const url = new URL(inputs.secretString instanceof Hidden ? String(inputs.secretString.value) : "postgresql://");
        if (url.searchParams.getAll("sslmode").join() !== "verify-full") faults.push(`${name} takes any server's certificate`);
        // Amazon's authorities for databases are those of no system.
        if (url.hostname.endsWith(".rds.amazonaws.com") && url.searchParams.get("sslrootcert") !== authorities()) faults.push(`${name} names no authorities`);
    }
    for (const { inputs } of all(graph, "aws:rds/parameterGroup:ParameterGroup")) {
        if (!inputs.parameters.some((one: any) => one.name === "rds.force_ssl" && one.value === "1")) faults.push("a database takes connections without TLS");
    }
    for (const { name, inputs } of all(graph, "aws:efs/fileSystem:FileSystem")) {
        if (inputs.encrypted !== true) faults.push(`${name} is not encrypted`);
        if (!all(graph, "aws:efs/backupPolicy:BackupPolicy").some((one) => one.inputs.backupPolicy.status === "ENABLED")) faults.push(`${name} has no backups`);
    }
    for (const { name, inputs } of all(graph, "aws:ecs/taskDefinition:TaskDefinition")) {
        for (const { efsVolumeConfiguration: files } of inputs.volumes ?? []) {
            if (files && !(files.transitEncryption === "ENABLED" && files.authorizationConfig?.iam === "ENABLED")) faults.push(`${name} mounts its files without encryption or without its role`);
        }
    }
    for (const { name, inputs } of all(graph, "aws:efs/accessPoint:AccessPoint")) {
        if (inputs.posixUser?.uid !== 999 || inputs.rootDirectory?.creationInfo?.ownerUid !== 999) faults.push(`${name} is not RabbitMQ's`);
    }
    return faults;
}

/** Where the image has the certificate authorities of RDS, readable for its user, who is not root. */
function authorities(): string | undefined {
    const text = readFileSync(join(__dirname, "../../../deploy/Dockerfile"), "utf8");
    const last = text.slice(text.lastIndexOf("\nFROM "));
    return /^ADD --chmod=0?444 https:\/\/truststore\.pki\.rds\.amazonaws\.com\/global\/global-bundle\.pem (\S+)$/m.exec(last)?.[1];
}

/** Images are scanned and cannot be replaced under their name, and old ones go. */
export function imagesStayWhatTheyAre(graph: Graph): string[] {
    const faults: string[] = [];
    for (const { name, inputs } of all(graph, "aws:ecr/repository:Repository")) {
        if (inputs.imageTagMutability !== "IMMUTABLE") faults.push(`tags of ${name} can be moved`);
        if (inputs.imageScanningConfiguration?.scanOnPush !== true) faults.push(`images of ${name} are not scanned`);
        if (!all(graph, "aws:ecr/lifecyclePolicy:LifecyclePolicy").some((policy) => policy.name === name)) faults.push(`images of ${name} never expire`);
    }
    return faults;
}

/** Pulumi takes each name once for each type; the mocks do not mind. */
export function namesAreUnique(graph: Graph): string[] {
    const seen = new Set<string>();
    return graph.resources.flatMap(({ type, name }) => {
        const key = `${type} ${name}`;
        if (seen.has(key)) return [`${key} is there twice`];
        seen.add(key);
        return [];
    });
}
