// Prints what the program would make, for those who compare it with other manifests.

import { run } from "./graph";

run().then(({ resources }) => {
  process.stdout.write(JSON.stringify(resources));
  process.exit(0);
});
