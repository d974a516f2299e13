// Who may connect to whom. A group has no rule of its own: each permission is one line below, and is given on both sides.

import * as aws from "@pulumi/aws";

import { broker, certificateArn, databases, ports } from "./config";
import { vpc, vpcCidr } from "./network";

function group(name: string, description: string): aws.ec2.SecurityGroup {
  return new aws.ec2.SecurityGroup(name, { vpcId: vpc.id, description, revokeRulesOnDelete: true, tags: { Name: `waybill-${name}` } });
}

export const groups = {
  alb: group("alb", "The load balancer before Kong"),
  kong: group("kong", "Kong"),
  orders: group("orders", "The orders service"),
  invoices: group("invoices", "The invoices service"),
  relay: group("relay", "The relay"),
  webhooks: group("webhooks", "The relay of webhooks"),
  nlb: group("nlb", "The load balancer before RabbitMQ"),
  rabbitmq: group("rabbitmq", "RabbitMQ"),
  efs: group("efs", "The data of RabbitMQ"),
  databases: group("databases", "The databases"),
};

type Name = keyof typeof groups;

/// Lets one group connect to a port of another.
function allow(from: Name, to: Name, port: number): void {
  const rule = { ipProtocol: "tcp", fromPort: port, toPort: port };
  new aws.vpc.SecurityGroupIngressRule(`${to}-from-${from}-${port}`, { ...rule, securityGroupId: groups[to].id, referencedSecurityGroupId: groups[from].id });
  new aws.vpc.SecurityGroupEgressRule(`${from}-to-${to}-${port}`, { ...rule, securityGroupId: groups[from].id, referencedSecurityGroupId: groups[to].id });
}

/// Lets a group connect to a port anywhere.
function allowOut(from: Name, port: number, why: string): void {
  new aws.vpc.SecurityGroupEgressRule(`${from}-out-${port}`, {
    securityGroupId: groups[from].id,
    ipProtocol: "tcp",
    fromPort: port,
    toPort: port,
    cidrIpv4: "0.0.0.0/0",
    description: why,
  });
}

// The only door.
for (const port of certificateArn === undefined ? [80] : [80, 443]) {
  new aws.vpc.SecurityGroupIngressRule(`alb-${port}`, { securityGroupId: groups.alb.id, ipProtocol: "tcp", fromPort: port, toPort: port, cidrIpv4: "0.0.0.0/0", description: "Callers" });
}

allow("alb", "kong", ports.kong);
allow("alb", "kong", ports.kongStatus);
allow("kong", "orders", ports.orders);
allow("kong", "invoices", ports.invoices);

const usesBroker: Name[] = ["relay", "invoices"];
if (broker === "fargate") {
  for (const name of usesBroker) allow(name, "nlb", ports.amqp);
  allow("nlb", "rabbitmq", ports.amqp);
  allow("nlb", "rabbitmq", ports.rabbitAdmin);
  allow("rabbitmq", "efs", ports.efs);
  // The management interface is for those who are inside already, by a VPN or a session of Systems Manager.
  new aws.vpc.SecurityGroupIngressRule("nlb-admin", { securityGroupId: groups.nlb.id, ipProtocol: "tcp", fromPort: ports.rabbitAdmin, toPort: ports.rabbitAdmin, cidrIpv4: vpcCidr });
} else {
  for (const name of usesBroker) allow(name, "rabbitmq", ports.amqps);
  new aws.vpc.SecurityGroupIngressRule("rabbitmq-admin", { securityGroupId: groups.rabbitmq.id, ipProtocol: "tcp", fromPort: 443, toPort: 443, cidrIpv4: vpcCidr });
}

const usesDatabase: Name[] = ["orders", "relay", "invoices", "webhooks"];
for (const name of usesDatabase) {
  if (databases === "rds") allow(name, "databases", ports.postgres);
  else allowOut(name, ports.postgres, "The databases, which are elsewhere");
}

const tasks: Name[] = ["kong", "orders", "invoices", "relay", "webhooks", ...(broker === "fargate" ? (["rabbitmq"] as Name[]) : [])];
for (const name of tasks) allowOut(name, 443, "Images, logs, secrets and telemetry; webhooks");
