import * as pulumi from "@pulumi/pulumi";

import { readSettings, type Environment } from "../src/settings";
import { createStack, type Outputs } from "../src/stack";

/** A resource as the program asks for it. */
export interface Resource {
    type: string;
    name: string;
    /** As AWS's providers get them, with `containerDefinitions` parsed. Values that Pulumi keeps secret are {@link Hidden}. */
    inputs: Record<string, any>;
}

/** A value that Pulumi encrypts in its state and never shows. */
export class Hidden {
    constructor(readonly value: unknown) {}

    toJSON(): string {
        return "[secret]";
    }
}

/** Everything that a program asks for. */
export interface Graph {
    resources: Resource[];
    outputs: Record<string, unknown>;
}

/** The settings of a stack. */
export interface Configuration {
    config: Record<string, string>;
    environment: Environment;
}

/** Runs the program without AWS, and returns what it asks for. */
export async function graphOf({ config, environment }: Configuration): Promise<Graph> {
    const graph = await record();
    const outputs: Outputs = createStack(readSettings({ get: (key) => config[key] }, environment));
    return finish(graph, { ...outputs });
}

/** Begins to record the resources of a program. */
export async function record(): Promise<Graph> {
    const graph: Graph = { resources: [], outputs: {} };
    await pulumi.runtime.setMocks(
        {
            newResource({ type, name, inputs }) {
                graph.resources.push({ type, name, inputs: parseContainers(hide(inputs) as Record<string, any>) });
                return { id: idOf(type, name), state: stateOf(type, name, plain(inputs) as Record<string, any>) };
            },
            call({ token }) {
                return ANSWERS[token] ?? fail(`the program asks AWS for ${token}, for which the tests have no answer`);
            },
        },
        "waybill",
        "test",
    );
    return graph;
}

/** Waits until everything is recorded. */
export async function finish(graph: Graph, outputs: Record<string, pulumi.Output<unknown>>): Promise<Graph> {
    for (const [name, output] of Object.entries(outputs)) {
        graph.outputs[name] = await new Promise((done) => output.apply(done));
    }
    await pulumi.runtime.disconnect();
    // The order in which resources are recorded depends on timing.
    graph.resources.sort((a, b) => (`${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1));
    return graph;
}

/** The identifier that a resource gets. */
export function idOf(type: string, name: string): string {
    return `${type.split(":").at(-1)}/${name}`;
}

/** The ARN that a resource gets. */
export function arnOf(type: string, name: string): string {
    return `arn:aws:test:sa-east-1:123456789012:${idOf(type, name)}`;
}

/** Passwords and tokens that the program has made begin with this. */
export const GENERATED = "generated0password0";

/** The outputs of resources besides their inputs. */
function stateOf(type: string, name: string, inputs: Record<string, any>): Record<string, unknown> {
    const own: Record<string, Record<string, unknown>> = {
        "aws:rds/instance:Instance": { address: `${name}.test.rds.amazonaws.com` },
        "aws:lb/loadBalancer:LoadBalancer": { dnsName: `${name}.test.elb.amazonaws.com`, arnSuffix: `app/${name}` },
        "aws:ecr/repository:Repository": { repositoryUrl: `123456789012.dkr.ecr.sa-east-1.amazonaws.com/${name}`, registryId: "123456789012" },
        "docker-build:index:Image": { ref: `${inputs.tags?.[0]}@sha256:${"a".repeat(64)}` },
        "aws:secretsmanager/secretVersion:SecretVersion": { versionId: `version-of-${name}` },
        "random:index/randomPassword:RandomPassword": { result: `${GENERATED}${name.replace(/\W/g, "0")}` },
        "random:index/randomBytes:RandomBytes": { base64: `${GENERATED}${name.replace(/\W/g, "0")}` },
        "aws:mq/broker:Broker": {
            instances: [{ endpoints: ["amqps://b-1.mq.sa-east-1.amazonaws.com:5671"], consoleUrl: "https://b-1.mq.sa-east-1.amazonaws.com" }],
        },
    };
    return { ...inputs, name: inputs.name ?? name, arn: arnOf(type, name), ...own[type] };
}

const ANSWERS: Record<string, Record<string, unknown>> = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": { names: ["sa-east-1a", "sa-east-1b", "sa-east-1c"] },
    "aws:index/getRegion:getRegion": { region: "sa-east-1" },
    "aws:index/getCallerIdentity:getCallerIdentity": { accountId: "123456789012" },
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": { userName: "AWS", password: `${GENERATED}registry` },
};

function fail(message: string): never {
    throw new Error(message);
}

/** Puts {@link Hidden} in the place of each secret. */
function hide(value: unknown): unknown {
    if (pulumi.runtime.isRpcSecret(value)) return new Hidden(plain(pulumi.runtime.unwrapRpcSecret(value)));
    if (Array.isArray(value)) return value.map(hide);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, hide(member)]));
}

function plain(value: unknown): unknown {
    if (pulumi.runtime.isRpcSecret(value)) return plain(pulumi.runtime.unwrapRpcSecret(value));
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

function parseContainers(inputs: Record<string, any>): Record<string, any> {
    const { containerDefinitions } = inputs;
    return typeof containerDefinitions === "string" ? { ...inputs, containerDefinitions: JSON.parse(containerDefinitions) } : inputs;
}
