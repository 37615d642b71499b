import { encodeSeg, validateSeg } from '../../src/results/index.ts';
import { makeResultInput } from '../support/results.ts';
import { STRUCTURES } from '../support/structures.ts';
import { makeLabels, makeVolume } from '../support/volume.ts';
import { measure, type Measurement } from './measure.ts';

const SLICES = 100;
const SIDE = 512;
const NAMES = Object.fromEntries(STRUCTURES.map((one) => [one.index, one.name]));
const COLUMNS = 8;
const RADIUS = 28;

/** A SEG of 40 structures on 512×512×100, from the labels to the finished bytes (design §10). */
export function benchDicom(): Measurement[] {
  const volume = makeVolume({ shape: [SLICES, SIDE, SIDE], modality: 'CT', voxel: () => 0 });
  const input = makeResultInput(volume, makeLabels(volume, NAMES, ellipsoids));
  const { bytes } = encodeSeg(input);
  const size = { mebibytes: Math.round(bytes.length / 2 ** 20) };
  return [
    measure(
      `encode a SEG of ${STRUCTURES.length} structures, 512×512×${SLICES}`,
      5,
      () => encodeSeg(input),
      () => size,
    ),
    measure(
      `validate it`,
      3,
      () => validateSeg(bytes, volume),
      () => size,
    ),
  ];
}

/** Forty ellipsoids on a grid of eight by five, each through most slices. */
function ellipsoids(column: number, row: number, slice: number): number {
  const cell = SIDE / COLUMNS;
  const place = [Math.floor(column / cell), Math.floor(row / cell)] as const;
  const label = place[1] * COLUMNS + place[0] + 1;
  if (label > STRUCTURES.length) return 0;
  const dx = column - (place[0] + 0.5) * cell;
  const dy = row - (place[1] + 0.5) * cell;
  const dz = ((slice - SLICES / 2) / (SLICES / 2)) * RADIUS;
  return dx * dx + dy * dy + dz * dz < RADIUS * RADIUS ? label : 0;
}
