import { loadModel, segment } from '../../../src/segmentation/index.ts';
import { axialVolume } from './goldens.ts';

/** A node in small, for tests that kill it: segments with the model folder of its argument. */
const volume = axialVolume(new Float32Array(64 ** 3).fill(1), [64, 64, 64], [2, 2, 2]);
await segment(volume, await loadModel(process.argv[2] ?? ''), {
  folds: 'all',
  device: 'cpu',
  threads: 1,
  spacingMode: 'true',
  onProgress: ({ phase }) => process.stdout.write(`${phase}\n`),
});
