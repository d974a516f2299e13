import { SECRETS } from "../configurations";
import { GENERATED, arnOf, type Graph } from "../graph";
import { all, texts, workloads } from "./facts";

/** No secret stands anywhere but in values that Pulumi encrypts, which only those resources have that keep secrets. */
export function nothingSecretIsPlain(graph: Graph): string[] {
    return graph.resources.flatMap(({ type, name, inputs }) => {
        const faults = texts(inputs)
            .filter(([, text]) => [...SECRETS, GENERATED].some((secret) => text.includes(secret)) || /:\/\/[^/\s"]*:[^/\s"]*@/.test(text))
            .map(([path]) => `${type} ${name} has a secret in ${path}`);
        const hidden = hiddenPaths(inputs).filter((path) => !MAY_GET_SECRETS[type]?.test(path));
        return [...faults, ...hidden.map((path) => `${type} ${name} gets a secret as ${path}`)];
    });
}

/** What may get a secret, and as what. */
const MAY_GET_SECRETS: Record<string, RegExp> = {
    "aws:secretsmanager/secretVersion:SecretVersion": /^secretString$/,
    "aws:rds/instance:Instance": /^password$/,
    "aws:mq/broker:Broker": /^users(\.\d+\.password)?$/,
    "docker-build:index:Image": /^registries(\.\d+\.password)?$/,
};

function hiddenPaths(value: unknown, path = ""): string[] {
    if (value === null || typeof value !== "object") return [];
    if (value.constructor.name === "Hidden") return [path];
    return Object.entries(value).flatMap(([key, member]) => hiddenPaths(member, path ? `${path}.${key}` : key));
}

/** The role that starts a task may read the secrets that the task names, and no role may read more. */
export function eachTaskReadsItsOwnSecrets(graph: Graph): string[] {
    const faults: string[] = [];
    const readable = new Map<string, string[]>();
    for (const { name, inputs } of all(graph, "aws:iam/rolePolicy:RolePolicy")) {
        for (const { Effect, Action, Resource } of JSON.parse(inputs.policy).Statement) {
            const [actions, resources] = [[Action].flat(), [Resource].flat()];
            if (Effect !== "Allow") continue;
            if (actions.some((action) => action.includes("*"))) faults.push(`${name} may do ${actions}`);
            if (resources.some((resource) => resource === "*") && actions.join() !== "ecr:GetAuthorizationToken") faults.push(`${name} may do ${actions} to everything`);
            if (actions.some((action) => action.startsWith("secretsmanager:"))) readable.set(inputs.role, [...(readable.get(inputs.role) ?? []), ...resources]);
        }
    }
    const arns = all(graph, "aws:secretsmanager/secret:Secret").map(({ type, name }) => arnOf(type, name));
    const readers = new Set<string>();
    for (const { name, task, containers } of workloads(graph)) {
        const named = [...new Set(containers.flatMap((container) => container.secrets.map(({ valueFrom }: any) => valueFrom.split(":::")[0])))].sort();
        const role = all(graph, "aws:iam/role:Role").find((role) => arnOf(role.type, role.name) === task.inputs.executionRoleArn)?.name ?? "";
        if (readers.has(role)) faults.push(`${name} shares its role with another task`);
        readers.add(role);
        const may = [...new Set(readable.get(role) ?? [])].sort();
        if (named.join() !== may.join()) faults.push(`${name} names ${named} and may read ${may}`);
        if (named.some((arn) => !arns.includes(arn))) faults.push(`${name} names a secret that is not there`);
        if (containers.some((container) => container.secrets.some(({ valueFrom }: any) => !/:::.+/.test(valueFrom)))) faults.push(`${name} names no version of a secret`);
        if (task.inputs.taskRoleArn === task.inputs.executionRoleArn) faults.push(`${name}'s containers may do what starts them may`);
    }
    for (const role of readable.keys()) if (!readers.has(role)) faults.push(`${role} reads secrets and starts no task`);
    return faults;
}

/** Which roles know which database: each service its own, and only the migrations both. */
export function eachServiceKnowsItsOwnDatabase(graph: Graph): string[] {
    const expected: Record<string, string> = {
        orders: "ORDERS_DATABASE_URL",
        relay: "BROKER_URL,ORDERS_DATABASE_URL",
        invoices: "BROKER_URL,INVOICES_DATABASE_URL,WAYBILL_EVENTS_TOKEN",
        webhooks: "INVOICES_DATABASE_URL,WAYBILL_SECRETS_KEY",
        migrate: "INVOICES_DATABASE_URL,ORDERS_DATABASE_URL",
        kong: "",
    };
    return workloads(graph).flatMap(({ name, containers }) => {
        const own = containers.find((container) => container.name === name);
        const secrets = (own?.secrets ?? []).map((secret: any) => secret.name).sort().join();
        return expected[name] === undefined || expected[name] === secrets ? [] : [`${name} knows ${secrets}`];
    });
}
