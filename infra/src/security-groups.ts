import * as aws from "@pulumi/aws";

import type { Network } from "./network";
import { PORTS } from "./ports";

/** A security group and the name by which its rules are called. */
export interface Guard {
    name: string;
    group: aws.ec2.SecurityGroup;
    /** The addresses and ports to which it was opened, since AWS refuses the same rule twice. */
    opened: Set<string>;
}

/** Makes a security group that allows nothing yet, in or out. */
export function createGuard(network: Network, name: string, description: string): Guard {
    return { name, group: new aws.ec2.SecurityGroup(name, { vpcId: network.vpc.id, description, tags: { Name: `waybill ${name}` } }), opened: new Set() };
}

/**
 * Makes the group that operators give to a machine of theirs inside of the network (a bastion), and nothing of this program has. It may
 * connect to Session Manager, by which operators reach the machine without any port of it being open.
 */
export function createOperators(network: Network): Guard {
    const guard = createGuard(network, "operators", "Machines of operators, such as a bastion");
    allowHttpsOut(guard);
    return guard;
}

/** Allows connections from one group to a port of another: a rule on either side, so that neither is open wider than both say. */
export function allow(from: Guard, to: Guard, port: number): void {
    const rule = { ipProtocol: "tcp", fromPort: port, toPort: port, description: `${from.name} to ${to.name}` };
    const name = `${from.name}-to-${to.name}-${port}`;
    new aws.vpc.SecurityGroupEgressRule(name, { ...rule, securityGroupId: from.group.id, referencedSecurityGroupId: to.group.id });
    new aws.vpc.SecurityGroupIngressRule(name, { ...rule, securityGroupId: to.group.id, referencedSecurityGroupId: from.group.id });
}

/** Allows connections from addresses to a port. */
export function allowIn(to: Guard, port: number, cidr: string, why: string): void {
    new aws.vpc.SecurityGroupIngressRule(`${to.name}-${port}-from-addresses`, {
        securityGroupId: to.group.id,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        cidrIpv4: cidr,
        description: why,
    });
}

/** Allows connections to a port of addresses, unless they are allowed already. */
export function allowOut(from: Guard, port: number, cidr: string, why: string): void {
    const target = `${cidr}-${port}`;
    if (from.opened.has(target)) return;
    from.opened.add(target);
    new aws.vpc.SecurityGroupEgressRule(`${from.name}-to-${target}`, {
        securityGroupId: from.group.id,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        cidrIpv4: cidr,
        description: why,
    });
}

/**
 * Allows HTTPS to everywhere, which every task needs before its containers start: images, secrets and logs are at addresses of
 * AWS that change. (DNS and the task's own metadata are not subject to security groups.)
 */
export function allowHttpsOut(from: Guard): void {
    allowOut(from, PORTS.https, "0.0.0.0/0", "what AWS serves, and telemetry");
}
