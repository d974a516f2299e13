import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";

const SCRIPT = join(__dirname, "../scripts/run-task.mjs");

/** Stands for the AWS CLI: notes what it is asked, and answers from a list. */
const CLI = `#!${process.execPath}
const fs = require("fs"), dir = __dirname;
fs.appendFileSync(dir + "/asked", JSON.stringify(process.argv.slice(2)) + "\\n");
const answers = JSON.parse(fs.readFileSync(dir + "/answers", "utf8"));
fs.writeFileSync(dir + "/answers", JSON.stringify(answers.slice(1)));
if (!answers.length) process.exit(254);
process.stdout.write(JSON.stringify(answers[0]));
`;

const started = { tasks: [{ taskArn: "arn:task" }], failures: [] };
const running = { tasks: [{ lastStatus: "RUNNING", containers: [{}] }] };
const stopped = (exitCode: number | undefined, more: object = {}) => ({ tasks: [{ lastStatus: "STOPPED", containers: [{ exitCode }], ...more }] });

describe("the task of the migrations", () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "waybill-test-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    function run(...answers: object[]) {
        writeFileSync(join(folder, "answers"), JSON.stringify(answers));
        writeFileSync(join(folder, "aws"), CLI);
        chmodSync(join(folder, "aws"), 0o755);
        const env = { PATH: folder, CLUSTER: "arn:cluster", TASK_DEFINITION: "arn:definition", SUBNETS: "subnet-1,subnet-2", SECURITY_GROUPS: "sg-1", LOOK_EVERY_MS: "1" };
        const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT], { env, encoding: "utf8" });
        return { status, stdout, stderr, asked: readFileSync(join(folder, "asked"), "utf8").trim().split("\n").map((line) => JSON.parse(line) as string[]) };
    }

    test("is waited for until it has ended, in the private network", () => {
        const { status, asked } = run(started, running, running, stopped(0));
        assert.equal(status, 0);
        assert.deepEqual(asked.map((args) => args[1]), ["run-task", "describe-tasks", "describe-tasks", "describe-tasks"]);
        const network = JSON.parse(asked[0]![asked[0]!.indexOf("--network-configuration") + 1]!);
        assert.deepEqual(network, { awsvpcConfiguration: { subnets: ["subnet-1", "subnet-2"], securityGroups: ["sg-1"], assignPublicIp: "DISABLED" } });
    });

    test("fails the deployment when it failed", () => {
        const { status, stderr } = run(started, stopped(1, { stoppedReason: "Essential container in task exited" }));
        assert.equal(status, 1);
        assert.match(stderr, /the migrations failed.*exit code 1: Essential container/);
    });

    test("is started again when it did not start, up to a limit", () => {
        const unstarted = stopped(undefined, { stopCode: "TaskFailedToStart", stoppedReason: "AccessDenied" });
        assert.equal(run(started, unstarted, started, stopped(0)).status, 0);
        const { status, stderr } = run(started, unstarted, started, unstarted, started, unstarted, started, stopped(0));
        assert.equal(status, 1);
        assert.match(stderr, /exit code none: AccessDenied/);
    });

    test("fails the deployment when there is no room for it, or no answer", () => {
        assert.match(run({ tasks: [], failures: [{ reason: "Capacity is unavailable at this time" }] }).stderr, /Capacity is unavailable/);
        assert.equal(run(started).status, 1);
    });

    test("says that the AWS CLI is missing", () => {
        const { status, stderr } = spawnSync(process.execPath, [SCRIPT], { env: { PATH: folder, SUBNETS: "a", SECURITY_GROUPS: "b", CLUSTER: "c", TASK_DEFINITION: "d" }, encoding: "utf8" });
        assert.equal(status, 1);
        assert.match(stderr, /the AWS CLI .* is missing/);
    });
});
