// The program under Pulumi's mocks: what it would make, without AWS.

import * as pulumi from "@pulumi/pulumi";

export interface Resource {
  type: string;
  name: string;
  inputs: any;
}

/// Settings of a stack, and lines of its .env.
export interface Setting {
  config?: Record<string, string>;
  env?: Record<string, string>;
}

/// What no task definition, and nothing else that is not a secret, may have in it.
export const SECRETS = {
  DB_ORDER: "postgresql://orders:geheim-1@db.example.com/orders?sslmode=require",
  DB_INVOICES: "postgresql://invoices:geheim-2@db.example.com/invoices?sslmode=require",
  GRAFANA_OTLP_ENDPOINT: "https://otlp.example.com/otlp",
  GRAFANA_SK: "Basic geheim-3",
};

/// Runs the program once, and returns what it would make, and what it says at its end. Modules keep what they made, so a process
/// can do this once.
export async function run({ config = {}, env = SECRETS }: Setting = {}): Promise<{ resources: Resource[]; outputs: Record<string, unknown> }> {
  // No .env of a developer's.
  process.env.WAYBILL_INFRA_ENV = "/dev/null";
  Object.assign(process.env, env);
  const resources: Resource[] = [];
  const all = Object.entries(config).map(([name, value]) => [`waybill:${name}`, value]);
  pulumi.runtime.setAllConfig({ "aws:region": "eu-central-1", ...Object.fromEntries(all) }, []);
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        resources.push({ type, name, inputs });
        return { id: `${name}-id`, state: { ...inputs, ...made(type, name) } };
      },
      call: ({ token, inputs }) => answer(token, inputs),
    },
    "waybill",
    "test",
    false,
  );
  const outputs = await pulumi.runtime.runInPulumiStack(async () => {
    const program = await import("../index");
    return { ...program };
  });
  const said = await new Promise<Record<string, unknown>>((resolve) => pulumi.output(outputs).apply((values) => resolve(values as Record<string, unknown>)));
  // Until everything that was begun has been answered.
  await pulumi.runtime.disconnect();
  return { resources: resources.map(parsed), outputs: said };
}

/// What AWS would add.
function made(type: string, name: string): Record<string, unknown> {
  const arn = `arn:aws:mock:eu-central-1:123456789012:${type}/${name}`;
  return {
    arn,
    arnSuffix: `suffix/${name}`,
    dnsName: `${name}.elb.internal`,
    address: `${name}.rds.internal`,
    repositoryUrl: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/${name}`,
    registryId: "123456789012",
    ref: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/${name}@sha256:${"0".repeat(64)}`,
    result: `geheim-made-${name}`,
    name: `${name}-name`,
    ...(type === "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace" ? { name: "waybill.internal" } : {}),
    ...(type === "aws:mq/broker:Broker" ? { instances: [{ endpoints: ["amqps://b-1.mq.internal:5671"], consoleUrl: "https://b-1.mq.internal" }] } : {}),
  };
}

function answer(token: string, inputs: Record<string, unknown>): Record<string, unknown> {
  if (token.includes("getAvailabilityZones")) return { names: ["eu-central-1a", "eu-central-1b", "eu-central-1c"] };
  if (token.includes("getRegion")) return { region: "eu-central-1", name: "eu-central-1" };
  if (token.includes("getAuthorizationToken")) return { userName: "AWS", password: "geheim-registry" };
  return inputs;
}

function parsed(resource: Resource): Resource {
  const { containerDefinitions } = resource.inputs;
  if (typeof containerDefinitions !== "string") return resource;
  return { ...resource, inputs: { ...resource.inputs, containerDefinitions: JSON.parse(containerDefinitions) } };
}
