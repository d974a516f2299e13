// The two load balancers: one for callers, before Kong, and one that only the inside reaches, before RabbitMQ.

import * as aws from "@pulumi/aws";

import { broker, certificateArn, ports } from "./config";
import { privateSubnetIds, publicSubnetIds, vpc } from "./network";
import { groups } from "./security";

export const appLoadBalancer = new aws.lb.LoadBalancer("kong", {
  loadBalancerType: "application",
  internal: false,
  securityGroups: [groups.alb.id],
  subnets: publicSubnetIds,
  dropInvalidHeaderFields: true,
  idleTimeout: 60,
});

export const kongTargets = new aws.lb.TargetGroup("kong", {
  vpcId: vpc.id,
  targetType: "ip",
  port: ports.kong,
  protocol: "HTTP",
  deregistrationDelay: 30,
  healthCheck: { path: "/status/ready", port: String(ports.kongStatus), matcher: "200", interval: 10, timeout: 5, healthyThreshold: 2, unhealthyThreshold: 3 },
});

const forward = { type: "forward", targetGroupArn: kongTargets.arn };
const redirect = { type: "redirect", redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" } };

export const kongListeners = [
  new aws.lb.Listener("http", {
    loadBalancerArn: appLoadBalancer.arn,
    port: 80,
    protocol: "HTTP",
    defaultActions: [certificateArn === undefined ? forward : redirect],
  }),
];
if (certificateArn !== undefined) {
  kongListeners.push(
    new aws.lb.Listener("https", {
      loadBalancerArn: appLoadBalancer.arn,
      port: 443,
      protocol: "HTTPS",
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
      certificateArn,
      defaultActions: [forward],
    }),
  );
}

/// None where Amazon MQ has an address of its own.
export const networkLoadBalancer =
  broker === "fargate"
    ? new aws.lb.LoadBalancer("rabbitmq", {
        loadBalancerType: "network",
        internal: true,
        securityGroups: [groups.nlb.id],
        subnets: privateSubnetIds,
        enableCrossZoneLoadBalancing: true,
      })
    : undefined;

function rabbitTarget(name: string, port: number): aws.lb.TargetGroup | undefined {
  if (networkLoadBalancer === undefined) return undefined;
  const target = new aws.lb.TargetGroup(name, {
    vpcId: vpc.id,
    targetType: "ip",
    port,
    protocol: "TCP",
    deregistrationDelay: 30,
    // A client that is sent to a node that is gone should hear of it at once.
    connectionTermination: true,
    healthCheck: { protocol: "TCP", port: String(port), interval: 10, healthyThreshold: 2, unhealthyThreshold: 3 },
  });
  new aws.lb.Listener(name, {
    loadBalancerArn: networkLoadBalancer.arn,
    port,
    protocol: "TCP",
    defaultActions: [{ type: "forward", targetGroupArn: target.arn }],
  });
  return target;
}

export const amqpTargets = rabbitTarget("rabbitmq-amqp", ports.amqp);
export const rabbitAdminTargets = rabbitTarget("rabbitmq-admin", ports.rabbitAdmin);
