import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import type { Settings } from "./settings";

/** The network: what faces the Internet is in the public subnets, everything else in the private ones. */
export interface Network {
    vpc: aws.ec2.Vpc;
    cidr: string;
    publicSubnetIds: pulumi.Output<string>[];
    privateSubnetIds: pulumi.Output<string>[];
    /** To be depended on by whatever needs the Internet when it starts. */
    ready: pulumi.Resource[];
}

/** Two zones are what load balancers and databases ask for, and what survives the loss of one. */
const ZONES = 2;

/** Makes the network. */
export function createNetwork(settings: Settings): Network {
    const vpc = new aws.ec2.Vpc("waybill", {
        cidrBlock: settings.vpcCidr,
        enableDnsHostnames: true,
        enableDnsSupport: true,
        tags: { Name: "waybill" },
    });
    // Whatever is started without a group of its own gets this one, which allows nothing.
    new aws.ec2.DefaultSecurityGroup("default", { vpcId: vpc.id, ingress: [], egress: [] });
    const zones = aws.getAvailabilityZonesOutput({
        state: "available",
        // Local zones have neither Fargate nor NAT gateways.
        filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
    });
    const gateway = new aws.ec2.InternetGateway("waybill", { vpcId: vpc.id });
    const publicTable = new aws.ec2.RouteTable("public", { vpcId: vpc.id, tags: { Name: "waybill public" } });
    const toInternet = new aws.ec2.Route("public", { routeTableId: publicTable.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id });

    const prefix = settings.vpcCidr.split(".").slice(0, 2).join(".");
    const network: Network = { vpc, cidr: settings.vpcCidr, publicSubnetIds: [], privateSubnetIds: [], ready: [toInternet] };
    const privateTableIds: pulumi.Output<string>[] = [];
    let nat: aws.ec2.NatGateway | undefined;
    for (let zone = 0; zone < ZONES; zone += 1) {
        const availabilityZone = zones.names.apply((names) => names[zone] ?? "");
        const subnet = (kind: "public" | "private", cidrBlock: string, table: aws.ec2.RouteTable) => {
            const made = new aws.ec2.Subnet(`${kind}-${zone}`, {
                vpcId: vpc.id,
                cidrBlock,
                availabilityZone,
                mapPublicIpOnLaunch: false,
                tags: { Name: `waybill ${kind} ${zone}` },
            });
            new aws.ec2.RouteTableAssociation(`${kind}-${zone}`, { subnetId: made.id, routeTableId: table.id });
            return made.id;
        };
        const publicSubnetId = subnet("public", `${prefix}.${zone}.0/24`, publicTable);
        network.publicSubnetIds.push(publicSubnetId);
        if (nat === undefined || settings.natGateways === "each") nat = natGateway(zone, publicSubnetId, toInternet);
        const table = new aws.ec2.RouteTable(`private-${zone}`, { vpcId: vpc.id, tags: { Name: `waybill private ${zone}` } });
        privateTableIds.push(table.id);
        network.ready.push(new aws.ec2.Route(`private-${zone}`, { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", natGatewayId: nat.id }));
        network.privateSubnetIds.push(subnet("private", `${prefix}.${(zone + 1) * 16}.0/20`, table));
    }
    // The layers of images come from S3; by this endpoint, which costs nothing, they do not go through the NAT gateway.
    const region = aws.getRegionOutput({}).region;
    new aws.ec2.VpcEndpoint("s3", {
        vpcId: vpc.id,
        serviceName: pulumi.interpolate`com.amazonaws.${region}.s3`,
        vpcEndpointType: "Gateway",
        routeTableIds: privateTableIds,
    });
    return network;
}

function natGateway(zone: number, subnetId: pulumi.Output<string>, toInternet: pulumi.Resource): aws.ec2.NatGateway {
    const address = new aws.ec2.Eip(`nat-${zone}`, { domain: "vpc" });
    return new aws.ec2.NatGateway(`nat-${zone}`, { subnetId, allocationId: address.id, tags: { Name: `waybill ${zone}` } }, { dependsOn: [toInternet] });
}
