// Prints what the program asks for, as JSON: [{type, name, inputs}]. An argument names one of the configurations.
import { CONFIGURATIONS } from "./configurations";
import { graphOf } from "./graph";

const name = process.argv[2] ?? "external";
const configuration = CONFIGURATIONS[name];

if (configuration === undefined) {
    console.error(`there is no configuration ${name}; there are ${Object.keys(CONFIGURATIONS).join(", ")}`);
    process.exitCode = 2;
} else {
    graphOf(configuration).then(
        (graph) => process.stdout.write(`${JSON.stringify(graph.resources, null, 2)}\n`),
        (error) => {
            console.error(error);
            process.exitCode = 1;
        },
    );
}
