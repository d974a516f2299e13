import type { Configuration } from "./graph";

/** What must be found nowhere but where secrets are kept. */
export const SECRETS = ["geheim-orders", "geheim-invoices", "geheim-grafana", "geheim-token-of-events", "geheimKeyOfWebhooksAAAAAAAAAAAAAAAAAAAAAAAA="] as const;

const GRAFANA = { GRAFANA_SK: `Basic ${SECRETS[2]}` };
const grafanaEndpoint = "https://otlp-gateway-prod-sa-east-1.grafana.net/otlp";
const certificateArn = "arn:aws:acm:sa-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012";

const DATABASES = {
    DB_ORDER: `postgresql://user:${SECRETS[0]}@orders.example.com/orders?sslmode=require&channel_binding=require`,
    DB_INVOICES: `postgresql://user:${SECRETS[1]}@invoices.example.com:6432/invoices?sslmode=verify-full`,
};

/** Ways to deploy that differ in what they make. The tag stands for what Git would say of the sources. */
export const CONFIGURATIONS: Record<string, Configuration> = {
    external: {
        config: { imageTag: "test", grafanaEndpoint, certificateArn },
        environment: { ...DATABASES, ...GRAFANA, WAYBILL_EVENTS_TOKEN: SECRETS[3], WAYBILL_SECRETS_KEY: SECRETS[4] },
    },
    // What .env of the system that this one replaces has, with both databases at the same port; and a trial, without a certificate.
    plain: {
        config: { imageTag: "test", allowInsecure: "true", grafanaEndpoint, databaseCidrs: "203.0.113.0/24,198.51.100.7/32" },
        environment: { ...DATABASES, DB_INVOICES: DATABASES.DB_INVOICES.replace(":6432", ""), ...GRAFANA, "node-orders": "glc_key" },
    },
    amazon: {
        config: { imageTag: "test", databases: "rds", broker: "amazonmq", databaseMultiAz: "true", brokerCluster: "true", natGateways: "each", grafanaEndpoint, certificateArn },
        environment: GRAFANA,
    },
    certificate: {
        config: { imageTag: "test", databases: "rds", certificateArn, domainName: "api.example.com", architecture: "ARM64" },
        environment: {},
    },
};
