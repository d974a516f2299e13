import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { SettingError } from "../settings";

/**
 * A tag that is made of what is in the work tree below `folder` ("" for all of it), committed or not, as far as Git does not
 * ignore it. Tags are immutable in the repository, so the same tag has to mean the same sources.
 */
export function contentTag(root: string, folder: string): string {
    const scratch = mkdtempSync(join(tmpdir(), "waybill-tag-"));
    try {
        // A separate index does not touch the user's.
        const env = { ...process.env, GIT_INDEX_FILE: join(scratch, "index") };
        const git = (...args: string[]) => execFileSync("git", args, { cwd: root, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
        git("read-tree", "HEAD");
        git("add", "--all", ".");
        const tree = git("write-tree");
        return git("rev-parse", "--verify", folder ? `${tree}:${folder}` : tree).slice(0, 16);
    } catch (error) {
        const reason = error instanceof Error ? (error.message.split("\n").at(-2) || error.message).trim() : String(error);
        throw new SettingError("waybill:imageTag", `is missing, and Git cannot say what the sources of the images are (${reason})`, "pulumi config set imageTag 1.4.0");
    } finally {
        rmSync(scratch, { recursive: true, force: true });
    }
}
