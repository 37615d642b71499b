import type { Labels, Structure, Volume } from '../../src/contracts/index.ts';

export type Shape = readonly [number, number, number];

/** A volume of given voxels, axial, 2 mm slices of 1 mm pixels, its first voxel at (-10, -20, -30) mm. */
export function volumeOf(
  shape: Shape,
  value: (slice: number, row: number, column: number) => number,
  padding: ((slice: number, row: number, column: number) => boolean) | null = null,
): Volume {
  return {
    voxels: Float32Array.from(everyVoxel(shape, value)),
    shape,
    affine: [1, 0, 0, -10, 0, 1, 0, -20, 0, 0, 2, -30, 0, 0, 0, 1],
    spacing: [2, 1, 1],
    padding:
      padding === null
        ? null
        : Uint8Array.from(everyVoxel(shape, (s, r, c) => (padding(s, r, c) ? 1 : 0))),
    unit: 'HU',
    slices: [],
    source: null,
    warnings: [],
  };
}

export function labelsOf(
  shape: Shape,
  label: (slice: number, row: number, column: number) => number,
  names: readonly string[] = STRUCTURES.map(({ name }) => name),
): Labels {
  return {
    voxels: Uint8Array.from(everyVoxel(shape, label)),
    shape,
    structures: Object.fromEntries(names.map((name, i) => [i + 1, name])),
    run: {
      model: 'test',
      modelVersion: '1',
      modelHash: '',
      folds: [0],
      engine: 'test',
      device: 'cpu',
      threads: 1,
      spacingMode: 'true',
      patches: 1,
      seconds: {},
    },
  };
}

function everyVoxel(
  [slices, rows, columns]: Shape,
  value: (slice: number, row: number, column: number) => number,
): number[] {
  const values: number[] = [];
  for (let s = 0; s < slices; s++)
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) values.push(value(s, r, c));
  return values;
}

const code = (value: string, meaning: string) => ({ value, scheme: 'SCT', meaning });
const LEFT = code('7771000', 'Left');
const RIGHT = code('24028007', 'Right');

function structure(index: number, name: string, laterality: Structure['laterality']): Structure {
  return {
    index,
    name,
    category: code('123037004', 'Anatomical Structure'),
    type: code(String(index), name),
    laterality,
    rgb: [0, 0, 0],
    verified: true,
    source: 'test',
  };
}

export const STRUCTURES: readonly Structure[] = [
  structure(1, 'spleen', null),
  structure(2, 'right_kidney', RIGHT),
  structure(3, 'left_kidney', LEFT),
  structure(4, 'liver', null),
  structure(5, 'aorta', null),
];
