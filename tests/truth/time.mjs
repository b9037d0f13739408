// Prints, as JSON, how many microseconds of CPU React's own client takes for a stream once it is warm, by release: for
// the root, and with every row asked for.
//
//   node time.mjs FILE
import { readFile } from "node:fs/promises";

import { start } from "./decode.mjs";
import { VERSIONS } from "./react.mjs";

const BATCHES = 31;
const ROUNDS = 200;

const bytes = await readFile(process.argv[2]);

async function decode(version, everything) {
  const { root, known } = start(version, bytes);
  await root;
  if (everything) await Promise.allSettled([...known.values()]);
}

async function median(version, everything) {
  const batches = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    const before = process.cpuUsage();
    for (let round = 0; round < ROUNDS; round++) await decode(version, everything);
    const { user, system } = process.cpuUsage(before);
    batches.push((user + system) / ROUNDS);
  }
  return batches.sort((a, b) => a - b)[BATCHES >> 1];
}

const times = {};
for (const version of VERSIONS) times[version] = { root: await median(version, false), all: await median(version, true) };
console.log(JSON.stringify(times));
