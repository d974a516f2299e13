import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { CONFIGURATIONS } from "./configurations";
import { graphOf, type Graph } from "./graph";
import { BREACHES, RULES, copy } from "./rules/breaches";

for (const [name, configuration] of Object.entries(CONFIGURATIONS)) {
    describe(`with ${name}`, () => {
        let graph: Graph;
        before(async () => {
            graph = await graphOf(configuration);
        });
        for (const [rule, faults] of Object.entries(RULES)) {
            test(`${rule} holds`, () => assert.deepEqual(faults(graph), []));
        }
    });
}

// A rule that finds nothing is only worth something if it finds what is wrong.
describe("a breach is found", () => {
    let graph: Graph;
    before(async () => {
        graph = await graphOf(CONFIGURATIONS.certificate!);
    });
    for (const { rule, what, commit } of BREACHES) {
        test(`${rule}: ${what}`, () => {
            const broken = copy(graph);
            commit(broken);
            assert.notDeepEqual(RULES[rule](broken), RULES[rule](graph));
        });
    }
    test("every rule has one", () => {
        assert.deepEqual([...new Set(BREACHES.map(({ rule }) => rule))].sort(), Object.keys(RULES).sort());
    });
});
