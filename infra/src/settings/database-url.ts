import * as pulumi from "@pulumi/pulumi";

import type { Environment } from "../settings";
import { SettingError } from "./values";
import { PORTS } from "../ports";

/** The address of a PostgreSQL server, and the one part of it that is no secret. */
export interface DatabaseUrl {
    url: pulumi.Output<string>;
    port: number;
}

/** Reads the URL that the environment has under `name`. Errors never repeat it, since it has a password in it. */
export function readDatabaseUrl(name: string, environment: Environment): DatabaseUrl {
    const example = `${name}='postgresql://user:password@db.example.com/orders?sslmode=require' in .env`;
    const text = environment[name]?.trim();
    if (!text) {
        throw new SettingError(name, "is missing; set it in .env, or have databases made: pulumi config set databases rds", example);
    }
    if (/<[a-z]+>/.test(text)) throw new SettingError(name, "still has placeholders such as <user>", example);
    let url: URL;
    try {
        url = new URL(text);
    } catch {
        throw new SettingError(name, "is no URL", example);
    }
    if (!["postgres:", "postgresql:"].includes(url.protocol)) throw new SettingError(name, "does not begin with postgresql://", example);
    if (!url.hostname) throw new SettingError(name, "names no host", example);
    if (["localhost", "127.0.0.1", "[::1]"].includes(url.hostname)) {
        throw new SettingError(name, "names this machine, which AWS cannot reach", example);
    }
    const mode = url.searchParams.get("sslmode");
    if (!mode || !["require", "verify-ca", "verify-full"].includes(mode)) {
        throw new SettingError(name, "would send data over the Internet without encryption; it needs sslmode=require or verify-full", example);
    }
    return { url: pulumi.secret(text), port: url.port ? Number(url.port) : PORTS.postgres };
}
