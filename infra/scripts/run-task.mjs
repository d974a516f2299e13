// Runs a Fargate task once, and ends with 0 only when its container did. `pulumi up` calls it for the migrations. It speaks to
// AWS by the AWS CLI, version 2, which finds the same credentials as Pulumi does.
import { execFileSync } from "node:child_process";

const { CLUSTER, TASK_DEFINITION, SUBNETS, SECURITY_GROUPS } = process.env;

/** The longest time that a task may take, in milliseconds, how often it is tried to start, and the time between two looks at it. */
const LIMIT_MS = 20 * 60_000;
const ATTEMPTS = 3;
const LOOK_EVERY_MS = Number(process.env.LOOK_EVERY_MS ?? 5_000);

function ecs(...args) {
    const text = execFileSync("aws", ["ecs", ...args, "--output", "json"], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
    return JSON.parse(text);
}

function start() {
    const network = { awsvpcConfiguration: { subnets: SUBNETS.split(","), securityGroups: SECURITY_GROUPS.split(","), assignPublicIp: "DISABLED" } };
    const { tasks, failures } = ecs(
        "run-task",
        "--cluster", CLUSTER,
        "--task-definition", TASK_DEFINITION,
        "--launch-type", "FARGATE",
        "--platform-version", "1.4.0",
        "--started-by", "pulumi up",
        "--network-configuration", JSON.stringify(network),
    );
    if (tasks.length !== 1) throw new Error(`the task was not started: ${JSON.stringify(failures)}`);
    return tasks[0].taskArn;
}

async function ended(arn) {
    for (const deadline = Date.now() + LIMIT_MS; Date.now() < deadline; ) {
        const task = ecs("describe-tasks", "--cluster", CLUSTER, "--tasks", arn).tasks[0];
        if (task?.lastStatus === "STOPPED") return task;
        await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
    }
    ecs("stop-task", "--cluster", CLUSTER, "--task", arn, "--reason", "it took too long");
    throw new Error(`the task did not end within ${LIMIT_MS / 60_000} minutes and was stopped`);
}

/** A role that was made just now may not be known everywhere yet; the task then does not start, and is started again. */
async function run() {
    for (let attempt = 1; ; attempt += 1) {
        const arn = start();
        console.log(`started ${arn}`);
        const task = await ended(arn);
        if (task.stopCode !== "TaskFailedToStart" || attempt === ATTEMPTS) return task;
        console.log(`it did not start (${task.stoppedReason}) and is started again`);
    }
}

try {
    const task = await run();
    const codes = task.containers.map((container) => container.exitCode);
    // A container that never ran has no exit code.
    if (!codes.every((code) => code === 0)) {
        const reasons = task.containers.map((container) => container.reason).filter(Boolean);
        throw new Error(`exit code ${codes.map((code) => code ?? "none").join(", ")}: ${[task.stoppedReason, ...reasons].join("; ")}`);
    }
    console.log("it ended well");
} catch (error) {
    if (error.code === "ENOENT") {
        console.error("the AWS CLI (the program aws) is missing, by which migrations are run; an example is: pip install awscli");
    } else {
        console.error(`the migrations failed, and no service was changed: ${error.message}. Their lines are in the log group whose name ends in /migrate`);
    }
    process.exit(1);
}
