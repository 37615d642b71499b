import { closeSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Volume } from '../../../src/contracts/index.ts';
import type { Vec3 } from '../../../src/segmentation/plans/plan.ts';
import { logitSource, type LogitKind } from '../logits.ts';

/** Arrays of a case lie in files, so that whoever is measured reads the same and holds nothing else. */
const VOXELS = 'voxels.f32';
const ROWS = 'rows.f16';

export const voxelsOf = (shape: Vec3): number => shape[0] * shape[1] * shape[2];

export function writeVoxels(folder: string, shape: Vec3): void {
  writeFloats(join(folder, VOXELS), wavyVoxels(shape));
}

/** Smooth waves and noise in a body that fills the volume but for a thin rim of zeros. */
export function wavyVoxels(shape: Vec3): Float32Array<ArrayBuffer> {
  const voxels = new Float32Array(voxelsOf(shape));
  let state = 1;
  let at = 0;
  for (let z = 0; z < shape[0]; z += 1) {
    for (let y = 0; y < shape[1]; y += 1) {
      const swell = 300 + 90 * Math.sin(0.11 * z) * Math.cos(0.07 * y);
      for (let x = 0; x < shape[2]; x += 1, at += 1) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        const rim = y < 1 || x < 1;
        voxels[at] = rim ? 0 : Math.round(swell + 40 * Math.sin(0.13 * x) + state / 2 ** 27);
      }
    }
  }
  return voxels;
}

export function readVoxels(folder: string): Float32Array<ArrayBuffer> {
  return floats(join(folder, VOXELS));
}

export function floats(file: string): Float32Array<ArrayBuffer> {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

export function writeFloats(file: string, values: Float32Array): void {
  writeFileSync(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

/** A volume whose array is in LPS order already; spacing as [slices, rows, columns] in mm. */
export function volumeOf(voxels: Float32Array, shape: Vec3, spacing: Vec3): Volume {
  const [dz, dy, dx] = spacing;
  return {
    voxels,
    shape,
    spacing,
    affine: [dx, 0, 0, 0, 0, dy, 0, 0, 0, 0, dz, 0, 0, 0, 0, 1],
    padding: null,
    unit: 'arbitrary',
    slices: [],
    source: null,
    warnings: [],
  };
}

/** Logits row by row: halves [channels, y, x] for each z. */
export function writeRows(folder: string, kind: LogitKind, heads: number, grid: Vec3): void {
  const source = logitSource(kind, heads, grid);
  const row = new Float16Array(heads * grid[1] * grid[2]);
  const file = openSync(join(folder, ROWS), 'w');
  for (let z = 0; z < grid[0]; z += 1) {
    source(z, row);
    writeSync(file, new Uint8Array(row.buffer));
  }
  closeSync(file);
}

/** Calls back with each row; the array is reused. */
export function readRows(
  folder: string,
  heads: number,
  grid: Vec3,
  use: (z: number, row: Float16Array<ArrayBuffer>) => void,
): void {
  const row = new Float16Array(heads * grid[1] * grid[2]);
  const file = openSync(join(folder, ROWS), 'r');
  for (let z = 0; z < grid[0]; z += 1) {
    readSync(file, new Uint8Array(row.buffer));
    use(z, row);
  }
  closeSync(file);
}
