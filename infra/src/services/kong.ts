import * as pulumi from "@pulumi/pulumi";

import { collector } from "../collector";
import { namespace } from "../cluster";
import { ports, rateLimitPerMinute, telemetry } from "../config";
import { kongImage } from "../images/kong";
import { appLoadBalancer, kongListeners, kongTargets } from "../load-balancer";
import { groups } from "../security";
import { service } from "../service";

export const kongService = service("kong", {
  cpu: 1024,
  memory: 2048,
  securityGroup: groups.kong,
  repositories: [kongImage.repository],
  targets: [{ group: kongTargets, container: "kong", port: ports.kong }],
  requests: { most: 20_000, label: pulumi.interpolate`${appLoadBalancer.arnSuffix}/${kongTargets.arnSuffix}` },
  containers: [
    {
      name: "kong",
      image: kongImage.ref,
      memory: 1536,
      ports: [ports.kong, ports.kongStatus],
      environment: {
        ORDERS_UPSTREAM: pulumi.interpolate`orders.${namespace.name}:${ports.orders}`,
        INVOICES_UPSTREAM: pulumi.interpolate`invoices.${namespace.name}:${ports.invoices}`,
        RATE_LIMIT_PER_MINUTE: String(rateLimitPerMinute),
        OTEL_EXPORTER_OTLP_ENDPOINT: telemetry === undefined ? "" : "http://127.0.0.1:4318",
        // The load balancer's, which says who calls.
        KONG_TRUSTED_IPS: "10.20.0.0/16",
        KONG_REAL_IP_HEADER: "X-Forwarded-For",
        KONG_REAL_IP_RECURSIVE: "on",
      },
      healthCheck: ["CMD", "kong", "health"],
      // It writes its configuration and its sockets.
      writableRoot: true,
    },
    ...collector(),
  ],
  dependsOn: kongListeners,
});
