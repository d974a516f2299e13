import * as pulumi from "@pulumi/pulumi";

import type { Environment } from "../settings";
import { SettingError } from "./values";
import { PORTS } from "../ports";

/** The address of a PostgreSQL server, and the one part of it that is no secret. */
export interface DatabaseUrl {
    url: pulumi.Output<string>;
    port: number;
}

/**
 * Reads the URL that the environment has under `name`, with the server's certificate verified whatever its `sslmode` asks for. Errors
 * never repeat it, since it has a password in it.
 */
export function readDatabaseUrl(name: string, environment: Environment): DatabaseUrl {
    const example = `${name}='postgresql://user:password@db.example.com/orders?sslmode=verify-full' in .env`;
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
    const modes = url.searchParams.getAll("sslmode");
    if (modes.length !== 1 || !/[?&]sslmode=/.test(url.search) || !["require", "verify-ca", "verify-full"].includes(modes[0]!)) {
        throw new SettingError(name, "would send data over the Internet without encryption; it needs sslmode=verify-full", example);
    }
    // `require` encrypts for any server that answers. Nothing else of the URL is touched: parsing and printing it could change a password.
    const verified = text.replace(/([?&]sslmode=)[^&#]*/, "$1verify-full");
    return { url: pulumi.secret(verified), port: url.port ? Number(url.port) : PORTS.postgres };
}
