import { arnOf, Hidden, type Graph } from "../graph";
import { all, environmentOf, groupsOf, openings, workloads, type Workload } from "./facts";

/** The ports by which everything else in this repository knows the services. */
const KNOWN: Record<string, string> = { orders: "3333", invoices: "3334", kong: "8000,8100", rabbitmq: "15672,5672" };

/** What containers listen on, what groups let through and what load balancers send to are the same ports. */
export function portsAgree(graph: Graph): string[] {
    const services = workloads(graph).filter(({ service }) => service);
    return [...services.flatMap((workload) => [...ingressFaults(graph, workload), ...listenFaults(workload)]), ...balancerFaults(graph, services), ...upstreamFaults(graph, services), ...brokerFaults(graph)];
}

function portsOf({ containers }: Workload): number[] {
    return containers.flatMap((container) => container.portMappings.map(({ containerPort }: any) => containerPort)).sort();
}

function ingressFaults(graph: Graph, workload: Workload): string[] {
    const ports = openings(graph, "ingress").filter(({ groupId }) => groupsOf(workload).includes(groupId)).map(({ from }) => from);
    const [open, used] = [[...new Set(ports)].sort(), portsOf(workload)];
    if (used.join() !== (KNOWN[workload.name] ?? "")) return [`${workload.name} listens on ${used}, which no one expects`];
    return open.join() === used.join() ? [] : [`${workload.name} listens on ${used}, and ${open} can be reached`];
}

function listenFaults({ name, containers }: Workload): string[] {
    return containers.flatMap((container) => {
        const variables = Object.entries(environmentOf(container)).filter(([key]) => /^WAYBILL_(?!ADMIN).*_LISTEN$/.test(key));
        const listens = variables.map(([, value]) => Number(value.split(":")[1])).join();
        const mapped = container.portMappings.map(({ containerPort }: any) => containerPort).join();
        return container.command?.[0] === "serve" && listens !== mapped ? [`${name} listens on ${listens}, and ${mapped} is mapped`] : [];
    });
}

function balancerFaults(graph: Graph, services: Workload[]): string[] {
    const faults: string[] = [];
    const groups = all(graph, "aws:lb/targetGroup:TargetGroup");
    for (const workload of services) {
        for (const { targetGroupArn, containerName, containerPort } of workload.service?.inputs.loadBalancers ?? []) {
            const group = groups.find(({ type, name }) => arnOf(type, name) === targetGroupArn);
            const container = workload.containers.find(({ name }) => name === containerName);
            const mapped = container?.portMappings.map((mapping: any) => mapping.containerPort) ?? [];
            if (group?.inputs.port !== containerPort || !mapped.includes(containerPort)) faults.push(`${workload.name} is not reached at ${containerPort}`);
            if (!mapped.includes(Number(group?.inputs.healthCheck.port))) faults.push(`${workload.name} is looked after at a port that it does not have`);
        }
    }
    const used = services.flatMap(({ service }) => (service?.inputs.loadBalancers ?? []).map((one: any) => one.targetGroupArn));
    for (const { type, name } of groups) if (!used.includes(arnOf(type, name))) faults.push(`nothing is behind ${name}`);
    return faults;
}

function upstreamFaults(graph: Graph, services: Workload[]): string[] {
    const kong = services.find(({ name }) => name === "kong")?.containers.find(({ name }) => name === "kong");
    const environment = kong ? environmentOf(kong) : {};
    const zone = all(graph, "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace")[0]?.inputs.name;
    return ["orders", "invoices"].flatMap((name) => {
        const workload = services.find((one) => one.name === name);
        const registry = all(graph, "aws:servicediscovery/service:Service").find(({ type, name }) => arnOf(type, name) === workload?.service?.inputs.serviceRegistries?.registryArn);
        const address = `${registry?.inputs.name}.${zone}:${workload && portsOf(workload)[0]}`;
        const upstream = environment[`${name.toUpperCase()}_UPSTREAM`];
        return upstream === address ? [] : [`Kong looks for ${name} at ${upstream}, and it is at ${address}`];
    });
}

/** The port in the broker's URL is the one that relay and invoices are let out to. */
function brokerFaults(graph: Graph): string[] {
    const secret = all(graph, "aws:secretsmanager/secretVersion:SecretVersion").find(({ name }) => name === "broker-url")?.inputs.secretString;
    const url = secret instanceof Hidden ? new URL(String(secret.value)) : undefined;
    const port = Number(url?.port);
    const faults = ["relay", "invoices"].filter(
        (name) => !openings(graph, "egress").some((rule) => rule.groupId === `SecurityGroup/${name}` && rule.from === port && rule.peer.startsWith("SecurityGroup/")),
    );
    return url && url.pathname === "/%2f" ? faults.map((name) => `${name} cannot reach the broker at ${port}`) : ["there is no URL of the broker"];
}
