import type { Volume } from '../../../src/contracts/index.ts';
import type { ResultInput } from '../../../src/results/index.ts';
import { makeResultInput } from '../../support/results.ts';
import { STRUCTURES } from '../../support/structures.ts';
import { makeLabels, makeVolume } from '../../support/volume.ts';

const SIDE = 512;
const COLUMNS = 8;
const RADIUS = 28;
/** Those of the model; the others of the file are of body composition. */
const FORTY = STRUCTURES.filter(({ index }) => index <= 40);
/** Share of all slices that a structure goes through, so that 100 slices give about 1,650 frames. */
const THROUGH = 0.41;

/** Forty ellipsoids on a grid of eight by five, on a CT of 512×512 without voxels worth looking at. */
export function benchInput(slices: number): { volume: Volume; input: ResultInput } {
  const volume = makeVolume({ shape: [slices, SIDE, SIDE], modality: 'CT', voxel: () => 0 });
  const names = Object.fromEntries(FORTY.map(({ index, name }) => [index, name]));
  const cell = SIDE / COLUMNS;
  const labels = makeLabels(volume, names, (column, row, slice) => {
    const [x, y] = [Math.floor(column / cell), Math.floor(row / cell)];
    const label = y * COLUMNS + x + 1;
    if (label > FORTY.length) return 0;
    const middle = slices * (THROUGH / 2 + ((1 - THROUGH) * (label - 1)) / (FORTY.length - 1));
    const dz = ((slice - middle) / (slices * (THROUGH / 2))) * RADIUS;
    const dx = column - (x + 0.5) * cell;
    const dy = row - (y + 0.5) * cell;
    return dx * dx + dy * dy + dz * dz < RADIUS * RADIUS ? label : 0;
  });
  return { volume, input: makeResultInput(volume, labels) };
}
