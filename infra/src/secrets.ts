// What nobody may read but the tasks that need it.

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/// A secret in Secrets Manager.
export function secret(name: string, value: pulumi.Input<string>): aws.secretsmanager.Secret {
  const kept = new aws.secretsmanager.Secret(name, { description: `Waybill: ${name}`, recoveryWindowInDays: 7 });
  new aws.secretsmanager.SecretVersion(name, { secretId: kept.id, secretString: pulumi.secret(value) });
  return kept;
}
