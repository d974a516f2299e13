import { SECRETS } from "../configurations";
import { Hidden, type Graph } from "../graph";
import { dataIsKeptWell, imagesStayWhatTheyAre, namesAreUnique } from "./data";
import { all } from "./facts";
import { adminPagesAreForOperators, descriptionsAreTaken, keysAreEncrypted, littleGetsOut, onlyTheLoadBalancerIsOpen, onlyTheLoadBalancerIsPublic, rulesComeInPairs } from "./network";
import { portsAgree } from "./ports";
import { eachServiceKnowsItsOwnDatabase, eachTaskReadsItsOwnSecrets, nothingSecretIsPlain } from "./secrets";
import { containersAreConfined, containersAreWatched, deploymentsRollBack, migrationsAreRun, whatTakesRequestsIsScaled } from "./tasks";

/** All rules: each returns what breaks it. */
export const RULES = {
    onlyTheLoadBalancerIsOpen,
    adminPagesAreForOperators,
    keysAreEncrypted,
    littleGetsOut,
    onlyTheLoadBalancerIsPublic,
    rulesComeInPairs,
    descriptionsAreTaken,
    containersAreConfined,
    containersAreWatched,
    deploymentsRollBack,
    whatTakesRequestsIsScaled,
    migrationsAreRun,
    nothingSecretIsPlain,
    eachTaskReadsItsOwnSecrets,
    eachServiceKnowsItsOwnDatabase,
    portsAgree,
    dataIsKeptWell,
    imagesStayWhatTheyAre,
    namesAreUnique,
} satisfies Record<string, (graph: Graph) => string[]>;

/** Something that breaks a rule. */
interface Breach {
    rule: keyof typeof RULES;
    what: string;
    commit(graph: Graph): void;
}

/** A graph that can be changed without changing the first one. */
export function copy(graph: Graph): Graph {
    return { outputs: { ...graph.outputs }, resources: graph.resources.map(({ type, name, inputs }) => ({ type, name, inputs: copied(inputs) })) };
}

function copied<T>(value: T): T {
    if (value === null || typeof value !== "object") return value;
    if (value instanceof Hidden) return new Hidden(value.value) as T;
    if (Array.isArray(value)) return value.map(copied) as T;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copied(member)])) as T;
}

function inputs(graph: Graph, type: string, name: string): Record<string, any> {
    const found = graph.resources.find((resource) => resource.type.endsWith(`:${type}`) && resource.name === name);
    if (found === undefined) throw new Error(`there is no ${type} ${name}`);
    return found.inputs;
}

const container = (graph: Graph, name: string) => inputs(graph, "TaskDefinition", name).containerDefinitions[0];

function add(graph: Graph, type: string, name: string, values: Record<string, any>): void {
    graph.resources.push({ type, name, inputs: values });
}

const ingress = (graph: Graph, values: Record<string, any>) =>
    add(graph, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "breach", { ipProtocol: "tcp", fromPort: 443, toPort: 443, ...values });

/** Ways to break each rule. */
export const BREACHES: Breach[] = [
    { rule: "onlyTheLoadBalancerIsOpen", what: "a group is open to all", commit: (graph) => ingress(graph, { securityGroupId: "SecurityGroup/orders", cidrIpv4: "0.0.0.0/0" }) },
    { rule: "onlyTheLoadBalancerIsOpen", what: "a group is open by IPv6", commit: (graph) => ingress(graph, { securityGroupId: "SecurityGroup/kong", cidrIpv6: "::/0" }) },
    { rule: "onlyTheLoadBalancerIsOpen", what: "the load balancer has one more port", commit: (graph) => ingress(graph, { securityGroupId: "SecurityGroup/alb", cidrIpv4: "0.0.0.0/0", fromPort: 8001, toPort: 8001 }) },
    { rule: "onlyTheLoadBalancerIsOpen", what: "all ports are open inside", commit: (graph) => ingress(graph, { securityGroupId: "SecurityGroup/orders", cidrIpv4: "10.20.0.0/16", fromPort: 0, toPort: 65535 }) },
    { rule: "onlyTheLoadBalancerIsOpen", what: "a rule stands inside of its group", commit: (graph) => (inputs(graph, "SecurityGroup", "relay").ingress = [{ protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: ["0.0.0.0/0"] }]) },
    { rule: "onlyTheLoadBalancerIsOpen", what: "a rule is of the old kind", commit: (graph) => add(graph, "aws:ec2/securityGroupRule:SecurityGroupRule", "breach", { type: "ingress", securityGroupId: "SecurityGroup/orders", protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: ["0.0.0.0/0"] }) },
    { rule: "onlyTheLoadBalancerIsOpen", what: "the broker faces the Internet", commit: (graph) => (inputs(graph, "LoadBalancer", "broker").internal = false) },
    { rule: "onlyTheLoadBalancerIsOpen", what: "a port is open to the whole network", commit: (graph) => ingress(graph, { securityGroupId: "SecurityGroup/nlb", cidrIpv4: "10.20.0.0/16", fromPort: 15672, toPort: 15672 }) },
    { rule: "adminPagesAreForOperators", what: "the whole network may reach them", commit: (graph) => ingress(graph, { securityGroupId: "SecurityGroup/nlb", cidrIpv4: "10.20.0.0/16", fromPort: 15672, toPort: 15672 }) },
    { rule: "adminPagesAreForOperators", what: "a role may reach them", commit: (graph) => ingress(graph, { securityGroupId: "SecurityGroup/nlb", referencedSecurityGroupId: "SecurityGroup/orders", fromPort: 15672, toPort: 15672 }) },
    { rule: "adminPagesAreForOperators", what: "the relay sees no policies", commit: (graph) => (graph.resources = graph.resources.filter(({ name }) => name !== "relay-to-nlb-15672")) },
    { rule: "adminPagesAreForOperators", what: "a role is a machine of operators", commit: (graph) => inputs(graph, "ecs/service:Service", "relay").networkConfiguration.securityGroups.push("SecurityGroup/operators") },
    { rule: "keysAreEncrypted", what: "plain HTTP is served", commit: (graph) => (inputs(graph, "Listener", "http").defaultActions = [{ type: "forward", targetGroupArn: "x" }]) },
    { rule: "keysAreEncrypted", what: "plain HTTP is served at another port", commit: (graph) => add(graph, "aws:lb/listener:Listener", "breach", { ...inputs(graph, "Listener", "https"), protocol: "HTTP", port: 8080 }) },
    { rule: "dataIsKeptWell", what: "a database's certificate is not verified", commit: (graph) => (inputs(graph, "SecretVersion", "orders-database-url").secretString = new Hidden("postgresql://a:b@c/d?sslmode=require")) },
    { rule: "dataIsKeptWell", what: "a database's authorities are the system's", commit: (graph) => (inputs(graph, "SecretVersion", "invoices-database-url").secretString = new Hidden("postgresql://a:b@c.rds.amazonaws.com/d?sslmode=verify-full")) },
    { rule: "littleGetsOut", what: "a task may connect to anything", commit: (graph) => Object.assign(inputs(graph, "SecurityGroupEgressRule", "orders-to-0.0.0.0/0-443"), { ipProtocol: "-1", fromPort: -1, toPort: -1 }) },
    { rule: "littleGetsOut", what: "a database gets out", commit: (graph) => (inputs(graph, "SecurityGroupEgressRule", "orders-to-0.0.0.0/0-443").securityGroupId = "SecurityGroup/orders-database") },
    { rule: "onlyTheLoadBalancerIsPublic", what: "a service is in a public subnet", commit: (graph) => (inputs(graph, "ecs/service:Service", "relay").networkConfiguration.subnets[0] = "Subnet/public-0") },
    { rule: "onlyTheLoadBalancerIsPublic", what: "a service has a public address", commit: (graph) => (inputs(graph, "ecs/service:Service", "kong").networkConfiguration.assignPublicIp = true) },
    { rule: "onlyTheLoadBalancerIsPublic", what: "a database has a public address", commit: (graph) => (inputs(graph, "rds/instance:Instance", "orders-database").publiclyAccessible = true) },
    { rule: "onlyTheLoadBalancerIsPublic", what: "a database may be put into a public subnet", commit: (graph) => inputs(graph, "SubnetGroup", "databases").subnetIds.push("Subnet/public-1") },
    { rule: "onlyTheLoadBalancerIsPublic", what: "migrations run in a public subnet", commit: (graph) => (inputs(graph, "Command", "migrate").environment.SUBNETS = "Subnet/private-0,Subnet/public-1") },
    { rule: "onlyTheLoadBalancerIsPublic", what: "a private subnet gets a way in", commit: (graph) => Object.assign(inputs(graph, "ec2/route:Route", "private-0"), { natGatewayId: undefined, gatewayId: "InternetGateway/waybill" }) },
    { rule: "rulesComeInPairs", what: "one half of a rule is missing", commit: (graph) => (graph.resources = graph.resources.filter(({ type, name }) => !(type.endsWith("EgressRule") && name === "kong-to-orders-3333"))) },
    { rule: "rulesComeInPairs", what: "a port is another on one side", commit: (graph) => Object.assign(inputs(graph, "SecurityGroupIngressRule", "kong-to-orders-3333"), { fromPort: 3334, toPort: 3334 }) },
    { rule: "descriptionsAreTaken", what: "there is an apostrophe", commit: (graph) => (inputs(graph, "SecurityGroup", "alb").description = "Kong's entrance") },
    { rule: "containersAreConfined", what: "an image is the latest", commit: (graph) => (container(graph, "rabbitmq").image = "rabbitmq:latest") },
    { rule: "containersAreConfined", what: "an image has no tag", commit: (graph) => (container(graph, "rabbitmq").image = "rabbitmq") },
    { rule: "containersAreConfined", what: "an image moves with minor versions", commit: (graph) => (container(graph, "rabbitmq").image = "rabbitmq:4-management") },
    { rule: "containersAreConfined", what: "memory has no limit", commit: (graph) => delete container(graph, "orders").memory },
    { rule: "containersAreConfined", what: "containers are larger than their task", commit: (graph) => (container(graph, "orders").memory = 4096) },
    { rule: "containersAreConfined", what: "a size is not one of Fargate's", commit: (graph) => (inputs(graph, "TaskDefinition", "relay").memory = "768") },
    { rule: "containersAreConfined", what: "a container has no log", commit: (graph) => delete container(graph, "webhooks").logConfiguration },
    { rule: "containersAreConfined", what: "a log has no retention", commit: (graph) => delete inputs(graph, "LogGroup", "kong").retentionInDays },
    { rule: "containersAreConfined", what: "a container runs as root", commit: (graph) => (container(graph, "kong").user = "root") },
    { rule: "containersAreConfined", what: "a root file system can be written to", commit: (graph) => (container(graph, "orders").readonlyRootFilesystem = false) },
    { rule: "containersAreConfined", what: "there is no time for the drain", commit: (graph) => (container(graph, "orders").stopTimeout = 2) },
    { rule: "containersAreWatched", what: "a health check is missing", commit: (graph) => delete container(graph, "relay").healthCheck },
    { rule: "containersAreWatched", what: "a container waits for one that does not exist", commit: (graph) => container(graph, "orders").dependsOn.push({ containerName: "collector", condition: "START" }) },
    { rule: "deploymentsRollBack", what: "nothing is rolled back", commit: (graph) => (inputs(graph, "ecs/service:Service", "orders").deploymentCircuitBreaker.rollback = false) },
    { rule: "deploymentsRollBack", what: "two RabbitMQs have the same files", commit: (graph) => (inputs(graph, "ecs/service:Service", "rabbitmq").deploymentMaximumPercent = 200) },
    { rule: "deploymentsRollBack", what: "invoices are forgotten", commit: (graph) => (graph.resources = graph.resources.filter(({ type, name }) => !(type === "aws:ecs/service:Service" && name === "invoices"))) },
    { rule: "whatTakesRequestsIsScaled", what: "a service is not scaled", commit: (graph) => (inputs(graph, "appautoscaling/target:Target", "orders").resourceId = "service/waybill/relay") },
    { rule: "whatTakesRequestsIsScaled", what: "requests do not count", commit: (graph) => delete inputs(graph, "appautoscaling/policy:Policy", "kong-requests").targetTrackingScalingPolicyConfiguration.customizedMetricSpecification },
    { rule: "migrationsAreRun", what: "only the first version is migrated to", commit: (graph) => (inputs(graph, "Command", "migrate").triggers = []) },
    { rule: "nothingSecretIsPlain", what: "a token is a variable", commit: (graph) => container(graph, "invoices").environment.push({ name: "WAYBILL_EVENTS_TOKEN", value: SECRETS[3] }) },
    { rule: "nothingSecretIsPlain", what: "a URL has a password", commit: (graph) => container(graph, "relay").environment.push({ name: "BROKER_URL", value: "amqp://admin:admin@broker:5672" }) },
    { rule: "nothingSecretIsPlain", what: "Pulumi shows a secret's value", commit: (graph) => (inputs(graph, "SecretVersion", "orders-database-url").secretString = "postgresql://a:b@c/d") },
    { rule: "nothingSecretIsPlain", what: "a command gets a secret", commit: (graph) => (inputs(graph, "Command", "migrate").environment.TOKEN = new Hidden("x")) },
    { rule: "eachTaskReadsItsOwnSecrets", what: "a task may not read what it names", commit: (graph) => container(graph, "relay").secrets.push({ name: "X", valueFrom: `${container(graph, "invoices").secrets[0].valueFrom}` }) },
    { rule: "eachTaskReadsItsOwnSecrets", what: "a role may read all secrets", commit: (graph) => (inputs(graph, "RolePolicy", "orders-execution").policy = inputs(graph, "RolePolicy", "orders-execution").policy.replace(/"arn:[^"]*Secret\/[^"]*"/, '"*"')) },
    { rule: "eachTaskReadsItsOwnSecrets", what: "two tasks share a role", commit: (graph) => (inputs(graph, "TaskDefinition", "kong").executionRoleArn = inputs(graph, "TaskDefinition", "orders").executionRoleArn) },
    { rule: "eachTaskReadsItsOwnSecrets", what: "another role may read a secret", commit: (graph) => (inputs(graph, "RolePolicy", "rabbitmq-task").policy = inputs(graph, "RolePolicy", "orders-execution").policy) },
    { rule: "eachServiceKnowsItsOwnDatabase", what: "orders knows the invoices database", commit: (graph) => (container(graph, "orders").secrets[0].name = "INVOICES_DATABASE_URL") },
    { rule: "portsAgree", what: "a container listens elsewhere", commit: (graph) => (container(graph, "orders").portMappings[0].containerPort = 3335) },
    { rule: "portsAgree", what: "the program is configured with another port", commit: (graph) => (container(graph, "orders").environment.find(({ name }: any) => name === "WAYBILL_ORDERS_LISTEN").value = "0.0.0.0:3330") },
    { rule: "portsAgree", what: "a port can be reached that no program listens on", commit: (graph) => ingress(graph, { securityGroupId: "SecurityGroup/relay", referencedSecurityGroupId: "SecurityGroup/kong", fromPort: 9464, toPort: 9464 }) },
    { rule: "portsAgree", what: "Kong looks for orders elsewhere", commit: (graph) => (container(graph, "kong").environment.find(({ name }: any) => name === "ORDERS_UPSTREAM").value = "orders.waybill.internal:80") },
    { rule: "portsAgree", what: "the load balancer sends to another port", commit: (graph) => (inputs(graph, "TargetGroup", "kong").port = 80) },
    { rule: "portsAgree", what: "the broker's URL has another port", commit: (graph) => (inputs(graph, "SecretVersion", "broker-url").secretString = new Hidden("amqp://waybill:x@host:5673/%2f")) },
    { rule: "dataIsKeptWell", what: "a database is not encrypted", commit: (graph) => (inputs(graph, "rds/instance:Instance", "orders-database").storageEncrypted = false) },
    { rule: "dataIsKeptWell", what: "a database has no backups", commit: (graph) => (inputs(graph, "rds/instance:Instance", "orders-database").backupRetentionPeriod = 0) },
    { rule: "dataIsKeptWell", what: "a database can be deleted", commit: (graph) => (inputs(graph, "rds/instance:Instance", "invoices-database").deletionProtection = false) },
    { rule: "dataIsKeptWell", what: "files go over the network in plain", commit: (graph) => (inputs(graph, "TaskDefinition", "rabbitmq").volumes[0].efsVolumeConfiguration.transitEncryption = "DISABLED") },
    { rule: "imagesStayWhatTheyAre", what: "tags can be moved", commit: (graph) => (inputs(graph, "Repository", "waybill").imageTagMutability = "MUTABLE") },
    { rule: "namesAreUnique", what: "a name is there twice", commit: (graph) => graph.resources.push(all(graph, "aws:ec2/vpc:Vpc")[0]!) },
];
