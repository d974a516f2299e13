import * as pulumi from "@pulumi/pulumi";

import type { ConfigSource } from "../settings";

/** A setting that cannot be used. Pulumi shows its message without a stack trace. */
export class SettingError extends pulumi.RunError {
    constructor(name: string, fault: string, example: string) {
        super(`${name} ${fault}; an example is ${example}`);
    }
}

/** One of a few words. */
export function choice<const T extends string>(config: ConfigSource, key: string, words: readonly T[], standard: T): T {
    const value = config.get(key);
    if (value === undefined) return standard;
    const word = words.find((word) => word === value);
    if (word === undefined) {
        throw new SettingError(`waybill:${key}`, `is ${JSON.stringify(value)}, not one of ${words.join(", ")}`, `pulumi config set ${key} ${standard}`);
    }
    return word;
}

/** `true` or `false`. */
export function flag(config: ConfigSource, key: string, standard: boolean): boolean {
    return choice(config, key, ["true", "false"], standard ? "true" : "false") === "true";
}

/** A whole number within bounds. */
export function count(config: ConfigSource, key: string, least: number, most: number, standard: number): number {
    const value = config.get(key);
    if (value === undefined) return standard;
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < least || number > most) {
        throw new SettingError(`waybill:${key}`, `is ${JSON.stringify(value)}, not a whole number from ${least} to ${most}`, `pulumi config set ${key} ${standard}`);
    }
    return number;
}

/** A text of a given form, if there is one. */
export function text(config: ConfigSource, key: string, form: RegExp, example: string): string | undefined {
    const value = config.get(key);
    if (value !== undefined && !form.test(value)) {
        throw new SettingError(`waybill:${key}`, `is ${JSON.stringify(value)}, which cannot be used`, `pulumi config set ${key} ${example}`);
    }
    return value;
}
