// What holds for everything that is made, whatever the settings.

import assert from "node:assert/strict";

import { Resource } from "./graph";

export class Graph {
  constructor(readonly resources: Resource[]) {}

  of(type: string): Resource[] {
    return this.resources.filter((resource) => resource.type.endsWith(`:${type}`));
  }

  tasks(): { name: string; containers: any[]; inputs: any }[] {
    return this.of("TaskDefinition").map(({ name, inputs }) => ({ name, inputs, containers: inputs.containerDefinitions }));
  }
}

/// Nobody outside reaches anything but the load balancer's ports.
export function onlyTheLoadBalancerIsOpen(graph: Graph, open: number[]): void {
  const rules = graph.of("SecurityGroupIngressRule");
  const wide = rules.filter(({ inputs }) => ["0.0.0.0/0", "::/0"].some((all) => [inputs.cidrIpv4, inputs.cidrIpv6].includes(all)));
  assert.deepEqual(wide.map(({ inputs }) => [inputs.securityGroupId, inputs.fromPort, inputs.toPort]), open.map((port) => ["alb-id", port, port]));
  for (const { inputs, name } of graph.of("SecurityGroup")) {
    assert.ok(!inputs.ingress && !inputs.egress, `${name} has rules of its own, beside those that are listed`);
  }
  for (const { inputs, name } of rules) {
    assert.ok(inputs.fromPort === inputs.toPort && inputs.ipProtocol === "tcp", `${name} opens more than a port`);
  }
  // Everywhere else that a rule, a route or a group says "everybody", it is known why.
  const known = ["Route", "SecurityGroupIngressRule", "SecurityGroupEgressRule"];
  for (const { type, name, inputs } of graph.resources) {
    const says = /"(0\.0\.0\.0|::)\/0"/.test(JSON.stringify(inputs));
    assert.ok(!says || known.some((end) => type.endsWith(`:${end}`)), `${type} ${name} names everybody`);
  }
  for (const { inputs, name } of graph.of("SecurityGroupEgressRule")) {
    assert.ok(inputs.cidrIpv4 !== "0.0.0.0/0" || [443, 5432].includes(inputs.fromPort), `${name} lets out too much`);
  }
}

/// Nothing but load balancers and NAT gateways is in a public subnet, and nothing has a public address.
export function everythingElseIsPrivate(graph: Graph): void {
  const isPublic = (ids: string[]) => ids.some((id) => id.startsWith("public-"));
  for (const { name, inputs } of graph.of("Service").filter(({ type }) => type.startsWith("aws:ecs"))) {
    assert.equal(inputs.networkConfiguration.assignPublicIp, false, name);
    assert.ok(!isPublic(inputs.networkConfiguration.subnets) && inputs.networkConfiguration.subnets.length === 2, name);
    assert.ok(inputs.networkConfiguration.securityGroups.length === 1, name);
  }
  for (const { name, inputs } of graph.of("LoadBalancer")) {
    assert.equal(inputs.internal, name !== "kong", name);
    assert.equal(isPublic(inputs.subnets), name === "kong", name);
  }
  for (const { inputs } of graph.of("Subnet")) assert.notEqual(inputs.mapPublicIpOnLaunch, true);
  for (const { name, inputs } of [...graph.of("Instance"), ...graph.of("Broker")]) assert.equal(inputs.publiclyAccessible, false, name);
  for (const { inputs } of [...graph.of("MountTarget"), ...graph.of("SubnetGroup")]) {
    assert.ok(!isPublic([inputs.subnetId ?? "", ...(inputs.subnetIds ?? [])]));
  }
}

/// Secrets are in Secrets Manager, and where AWS makes a user of them; nowhere else, and in no task definition.
export function noSecretIsPlain(graph: Graph): void {
  const places = ["SecretVersion", "Instance", "Broker", "RandomPassword", "Image"];
  for (const { type, name, inputs } of graph.resources) {
    const text = JSON.stringify(inputs);
    if (!places.some((place) => type.endsWith(`:${place}`))) assert.ok(!text.includes("geheim"), `${type} ${name} has a secret in it`);
    if (type.endsWith(":TaskDefinition")) assert.ok(!/[a-z]+:\/\/[^/"]+:[^/"@]+@/.test(text), `${name} has a URL with a password in it`);
  }
  // Each task may read what it is given, and nothing else.
  for (const { name, containers } of graph.tasks()) {
    const given = new Set(containers.flatMap((container) => container.secrets.map((secret: any) => secret.valueFrom)));
    const policy = JSON.parse(graph.of("RolePolicy").find((it) => it.name === `${name}-execution`)!.inputs.policy);
    const reads = policy.Statement.filter((it: any) => it.Action.includes("secretsmanager:GetSecretValue")).flatMap((it: any) => it.Resource);
    assert.deepEqual(new Set(reads), given, name);
    for (const { Action, Resource } of policy.Statement) {
      assert.ok(!Action.includes("*") && (Resource !== "*" || Action[0] === "ecr:GetAuthorizationToken"), `${name} may do too much`);
    }
  }
}

/// Each service has a health check for what has to run, limits, a log, and a way back.
export function everyServiceIsWatched(graph: Graph, names: string[]): void {
  const services = graph.of("Service").filter(({ type }) => type.startsWith("aws:ecs"));
  assert.deepEqual(services.map(({ name }) => name).sort(), [...names].sort());
  for (const { name, inputs } of services) {
    assert.deepEqual(inputs.deploymentCircuitBreaker, { enable: true, rollback: true }, name);
    assert.ok(inputs.desiredCount >= 1 && inputs.launchType === "FARGATE", name);
    if (name !== "rabbitmq") assert.ok(inputs.desiredCount >= 2 && inputs.deploymentMinimumHealthyPercent === 100, name);
  }
  const groups = graph.of("LogGroup");
  for (const { name, inputs, containers } of graph.tasks()) {
    assert.ok(Number(inputs.cpu) > 0 && Number(inputs.memory) >= containers.filter((it) => it.essential).reduce((sum, it) => sum + it.memory, 0), name);
    for (const container of containers) {
      const what = `${name}/${container.name}`;
      assert.ok(container.memory > 0 && container.memory <= Number(inputs.memory), what);
      assert.match(container.image, /(@sha256:[0-9a-f]{64}|:v?\d+\.\d+\.\d+[a-z0-9.-]*)$/, what);
      assert.ok(container.stopTimeout >= 30 && container.stopTimeout <= 120, what);
      assert.equal(container.logConfiguration.logDriver, "awslogs", what);
      if (container.essential) assert.ok(container.healthCheck?.command?.length > 1, `${what} has no health check`);
      if (container.image.includes("/waybill@")) {
        assert.ok(container.readonlyRootFilesystem && container.user === "65532:65532", what);
        assert.deepEqual(container.linuxParameters.capabilities, { drop: ["ALL"] }, what);
      }
    }
    assert.ok(groups.some((group) => group.name === name && group.inputs.retentionInDays > 0), name);
  }
}

/// What scales is what takes the load.
export function whatTakesTheLoadScales(graph: Graph): void {
  assert.deepEqual(graph.of("Target").map(({ name }) => name).sort(), ["invoices", "kong", "orders"]);
  for (const { inputs } of graph.of("Target")) assert.ok(inputs.minCapacity >= 2 && inputs.maxCapacity >= inputs.minCapacity);
  const policies = graph.of("Policy").filter(({ type }) => type.startsWith("aws:appautoscaling")).map(({ name }) => name);
  assert.deepEqual(policies.sort(), ["invoices-cpu", "kong-cpu", "kong-requests", "orders-cpu"]);
}

/// Whoever is let in to a port finds a container there.
export function rulesAndPortsAgree(graph: Graph): void {
  for (const { name, containers } of graph.tasks()) {
    const ports = new Set(containers.flatMap((container) => (container.portMappings ?? []).map((it: any) => it.containerPort)));
    const open = graph.of("SecurityGroupIngressRule").filter(({ inputs }) => inputs.securityGroupId === `${name}-id`);
    for (const rule of open) assert.ok(ports.has(rule.inputs.fromPort), `${rule.name}: nobody is there`);
  }
  for (const { name, inputs } of graph.of("Service").filter(({ type }) => type.startsWith("aws:ecs"))) {
    const task = graph.tasks().find((it) => it.name === name)!;
    for (const { containerName, containerPort } of inputs.loadBalancers ?? []) {
      const container = task.containers.find((it) => it.name === containerName);
      assert.ok(container?.portMappings.some((it: any) => it.containerPort === containerPort), `${name} ${containerPort}`);
    }
  }
  // Each way in has its way out.
  const pairs = (type: string, from: string, to: string) =>
    graph.of(type).filter(({ inputs }) => inputs.referencedSecurityGroupId).map(({ inputs }) => `${inputs[from]} ${inputs[to]} ${inputs.fromPort}`).sort();
  assert.deepEqual(
    pairs("SecurityGroupIngressRule", "referencedSecurityGroupId", "securityGroupId"),
    pairs("SecurityGroupEgressRule", "securityGroupId", "referencedSecurityGroupId"),
  );
}

/// Data is encrypted, backed up, and not thrown away by an oversight.
export function dataIsKept(graph: Graph): void {
  for (const { name, inputs } of graph.of("Instance")) {
    assert.ok(inputs.storageEncrypted && inputs.deletionProtection && inputs.backupRetentionPeriod > 0 && inputs.multiAz && !inputs.skipFinalSnapshot, name);
  }
  for (const { inputs } of graph.of("FileSystem")) assert.equal(inputs.encrypted, true);
  for (const { inputs } of graph.of("Repository")) {
    assert.ok(inputs.imageTagMutability === "IMMUTABLE" && inputs.imageScanningConfiguration.scanOnPush);
  }
  for (const { inputs } of graph.tasks()) {
    for (const volume of inputs.volumes ?? []) assert.equal(volume.efsVolumeConfiguration.transitEncryption, "ENABLED");
  }
}

export function all(graph: Graph, { open, services }: { open: number[]; services: string[] }): void {
  onlyTheLoadBalancerIsOpen(graph, open);
  everythingElseIsPrivate(graph);
  noSecretIsPlain(graph);
  everyServiceIsWatched(graph, services);
  whatTakesTheLoadScales(graph);
  rulesAndPortsAgree(graph);
  dataIsKept(graph);
}
