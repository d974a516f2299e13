import { arnOf, idOf, type Graph, type Resource } from "../graph";

/** A task definition's container. */
export type Definition = Record<string, any>;

/** A rule of a security group, as AWS keeps it. */
export interface Opening {
    name: string;
    groupId: string;
    protocol: string;
    from: number;
    to: number;
    /** Where connections come from or go to: a group or addresses. */
    peer: string;
}

/** A service or a task that is run once, with what belongs to it. */
export interface Workload {
    name: string;
    task: Resource;
    containers: Definition[];
    /** Absent for a task that runs once. */
    service: Resource | undefined;
}

/** All resources of one type. */
export function all(graph: Graph, type: string): Resource[] {
    return graph.resources.filter((resource) => resource.type === type);
}

/** Whether something is to be reached from anywhere, or from addresses outside of the network. */
export function isOutside(graph: Graph, peer: string): boolean {
    const network = all(graph, "aws:ec2/vpc:Vpc").map((vpc) => vpc.inputs.cidrBlock);
    return !peer.startsWith("SecurityGroup/") && !network.includes(peer);
}

/** What security groups let in or out, however it is written. */
export function openings(graph: Graph, direction: "ingress" | "egress"): Opening[] {
    const type = direction === "ingress" ? "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule" : "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";
    const rules = all(graph, type).map(({ name, inputs }) => ({
        name,
        groupId: inputs.securityGroupId,
        protocol: inputs.ipProtocol,
        from: inputs.fromPort,
        to: inputs.toPort,
        peer: inputs.referencedSecurityGroupId ?? inputs.cidrIpv4 ?? inputs.cidrIpv6 ?? inputs.prefixListId ?? "nothing",
    }));
    const groups = [...all(graph, "aws:ec2/securityGroup:SecurityGroup"), ...all(graph, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")];
    const inline = groups.flatMap(({ type, name, inputs }) =>
        (inputs[direction] ?? []).flatMap((rule: Record<string, any>) =>
            [...(rule.cidrBlocks ?? []), ...(rule.ipv6CidrBlocks ?? []), ...(rule.securityGroups ?? [])].map((peer: string) => ({
                name,
                groupId: idOf(type, name),
                protocol: rule.protocol,
                from: rule.fromPort,
                to: rule.toPort,
                peer,
            })),
        ),
    );
    const old = all(graph, "aws:ec2/securityGroupRule:SecurityGroupRule")
        .filter(({ inputs }) => inputs.type === direction)
        .map(({ name, inputs }) => ({
            name,
            groupId: inputs.securityGroupId,
            protocol: inputs.protocol,
            from: inputs.fromPort,
            to: inputs.toPort,
            peer: inputs.sourceSecurityGroupId ?? inputs.cidrBlocks?.[0] ?? inputs.ipv6CidrBlocks?.[0] ?? "nothing",
        }));
    return [...rules, ...inline, ...old];
}

/** All services, and the tasks that no service runs. */
export function workloads(graph: Graph): Workload[] {
    const services = all(graph, "aws:ecs/service:Service");
    return all(graph, "aws:ecs/taskDefinition:TaskDefinition").map((task) => ({
        name: task.name,
        task,
        containers: task.inputs.containerDefinitions,
        service: services.find((service) => service.inputs.taskDefinition === arnOf(task.type, task.name)),
    }));
}

/** The security groups of a service. */
export function groupsOf(workload: Workload): string[] {
    return workload.service?.inputs.networkConfiguration?.securityGroups ?? [];
}

/** The load balancer that faces the Internet. */
export function publicBalancers(graph: Graph): Resource[] {
    return all(graph, "aws:lb/loadBalancer:LoadBalancer").filter(({ inputs }) => inputs.internal !== true);
}

/** A container's variables. */
export function environmentOf(container: Definition): Record<string, string> {
    return Object.fromEntries(container.environment.map(({ name, value }: { name: string; value: string }) => [name, value]));
}

/** Every text in a value, with the way to it. Secrets have no text. */
export function texts(value: unknown, path = ""): [string, string][] {
    if (typeof value === "string") return [[path, value]];
    if (value === null || typeof value !== "object" || value.constructor.name === "Hidden") return [];
    return Object.entries(value).flatMap(([key, member]) => texts(member, path ? `${path}.${key}` : key));
}
