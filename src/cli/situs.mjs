#!/usr/bin/env node
/** The `situs` command: setup, then the command line with Node 24. */
import { launch } from '../setup/launch.mjs';

await launch('src/cli/main.ts', process.argv.slice(2));
