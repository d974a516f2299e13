import * as pulumi from "@pulumi/pulumi";

import { type DatabaseUrl, readDatabaseUrl } from "./settings/database-url";
import { SettingError, choice, count, flag, text } from "./settings/values";
import { readGrafana, type Grafana } from "./settings/grafana";

export { SettingError } from "./settings/values";

/** Where settings that are no secrets come from; `pulumi.Config` is one. */
export interface ConfigSource {
    get(key: string): string | undefined;
}

/** Where secrets come from: the environment, into which `.env` was read. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Databases that others run, for example Neon. */
export interface ExternalDatabases {
    kind: "external";
    orders: DatabaseUrl;
    invoices: DatabaseUrl;
    /** Where they may be reached; everywhere, unless their addresses are known. */
    cidrs: string[];
}

/** Databases that this program makes on RDS. */
export interface RdsDatabases {
    kind: "rds";
    instanceClass: string;
    multiAz: boolean;
}

/** All settings of a stack. */
export interface Settings {
    databases: ExternalDatabases | RdsDatabases;
    broker: "fargate" | "amazonmq";
    /** Instance class of Amazon MQ. */
    brokerClass: string;
    /** Whether Amazon MQ runs on three nodes in place of one. */
    brokerCluster: boolean;
    /** Of the certificate by which the load balancer serves HTTPS. */
    certificateArn: string | undefined;
    /** The name in the certificate, for the output `url`. */
    domainName: string | undefined;
    /** Whether API keys may cross the Internet by plain HTTP, without a certificate: for a trial. */
    allowInsecure: boolean;
    /** The network: a /16. */
    vpcCidr: string;
    /** One NAT gateway for all zones, or one for each. */
    natGateways: "one" | "each";
    architecture: "X86_64" | "ARM64";
    /** The tag of both images in place of the one that is made of their sources. */
    imageTag: string | undefined;
    logRetentionDays: number;
    /** Within which bounds Kong, orders and invoices are scaled. */
    copies: { least: number; most: number };
    /** Requests of one address in a minute that Kong lets pass. */
    rateLimitPerMinute: number;
    /** Origins whose pages may call, by commas; none by default. */
    corsOrigins: string | undefined;
    /** Whether databases and the broker's files are guarded against deletion. */
    protect: boolean;
    grafana: Grafana | undefined;
    eventsToken: pulumi.Output<string> | undefined;
    /** The key that encrypts the signing secrets of webhook endpoints; while it is changed, the new one and the former one. */
    secretsKey: pulumi.Output<string> | undefined;
}

/** As gateway/entrypoint.sh takes them. */
const CORS_ORIGINS = /^https?:\/\/[A-Za-z0-9._-]+(:\d{1,5})?(\s*,\s*https?:\/\/[A-Za-z0-9._-]+(:\d{1,5})?)*$/;

const TOKEN = /^[A-Za-z0-9\-._~+/]{1,256}=*$/;

/** The base64 of 32 bytes. */
const KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** Reads and checks all settings; throws a {@link SettingError} that names the first one that is at fault. */
export function readSettings(config: ConfigSource, environment: Environment): Settings {
    return {
        databases: readDatabases(config, environment),
        broker: choice(config, "broker", ["fargate", "amazonmq"], "fargate"),
        ...readBrokerSize(config),
        ...readAddress(config),
        vpcCidr: text(config, "vpcCidr", /^(10|172|192)\.\d{1,3}\.0\.0\/16$/, "10.20.0.0/16") ?? "10.20.0.0/16",
        natGateways: choice(config, "natGateways", ["one", "each"], "one"),
        architecture: choice(config, "architecture", ["X86_64", "ARM64"], "X86_64"),
        imageTag: text(config, "imageTag", /^(?!latest$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, "1.4.0"),
        logRetentionDays: Number(choice(config, "logRetentionDays", ["7", "14", "30", "90", "180", "365"], "30")),
        copies: readCopies(config),
        rateLimitPerMinute: count(config, "rateLimitPerMinute", 1, 100_000_000, 6000),
        corsOrigins: text(config, "corsOrigins", CORS_ORIGINS, "https://shop.example.com"),
        protect: flag(config, "protect", true),
        grafana: readGrafana(config, environment),
        eventsToken: readEventsToken(environment),
        secretsKey: readSecretsKey(environment),
    };
}

function readDatabases(config: ConfigSource, environment: Environment): ExternalDatabases | RdsDatabases {
    if (choice(config, "databases", ["external", "rds"], "external") === "rds") {
        return {
            kind: "rds",
            instanceClass: text(config, "databaseClass", /^db\.[a-z0-9]+\.[a-z0-9]+$/, "db.t4g.small") ?? "db.t4g.small",
            multiAz: flag(config, "databaseMultiAz", false),
        };
    }
    const cidrs = text(config, "databaseCidrs", /^(\d{1,3}(\.\d{1,3}){3}\/\d{1,2})(,\d{1,3}(\.\d{1,3}){3}\/\d{1,2})*$/, "203.0.113.0/24");
    return {
        kind: "external",
        orders: readDatabaseUrl("DB_ORDER", environment),
        invoices: readDatabaseUrl("DB_INVOICES", environment),
        cidrs: (cidrs ?? "0.0.0.0/0").split(","),
    };
}

/** RabbitMQ 4 runs on Amazon's class m7g only, whose medium size is for trials. */
function readBrokerSize(config: ConfigSource): Pick<Settings, "brokerClass" | "brokerCluster"> {
    const brokerCluster = flag(config, "brokerCluster", false);
    const standard = brokerCluster ? "mq.m7g.large" : "mq.m7g.medium";
    return { brokerCluster, brokerClass: text(config, "brokerClass", /^mq\.m7g\.[a-z0-9]+$/, standard) ?? standard };
}

function readCopies(config: ConfigSource): Settings["copies"] {
    const copies = { least: count(config, "minCopies", 2, 100, 2), most: count(config, "maxCopies", 2, 1000, 10) };
    if (copies.most < copies.least) throw new SettingError("waybill:maxCopies", "is less than waybill:minCopies", `pulumi config set maxCopies ${copies.least * 4}`);
    return copies;
}

function readAddress(config: ConfigSource): Pick<Settings, "certificateArn" | "domainName" | "allowInsecure"> {
    const certificateArn = text(
        config,
        "certificateArn",
        /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]+$/,
        "arn:aws:acm:sa-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    );
    const domainName = text(config, "domainName", /^[a-z0-9-]+(\.[a-z0-9-]+)+$/, "api.example.com");
    if (domainName !== undefined && certificateArn === undefined) {
        throw new SettingError("waybill:domainName", "is only of use with waybill:certificateArn, which is missing", "pulumi config rm domainName");
    }
    const allowInsecure = flag(config, "allowInsecure", false);
    if (certificateArn === undefined && !allowInsecure) {
        throw new SettingError(
            "waybill:certificateArn",
            "is missing, and without it API keys would cross the Internet as they are; for a trial, pulumi config set allowInsecure true permits that",
            "pulumi config set certificateArn arn:aws:acm:sa-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
        );
    }
    return { certificateArn, domainName, allowInsecure };
}

function readEventsToken(environment: Environment): pulumi.Output<string> | undefined {
    const token = environment.WAYBILL_EVENTS_TOKEN?.trim();
    if (!token) return undefined;
    if (token.length < 16 || token.length > 256 || !TOKEN.test(token)) {
        throw new SettingError("WAYBILL_EVENTS_TOKEN", "must be 16 to 256 letters, digits or any of - . _ ~ + /", "what this prints: openssl rand -hex 32");
    }
    return pulumi.secret(token);
}

function readSecretsKey(environment: Environment): pulumi.Output<string> | undefined {
    const keys = environment.WAYBILL_SECRETS_KEY?.trim();
    if (!keys) return undefined;
    if (!keys.split(",").every((key) => KEY.test(key.trim()))) {
        throw new SettingError("WAYBILL_SECRETS_KEY", "must be the base64 of 32 bytes, or such keys separated by a comma", "what this prints: openssl rand -base64 32");
    }
    return pulumi.secret(keys);
}
