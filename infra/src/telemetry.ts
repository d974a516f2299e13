import type { Container } from "./container";
import { PORTS } from "./ports";
import type { StoredSecret } from "./secrets";
import type { Grafana } from "./settings/grafana";

/** AWS's build of the OpenTelemetry collector: from the registry that tasks pull from anyway, with a program for health checks. */
const IMAGE = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3";

/** Where traces and metrics of all tasks go. */
export interface Telemetry {
    grafana: Grafana;
    authorization: StoredSecret;
}

/** Where the containers beside a collector send their traces. */
export const COLLECTOR_URL = `http://127.0.0.1:${PORTS.otlpHttp}`;

/** The name of the collector in every task. */
export const COLLECTOR = "collector";

/** The memory of the collector, to be added to the task's. */
export const COLLECTOR_MEMORY_MIB = 192;

/** A collector that passes on what the task's containers send it, and what is at /metrics of `scraped` ports of this task. */
export function collector(telemetry: Telemetry, service: string, scraped: number | undefined): Container {
    return {
        name: COLLECTOR,
        image: IMAGE,
        cpu: 64,
        memoryMiB: COLLECTOR_MEMORY_MIB,
        user: "65532:65532",
        environment: {
            // The collector itself puts the secret in the place of ${env:…}.
            AOT_CONFIG_CONTENT: JSON.stringify(configuration(telemetry.grafana.endpoint, service, scraped)),
        },
        secrets: { GRAFANA_AUTHORIZATION: telemetry.authorization },
        healthCheck: { command: ["CMD", "/healthcheck"], intervalS: 30, timeoutS: 5, retries: 3, startPeriodS: 15 },
        // Telemetry that fails must not take the service with it.
        essential: false,
        stopTimeoutS: 30,
    };
}

function configuration(endpoint: string, service: string, scraped: number | undefined): object {
    const scrape = {
        job_name: service,
        scrape_interval: "30s",
        metrics_path: "/metrics",
        static_configs: [{ targets: [`127.0.0.1:${scraped}`] }],
    };
    const passOn = { processors: ["memory_limiter", "batch"], exporters: ["otlphttp"] };
    return {
        extensions: { health_check: { endpoint: "127.0.0.1:13133" } },
        receivers: {
            otlp: { protocols: { http: { endpoint: `127.0.0.1:${PORTS.otlpHttp}` } } },
            ...(scraped && { prometheus: { config: { scrape_configs: [scrape] } } }),
        },
        processors: {
            memory_limiter: { check_interval: "1s", limit_mib: Math.floor(COLLECTOR_MEMORY_MIB * 0.75), spike_limit_mib: 32 },
            batch: { timeout: "5s" },
        },
        exporters: { otlphttp: { endpoint, headers: { Authorization: "${env:GRAFANA_AUTHORIZATION}" } } },
        service: {
            extensions: ["health_check"],
            telemetry: { logs: { level: "warn" } },
            pipelines: {
                traces: { receivers: ["otlp"], ...passOn },
                ...(scraped && { metrics: { receivers: ["prometheus"], ...passOn } }),
            },
        },
    };
}
