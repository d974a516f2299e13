import { arnOf, type Graph } from "../graph";
import { all, workloads, type Definition } from "./facts";

/** What Fargate sells: memory in MiB for each amount of CPU. */
const SIZES: Record<string, number[]> = {
    256: [512, 1024, 2048],
    512: [1024, 2048, 3072, 4096],
    1024: [2048, 3072, 4096, 5120, 6144, 7168, 8192],
};

/** Every container has its limits, its log, no right that it does not need, and an image that cannot change. */
export function containersAreConfined(graph: Graph): string[] {
    return workloads(graph).flatMap(({ name, task, containers }) => {
        const faults = containers.flatMap((container) => faultsOf(graph, container).map((fault) => `${name}/${container.name} ${fault}`));
        const sum = (key: string) => containers.reduce((total, container) => total + container[key], 0);
        if (sum("cpu") > Number(task.inputs.cpu)) faults.push(`${name}'s containers have more CPU than the task`);
        if (sum("memory") > Number(task.inputs.memory)) faults.push(`${name}'s containers have more memory than the task`);
        if (!SIZES[task.inputs.cpu]?.includes(Number(task.inputs.memory))) faults.push(`${name} has a size that Fargate does not sell`);
        if (task.inputs.networkMode !== "awsvpc") faults.push(`${name} has no address of its own`);
        return faults;
    });
}

function faultsOf(graph: Graph, container: Definition): string[] {
    const faults: string[] = [];
    const { logConfiguration, user, stopTimeout } = container;
    const group = all(graph, "aws:cloudwatch/logGroup:LogGroup").find(({ inputs }) => inputs.name === logConfiguration?.options?.["awslogs-group"]);
    if (logConfiguration?.logDriver !== "awslogs" || group === undefined) faults.push("has no log");
    else if (!(group.inputs.retentionInDays > 0)) faults.push("has a log without retention");
    if (!(container.cpu > 0) || !(container.memory > 0)) faults.push("has no limit of CPU or memory");
    if (container.readonlyRootFilesystem !== true) faults.push("may write to its root file system");
    if (!user || /^(0|root)\b/.test(user)) faults.push("runs as root");
    if (container.privileged !== false || !container.linuxParameters?.capabilities?.drop?.includes("ALL")) faults.push("keeps capabilities");
    if (!(stopTimeout >= 30 && stopTimeout <= 120)) faults.push("has no time to end, or more than Fargate gives");
    if (!isPinned(container.image)) faults.push(`has the image ${container.image}, whose tag moves`);
    const names = [...container.environment, ...container.secrets].map(({ name }) => name);
    if (new Set(names).size !== names.length) faults.push("has a variable twice");
    return faults;
}

function isPinned(image: string): boolean {
    const tag = /:([A-Za-z0-9_][\w.-]*)(@sha256:[0-9a-f]{64})?$/.exec(image);
    if (tag === null || tag[1] === "latest") return false;
    return tag[2] !== undefined || /^v?\d+\.\d+\.\d+/.test(tag[1] ?? "");
}

/** Every essential container of a service has a health check, and no container waits for one that does not exist. */
export function containersAreWatched(graph: Graph): string[] {
    return workloads(graph).flatMap(({ name, containers, service }) => {
        const faults: string[] = [];
        const names = containers.map((container) => container.name);
        if (!containers.some((container) => container.essential)) faults.push(`${name} has no essential container`);
        for (const container of containers) {
            const { healthCheck } = container;
            if (service && container.essential && !healthCheck) faults.push(`${name}/${container.name} has no health check`);
            if (healthCheck && !(healthCheck.command[0] === "CMD" && healthCheck.timeout < healthCheck.interval && healthCheck.retries <= 10 && healthCheck.startPeriod <= 300)) {
                faults.push(`${name}/${container.name} has a health check that ECS does not take`);
            }
            for (const { containerName } of container.dependsOn) {
                if (!names.includes(containerName)) faults.push(`${name}/${container.name} waits for ${containerName}, which does not exist`);
            }
        }
        return faults;
    });
}

/** A failed deployment is rolled back, and no deployment reduces a service below its size, except RabbitMQ, whose files have one owner. */
export function deploymentsRollBack(graph: Graph): string[] {
    const names = ["orders", "invoices", "relay", "webhooks", "kong"];
    const faults = names.filter((name) => !workloads(graph).some((workload) => workload.name === name && workload.service)).map((name) => `${name} is no service`);
    for (const { name, task, service } of workloads(graph)) {
        if (service === undefined) {
            if (name !== "migrate") faults.push(`${name} is run by no service`);
            continue;
        }
        const { inputs } = service;
        if (!(inputs.deploymentCircuitBreaker?.enable && inputs.deploymentCircuitBreaker.rollback)) faults.push(`${name} is not rolled back`);
        if (inputs.waitForSteadyState !== true) faults.push(`the deployment does not wait until ${name} is stable`);
        if (inputs.enableExecuteCommand !== false) faults.push(`${name} lets commands be run in it`);
        const bounds = [inputs.deploymentMinimumHealthyPercent, inputs.deploymentMaximumPercent].join();
        const hasFiles = (task.inputs.volumes ?? []).some((volume: any) => volume.efsVolumeConfiguration);
        if (bounds !== (hasFiles ? "0,100" : "100,200")) faults.push(`${name} is deployed within ${bounds} %`);
        if (hasFiles ? inputs.desiredCount !== 1 : !(inputs.desiredCount >= 2)) faults.push(`${name} has ${inputs.desiredCount} tasks`);
    }
    return faults;
}

/** What takes requests grows with them, and never below two tasks. */
export function whatTakesRequestsIsScaled(graph: Graph): string[] {
    return ["kong", "orders", "invoices"].flatMap((name) => {
        const target = all(graph, "aws:appautoscaling/target:Target").find(({ inputs }) => inputs.resourceId === `service/waybill/${name}`);
        if (target === undefined) return [`${name} is not scaled`];
        const { minCapacity, maxCapacity } = target.inputs;
        const policies = all(graph, "aws:appautoscaling/policy:Policy").filter(({ inputs }) => inputs.resourceId === target.inputs.resourceId);
        const configurations = policies.map(({ inputs }) => inputs.targetTrackingScalingPolicyConfiguration);
        const faults = minCapacity >= 2 && maxCapacity >= minCapacity ? [] : [`${name} is scaled from ${minCapacity} to ${maxCapacity}`];
        if (!configurations.some((one) => one.predefinedMetricSpecification?.predefinedMetricType === "ECSServiceAverageCPUUtilization")) faults.push(`${name} is not scaled by CPU`);
        const requests = configurations.flatMap((one) => one.customizedMetricSpecification?.metrics ?? []);
        if (!requests.some((metric: any) => metric.metricStat?.metric.metricName === "RequestCount") || !requests.some((metric: any) => metric.returnData)) {
            faults.push(`${name} is not scaled by requests`);
        }
        return faults;
    });
}

/** The schema is there before any role: the task of the migrations is run at each new version of it. */
export function migrationsAreRun(graph: Graph): string[] {
    const task = workloads(graph).find(({ name }) => name === "migrate")?.task;
    const [run, ...more] = all(graph, "command:local:Command");
    if (task === undefined || run === undefined || more.length > 0) return ["migrations are not run once"];
    const arn = arnOf(task.type, task.name);
    const named = run.inputs.environment.TASK_DEFINITION === arn && run.inputs.triggers.includes(arn);
    return named && task.inputs.containerDefinitions[0].command.join() === "migrate" ? [] : ["something else than the migrations is run"];
}
