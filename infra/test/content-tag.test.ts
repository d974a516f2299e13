import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";

import { contentTag } from "../src/images/content-tag";
import { SettingError } from "../src/settings";

describe("the tag of an image", () => {
    let root: string;
    const git = (...args: string[]) => execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], { cwd: root, encoding: "utf8" });

    before(() => {
        root = mkdtempSync(join(tmpdir(), "waybill-test-"));
        mkdirSync(join(root, "gateway"));
        git("init", "--quiet");
    });
    beforeEach(() => {
        writeFileSync(join(root, ".gitignore"), "target\n");
        writeFileSync(join(root, "gateway/Dockerfile"), "FROM scratch\n");
        git("add", "--all");
        git("commit", "--quiet", "--allow-empty", "--message", "test");
    });
    after(() => rmSync(root, { recursive: true, force: true }));

    test("is the same for the same sources, and fit for a registry", () => {
        assert.match(contentTag(root, ""), /^[0-9a-f]{16}$/);
        assert.equal(contentTag(root, ""), contentTag(root, ""));
    });

    test("is another when a source has changed, committed or not, and does not touch Git's index", () => {
        const tag = contentTag(root, "");
        writeFileSync(join(root, "new.rs"), "fn main() {}\n");
        assert.notEqual(contentTag(root, ""), tag);
        assert.match(git("status", "--porcelain"), /^\?\? new\.rs/);
        rmSync(join(root, "new.rs"));
        assert.equal(contentTag(root, ""), tag);
    });

    test("does not change for what is ignored, nor for another folder", () => {
        const tag = contentTag(root, "gateway");
        writeFileSync(join(root, "target"), "x");
        writeFileSync(join(root, "other"), "x");
        assert.equal(contentTag(root, "gateway"), tag);
        writeFileSync(join(root, "gateway/Dockerfile"), "FROM debian\n");
        assert.notEqual(contentTag(root, "gateway"), tag);
    });

    test("has to be named where there is no Git", () => {
        const nowhere = mkdtempSync(join(tmpdir(), "waybill-test-"));
        assert.throws(() => contentTag(nowhere, ""), (error: Error) => error instanceof SettingError && /^waybill:imageTag is missing.*not a git repository/i.test(error.message));
        rmSync(nowhere, { recursive: true });
    });
});
