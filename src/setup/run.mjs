#!/usr/bin/env node
/** `node src/setup/run.mjs FILE.ts ARGS…`: setup, then the file with Node 24. */
import { launch } from './launch.mjs';

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('usage: node src/setup/run.mjs FILE.ts [ARGS…]\n');
  process.exitCode = 2;
} else {
  await launch(file, args);
}
