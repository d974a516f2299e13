import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/** A secret in Secrets Manager. */
export interface StoredSecret {
    arn: pulumi.Output<string>;
    /** How a task definition names it: with its version, so that a new value is a new deployment. */
    valueFrom: pulumi.Output<string>;
}

/** Puts a value into Secrets Manager. The name gets a random end, since a deleted secret keeps its name for some days. */
export function storeSecret(name: string, description: string, value: pulumi.Input<string>): StoredSecret {
    const secret = new aws.secretsmanager.Secret(name, { description, recoveryWindowInDays: 7 });
    const version = new aws.secretsmanager.SecretVersion(name, { secretId: secret.id, secretString: pulumi.secret(value) });
    return { arn: secret.arn, valueFrom: pulumi.interpolate`${secret.arn}:::${version.versionId}` };
}

/** Makes a password of letters and digits, which stands in a URL as it is. */
export function makePassword(name: string): pulumi.Output<string> {
    return pulumi.secret(new random.RandomPassword(name, { length: 40, special: false }).result);
}

/** Makes a key of 32 bytes, in base64. It stays the same at each deployment, since what it has encrypted needs it. */
export function makeKey(name: string): pulumi.Output<string> {
    return pulumi.secret(new random.RandomBytes(name, { length: 32 }).base64);
}
