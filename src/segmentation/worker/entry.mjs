/**
 * What a segmentation process starts with. Plain JavaScript: with the compiled code of earlier starts at hand, Node need
 * not load its TypeScript stripper, which halves the start and saves some 30 MB. The cache lies in the installation, not
 * in a folder that other users of the machine can write to; where it can't be written, the start is just slower.
 */
import { enableCompileCache, flushCompileCache } from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

// A terminal's Ctrl-C and a service manager's stop go to every process; what becomes of this one is for its parent to say.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
const lifeline = new Worker(new URL('./lifeline.mjs', import.meta.url));
lifeline.unref();
enableCompileCache(
  fileURLToPath(new URL('../../../node_modules/.cache/situs-segmentation', import.meta.url)),
);
const { work } = await import('./work.ts');
// Written now, since this process is usually ended by a signal and would not write it at its end.
flushCompileCache();
await work();
