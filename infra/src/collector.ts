// OpenTelemetry's collector beside a role: it takes its traces, reads its metrics, and sends both on.

import { ports, telemetry } from "./config";
import { secret } from "./secrets";
import { Container } from "./service";

const authorization = telemetry && secret("grafana-authorization", telemetry.authorization);

const IMAGE = "public.ecr.aws/aws-observability/aws-otel-collector:v0.45.1";

function configuration(endpoint: string): string {
  return JSON.stringify({
    extensions: { health_check: {} },
    receivers: {
      otlp: { protocols: { http: { endpoint: "127.0.0.1:4318" } } },
      prometheus: { config: { scrape_configs: [{ job_name: "waybill", scrape_interval: "15s", static_configs: [{ targets: [`127.0.0.1:${ports.admin}`] }] }] } },
    },
    processors: { memory_limiter: { check_interval: "1s", limit_mib: 96 }, batch: {}, resourcedetection: { detectors: ["env", "ecs"] } },
    exporters: { otlphttp: { endpoint, headers: { Authorization: "${env:GRAFANA_AUTHORIZATION}" } } },
    service: {
      extensions: ["health_check"],
      pipelines: {
        traces: { receivers: ["otlp"], processors: ["memory_limiter", "resourcedetection", "batch"], exporters: ["otlphttp"] },
        metrics: { receivers: ["prometheus"], processors: ["memory_limiter", "resourcedetection", "batch"], exporters: ["otlphttp"] },
      },
    },
  });
}

/// The sidecar; none where telemetry goes nowhere. A role goes on without it.
export function collector(): Container[] {
  if (telemetry === undefined || authorization === undefined) return [];
  return [
    {
      name: "collector",
      image: IMAGE,
      essential: false,
      memory: 128,
      environment: { AOT_CONFIG_CONTENT: configuration(telemetry.endpoint) },
      secrets: { GRAFANA_AUTHORIZATION: authorization },
      healthCheck: ["CMD", "/healthcheck"],
    },
  ];
}

/// What a role has to know of it. Its metrics are read, so it need not send them.
export const telemetryEnvironment: Record<string, string> =
  telemetry === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318", OTEL_METRICS_EXPORTER: "none" };
