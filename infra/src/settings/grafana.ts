import * as pulumi from "@pulumi/pulumi";

import type { ConfigSource, Environment } from "../settings";
import { SettingError } from "./values";

/** Where traces and metrics go. */
export interface Grafana {
    /** The base address of OTLP over HTTP. */
    endpoint: string;
    /** The value of the header `Authorization`. */
    authorization: pulumi.Output<string>;
}

const ENDPOINT = "https://otlp-gateway-prod-sa-east-1.grafana.net/otlp";

/** Reads what `.env` says of Grafana; nothing, where it says nothing. */
export function readGrafana(config: ConfigSource, environment: Environment): Grafana | undefined {
    const authorization = fromHeader(environment) ?? fromApiKey(environment);
    if (authorization === undefined) return undefined;
    const endpoint = config.get("grafanaEndpoint");
    if (endpoint === undefined) {
        throw new SettingError("waybill:grafanaEndpoint", "is missing, though .env has an authorization for Grafana", `pulumi config set grafanaEndpoint ${ENDPOINT}`);
    }
    if (!/^https:\/\/[^\s/@?#]+(\/[^\s?#]*)?$/.test(endpoint)) {
        throw new SettingError("waybill:grafanaEndpoint", `is ${JSON.stringify(endpoint)}, not an https:// address without user and query`, `pulumi config set grafanaEndpoint ${ENDPOINT}`);
    }
    return { endpoint: endpoint.replace(/(\/v1\/(traces|metrics))?\/*$/, ""), authorization: pulumi.secret(authorization) };
}

/** `GRAFANA_SK`, as the header's value or as `Authorization=…`, the way of `OTEL_EXPORTER_OTLP_HEADERS`. */
function fromHeader(environment: Environment): string | undefined {
    const text = given(environment, "GRAFANA_SK");
    if (text === undefined) return undefined;
    const value = text.replace(/^authorization\s*[=:]\s*/i, "").replace(/%20/g, " ");
    if (!/^(Basic|Bearer) [\x21-\x7e]+$/.test(value)) {
        throw new SettingError("GRAFANA_SK", "is not the value of an Authorization header", "GRAFANA_SK='Basic MTIzNDU2OmdsY18uLi4=' in .env");
    }
    return value;
}

/** `node-orders`, which no shell can set but `.env` can: an API key, which needs the instance that it is for. */
function fromApiKey(environment: Environment): string | undefined {
    const key = given(environment, "node-orders");
    if (key === undefined) return undefined;
    const instance = environment.GRAFANA_INSTANCE_ID?.trim();
    if (!instance || !/^\d+$/.test(instance)) {
        const fault = instance ? "is not a number" : "is missing, which node-orders (a Grafana API key) needs unless there is a GRAFANA_SK";
        throw new SettingError("GRAFANA_INSTANCE_ID", fault, "GRAFANA_INSTANCE_ID=123456 in .env");
    }
    return `Basic ${Buffer.from(`${instance}:${key}`).toString("base64")}`;
}

/** A secret that is given, and is not what `.env.example` has in its place. */
function given(environment: Environment, name: string): string | undefined {
    const text = environment[name]?.trim();
    return !text || /^<[A-Za-z_]+>$/.test(text) ? undefined : text;
}
