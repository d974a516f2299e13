import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import type { Context } from "./context";

/** Within which bounds a service is scaled, and by what. */
export interface Scaling {
    least: number;
    most: number;
    /** Requests at the load balancer that one task should get in a minute. */
    requestsPerMinute: number;
    loadBalancer: aws.lb.LoadBalancer;
}

const CPU_PERCENT = 60;

/** Scales a service by whichever asks for more tasks: their CPU, or the requests that come in at the load balancer. */
export function scale(context: Context, name: string, service: aws.ecs.Service, scaling: Scaling): void {
    const target = new aws.appautoscaling.Target(name, {
        serviceNamespace: "ecs",
        scalableDimension: "ecs:service:DesiredCount",
        resourceId: pulumi.interpolate`service/${context.cluster.name}/${service.name}`,
        minCapacity: scaling.least,
        maxCapacity: scaling.most,
    });
    const policy = (kind: string, configuration: aws.types.input.appautoscaling.PolicyTargetTrackingScalingPolicyConfiguration) =>
        new aws.appautoscaling.Policy(`${name}-${kind}`, {
            policyType: "TargetTrackingScaling",
            serviceNamespace: target.serviceNamespace,
            scalableDimension: target.scalableDimension,
            resourceId: target.resourceId,
            targetTrackingScalingPolicyConfiguration: { scaleOutCooldown: 60, scaleInCooldown: 300, ...configuration },
        });
    policy("cpu", { targetValue: CPU_PERCENT, predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageCPUUtilization" } });
    policy("requests", {
        targetValue: scaling.requestsPerMinute,
        customizedMetricSpecification: { metrics: requestsPerTask(context, service, scaling.loadBalancer) },
    });
}

/**
 * All requests at the load balancer over the running tasks of this service. AWS's own metric for that counts only for the service
 * behind the load balancer itself, which is Kong.
 */
function requestsPerTask(
    context: Context,
    service: aws.ecs.Service,
    loadBalancer: aws.lb.LoadBalancer,
): aws.types.input.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetric[] {
    return [
        {
            id: "requests",
            returnData: false,
            metricStat: {
                stat: "Sum",
                metric: { namespace: "AWS/ApplicationELB", metricName: "RequestCount", dimensions: [{ name: "LoadBalancer", value: loadBalancer.arnSuffix }] },
            },
        },
        {
            id: "tasks",
            returnData: false,
            metricStat: {
                stat: "Average",
                metric: {
                    namespace: "ECS/ContainerInsights",
                    metricName: "RunningTaskCount",
                    dimensions: [
                        { name: "ClusterName", value: context.cluster.name },
                        { name: "ServiceName", value: service.name },
                    ],
                },
            },
        },
        { id: "per_task", expression: "requests / tasks", label: "Requests for each task", returnData: true },
    ];
}
