import { parentPort, workerData } from 'node:worker_threads';
import { sampleStudies } from '../studies/samples.ts';

const { seed } = workerData as { readonly seed: number };

for await (const study of sampleStudies(seed)) parentPort?.postMessage(study);
parentPort?.postMessage(null);
