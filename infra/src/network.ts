// Two zones. Only the load balancer and the NAT gateways are in public subnets; everything else has no address outside.

import * as aws from "@pulumi/aws";

import { nat } from "./config";

const CIDR = "10.20.0.0/16";

export const vpc = new aws.ec2.Vpc("waybill", {
  cidrBlock: CIDR,
  enableDnsHostnames: true,
  enableDnsSupport: true,
  tags: { Name: "waybill" },
});

// What nobody should use: without rules, whoever is put into it reaches nothing.
new aws.ec2.DefaultSecurityGroup("default", { vpcId: vpc.id, ingress: [], egress: [] });

const zones = aws.getAvailabilityZonesOutput({ state: "available" }).names;
const gateway = new aws.ec2.InternetGateway("waybill", { vpcId: vpc.id });

const publicRoutes = new aws.ec2.RouteTable("public", { vpcId: vpc.id });
new aws.ec2.Route("public", { routeTableId: publicRoutes.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id });

const publicSubnets = [0, 1].map((index) => {
  const subnet = new aws.ec2.Subnet(`public-${index}`, {
    vpcId: vpc.id,
    cidrBlock: `10.20.${index}.0/24`,
    availabilityZone: zones.apply((names) => names[index] ?? ""),
    mapPublicIpOnLaunch: false,
    tags: { Name: `waybill-public-${index}` },
  });
  new aws.ec2.RouteTableAssociation(`public-${index}`, { subnetId: subnet.id, routeTableId: publicRoutes.id });
  return subnet;
});

const nats = publicSubnets.slice(0, nat === "each" ? 2 : 1).map((subnet, index) => {
  const address = new aws.ec2.Eip(`nat-${index}`, { domain: "vpc" });
  return new aws.ec2.NatGateway(`nat-${index}`, { subnetId: subnet.id, allocationId: address.id }, { dependsOn: gateway });
});

const privateSubnets = [0, 1].map((index) => {
  const subnet = new aws.ec2.Subnet(`private-${index}`, {
    vpcId: vpc.id,
    cidrBlock: `10.20.${10 + index}.0/24`,
    availabilityZone: zones.apply((names) => names[index] ?? ""),
    tags: { Name: `waybill-private-${index}` },
  });
  const routes = new aws.ec2.RouteTable(`private-${index}`, { vpcId: vpc.id });
  const way = nats[index] ?? nats[0];
  new aws.ec2.Route(`private-${index}`, { routeTableId: routes.id, destinationCidrBlock: "0.0.0.0/0", natGatewayId: way?.id });
  new aws.ec2.RouteTableAssociation(`private-${index}`, { subnetId: subnet.id, routeTableId: routes.id });
  return subnet;
});

export const vpcCidr = CIDR;
export const publicSubnetIds = publicSubnets.map((subnet) => subnet.id);
export const privateSubnetIds = privateSubnets.map((subnet) => subnet.id);
