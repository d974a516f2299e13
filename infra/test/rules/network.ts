import { arnOf, idOf, type Graph } from "../graph";
import { all, groupsOf, isOutside, openings, publicBalancers, texts, workloads } from "./facts";

/**
 * From outside nothing can be reached but the load balancer's ports 80 and, with a certificate, 443; and inside, every way in is from
 * one group to another, since what has an address of the network is not yet known.
 */
export function onlyTheLoadBalancerIsOpen(graph: Graph): string[] {
    const [balancer, ...others] = publicBalancers(graph);
    const faults = others.map(({ name }) => `${name} faces the Internet too`);
    const open: string[] = balancer?.inputs.securityGroups ?? [];
    const ports = all(graph, "aws:lb/listener:Listener").some(({ inputs }) => inputs.certificateArn) ? [80, 443] : [80];
    for (const { name, groupId, protocol, from, to, peer } of openings(graph, "ingress")) {
        if (protocol !== "tcp" || from !== to) faults.push(`${name} opens more than one port`);
        if (!peer.startsWith("SecurityGroup/") && !(open.includes(groupId) && ports.includes(from))) faults.push(`${name} is open to ${peer}`);
    }
    for (const workload of workloads(graph)) {
        if (groupsOf(workload).some((group) => open.includes(group))) faults.push(`${workload.name} is in the load balancer's group`);
    }
    return faults;
}

/** The group that operators give to machines of theirs. */
const OPERATORS = "SecurityGroup/operators";

/** The tasks that ask RabbitMQ which policies are in effect. They have its account already. */
const WATCHERS = ["SecurityGroup/relay", "SecurityGroup/invoices"];

/**
 * RabbitMQ's admin pages, at its own port or at Amazon MQ's, are for machines of operators, of which nothing of ours is one, and for the
 * tasks that watch policies.
 */
export function adminPagesAreForOperators(graph: Graph): string[] {
    const ways = openings(graph, "ingress").filter(({ groupId, from }) => (groupId === "SecurityGroup/nlb" && from === 15672) || (groupId === "SecurityGroup/amazon-mq" && from === 443));
    const callers = [OPERATORS, ...WATCHERS];
    const faults = ways.filter(({ peer }) => !callers.includes(peer)).map(({ peer }) => `${peer} may reach the admin pages`);
    for (const caller of callers) if (!ways.some(({ peer }) => peer === caller)) faults.push(`${caller} cannot reach the admin pages`);
    for (const workload of workloads(graph)) {
        if (groupsOf(workload).includes(OPERATORS)) faults.push(`${workload.name} is a machine of operators`);
    }
    return faults;
}

/** API keys cross the Internet by TLS only: a listener without it redirects, unless the stack says by its address that it is plain. */
export function keysAreEncrypted(graph: Graph): string[] {
    const balancers = publicBalancers(graph).map(({ type, name }) => arnOf(type, name));
    const listeners = all(graph, "aws:lb/listener:Listener").filter(({ inputs }) => balancers.includes(inputs.loadBalancerArn));
    const plain = listeners.filter(({ inputs }) => inputs.protocol !== "HTTPS" && inputs.defaultActions.some((action: any) => action.type !== "redirect" || action.redirect.protocol !== "HTTPS"));
    return String(graph.outputs.url).startsWith("http://") ? [] : plain.map(({ name }) => `${name} takes keys without TLS`);
}

/** Tasks get out to HTTPS and to databases only; load balancers and databases reach nothing outside. */
export function littleGetsOut(graph: Graph): string[] {
    const tasks = [...workloads(graph).flatMap(groupsOf), "SecurityGroup/migrate", OPERATORS];
    return openings(graph, "egress")
        .filter(({ peer }) => isOutside(graph, peer))
        .filter(({ protocol, from, to, groupId }) => !(protocol === "tcp" && from === to && [443, 5432, 6432].includes(from) && tasks.includes(groupId)))
        .map(({ name, peer, from }) => `${name} lets ${from} of ${peer} be reached`);
}

/** In the public subnets are the load balancer and the NAT gateways, and nothing else. */
export function onlyTheLoadBalancerIsPublic(graph: Graph): string[] {
    const publicTables = all(graph, "aws:ec2/route:Route").filter(({ inputs }) => inputs.gatewayId).map(({ inputs }) => inputs.routeTableId);
    const associations = all(graph, "aws:ec2/routeTableAssociation:RouteTableAssociation");
    const publicSubnets = associations.filter(({ inputs }) => publicTables.includes(inputs.routeTableId)).map(({ inputs }) => inputs.subnetId);
    const faults = publicSubnets.length < 2 ? ["there are no two public subnets"] : [];
    const allowed = ["aws:ec2/natGateway:NatGateway", "aws:ec2/routeTableAssociation:RouteTableAssociation"];
    for (const { type, name, inputs } of graph.resources) {
        const isBalancer = publicBalancers(graph).some((balancer) => balancer.name === name && balancer.type === type);
        const used = texts(inputs).map(([, text]) => text).filter((text) => publicSubnets.some((subnet) => text.split(",").includes(subnet)));
        if (used.length > 0 && !isBalancer && !allowed.includes(type)) faults.push(`${type} ${name} is in a public subnet`);
        if (inputs.publiclyAccessible === true || inputs.mapPublicIpOnLaunch === true || inputs.associatePublicIpAddress === true) {
            faults.push(`${type} ${name} has a public address`);
        }
    }
    for (const { name, inputs } of all(graph, "aws:ecs/service:Service")) {
        const network = inputs.networkConfiguration;
        if (network?.assignPublicIp !== false) faults.push(`${name} may get a public address`);
        if (!(network?.subnets?.length >= 2) || network.subnets.some((subnet: string) => publicSubnets.includes(subnet))) {
            faults.push(`${name} is not in the private subnets`);
        }
    }
    for (const { name, inputs } of all(graph, "aws:lb/loadBalancer:LoadBalancer")) {
        if (inputs.loadBalancerType === "network" && inputs.internal !== true) faults.push(`${name} is not internal`);
    }
    return faults;
}

/** AWS takes some characters only in what describes groups and rules, which the mocks do not mind. */
export function descriptionsAreTaken(graph: Graph): string[] {
    return graph.resources
        .filter(({ type }) => /:[Ss]ecurityGroup\w*$/.test(type))
        .filter(({ inputs }) => !/^[\w .:/()#,@[\]+=&;{}!$*-]{0,255}$/.test(inputs.description ?? ""))
        .map(({ name, inputs }) => `${name} is described as ${inputs.description}`);
}

/** Each rule between groups has its other half, and each group that is named exists. */
export function rulesComeInPairs(graph: Graph): string[] {
    const groups = all(graph, "aws:ec2/securityGroup:SecurityGroup").map(({ type, name }) => idOf(type, name));
    const halves = (direction: "ingress" | "egress") =>
        openings(graph, direction)
            .filter(({ peer }) => peer.startsWith("SecurityGroup/"))
            .map(({ groupId, peer, from }) => (direction === "ingress" ? `${peer} to ${groupId} at ${from}` : `${groupId} to ${peer} at ${from}`));
    const [ingress, egress] = [halves("ingress"), halves("egress")];
    const faults = [
        ...ingress.filter((rule) => !egress.includes(rule)).map((rule) => `${rule} is let in but not out`),
        ...egress.filter((rule) => !ingress.includes(rule)).map((rule) => `${rule} is let out but not in`),
    ];
    for (const { name, groupId } of [...openings(graph, "ingress"), ...openings(graph, "egress")]) {
        if (!groups.includes(groupId)) faults.push(`${name} belongs to no group`);
    }
    return faults;
}
