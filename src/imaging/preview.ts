import { PNG } from 'pngjs';

import type { Labels, Shape, Volume } from '../contracts/index.ts';

import { patientAxes } from './patient-axes.ts';
import type { PatientAxis } from './patient-axes.ts';

type Rgb = readonly [number, number, number];

interface View {
  /** Patient axis that runs to the right of the picture, and whether against its positive direction. */
  readonly right: { readonly axis: 0 | 1 | 2; readonly against: boolean };
  readonly down: { readonly axis: 0 | 1 | 2; readonly against: boolean };
  readonly through: 0 | 1 | 2;
}

const [LEFT, POSTERIOR, SUPERIOR] = [0, 1, 2] as const;
/** Axial and coronal as radiologists look at them, the patient's left on the right; sagittal facing left. */
const VIEWS: readonly View[] = [
  {
    right: { axis: LEFT, against: false },
    down: { axis: POSTERIOR, against: false },
    through: SUPERIOR,
  },
  {
    right: { axis: LEFT, against: false },
    down: { axis: SUPERIOR, against: true },
    through: POSTERIOR,
  },
  {
    right: { axis: POSTERIOR, against: false },
    down: { axis: SUPERIOR, against: true },
    through: LEFT,
  },
];
/** Height or width of the longest side of the volume, in pixels. */
const LONGEST_SIDE = 360;
const GAP = 6;
const CT_WINDOW = { low: -160, high: 240 } as const;
const SAMPLES = 50_000;
/** One filter (Sub): trying all of them takes most of the time and saves little. */
const PNG_OPTIONS = { filterType: 1 } as const;
const DEFAULT_COLOUR: Rgb = [255, 255, 0];

interface Axis extends PatientAxis {
  readonly count: number;
  /** mm a voxel */
  readonly step: number;
  /** Distance in the voxel array between neighbours. */
  readonly stride: number;
}

/**
 * A PNG with one axial, one coronal and one sagittal slice, each through the most labelled voxels,
 * in true proportions, with the outline of every structure in its colour.
 *
 * @param labels on the grid of the volume.
 * @param colours by label value; others are yellow.
 */
export function previewPng(
  volume: Volume,
  labels: Labels,
  colours: ReadonlyMap<number, Rgb>,
): Uint8Array {
  const axes = axesOf(volume);
  const longest = Math.max(...axes.map(({ count, step }) => count * step));
  const scale = longest / LONGEST_SIDE;
  const sizes = VIEWS.map(({ right, down }) => ({
    width: pixelsOf(axes[right.axis], scale),
    height: pixelsOf(axes[down.axis], scale),
  }));
  const width = sizes.reduce((sum, size) => sum + size.width, GAP * (VIEWS.length - 1));
  const height = Math.max(...sizes.map((size) => size.height));
  const png = new PNG({ width, height });
  for (let i = 3; i < png.data.length; i += 4) png.data[i] = 255;
  const grey = windowOf(volume);
  const centre = centreOf(labels.voxels, axes, volume.shape);
  let left = 0;
  for (const [i, view] of VIEWS.entries()) {
    const size = sizes[i] ?? { width: 0, height: 0 };
    draw(png, left, size, { view, axes, volume, labels: labels.voxels, colours, grey, centre });
    left += size.width + GAP;
  }
  return PNG.sync.write(png, PNG_OPTIONS);
}

type Axes = readonly [Axis, Axis, Axis];

function axesOf({ affine, shape, spacing }: Volume): Axes {
  const strides = [shape[1] * shape[2], shape[2], 1] as const;
  const [l, p, s] = patientAxes(affine);
  const axis = (patient: PatientAxis): Axis => ({
    ...patient,
    count: shape[patient.arrayAxis],
    step: spacing[patient.arrayAxis],
    stride: strides[patient.arrayAxis],
  });
  return [axis(l), axis(p), axis(s)];
}

function pixelsOf({ count, step }: Axis, scale: number): number {
  return Math.max(1, Math.round((count * step) / scale));
}

interface Scene {
  readonly view: View;
  readonly axes: Axes;
  readonly volume: Volume;
  readonly labels: Uint8Array;
  readonly colours: ReadonlyMap<number, Rgb>;
  readonly grey: (value: number) => number;
  readonly centre: readonly [number, number, number];
}

function draw(
  png: PNG,
  left: number,
  size: { readonly width: number; readonly height: number },
  scene: Scene,
): void {
  const { view, axes, centre } = scene;
  const { through } = view;
  const base = centre[through] * axes[through].stride;
  const columns = offsets(axes[view.right.axis], view.right.against, size.width);
  const rows = offsets(axes[view.down.axis], view.down.against, size.height);
  const labelAt = (x: number, y: number): number => {
    const column = columns[x];
    const row = rows[y];
    return column === undefined || row === undefined ? 0 : (scene.labels[base + row + column] ?? 0);
  };
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const at = 4 * (y * png.width + left + x);
      const label = labelAt(x, y);
      const isInside =
        label === labelAt(x - 1, y) &&
        label === labelAt(x + 1, y) &&
        label === labelAt(x, y - 1) &&
        label === labelAt(x, y + 1);
      if (label !== 0 && !isInside) {
        png.data.set(scene.colours.get(label) ?? DEFAULT_COLOUR, at);
        continue;
      }
      const value = scene.grey(scene.volume.voxels[base + (rows[y] ?? 0) + (columns[x] ?? 0)] ?? 0);
      png.data.fill(value, at, at + 3);
    }
  }
}

/** Offset in the voxel array for every pixel along one side of the picture. */
function offsets(axis: Axis, against: boolean, pixels: number): Int32Array {
  const falling = axis.sign === -1 ? !against : against;
  return Int32Array.from({ length: pixels }, (_, i) => {
    const index = Math.min(axis.count - 1, Math.floor(((i + 0.5) * axis.count) / pixels));
    return (falling ? axis.count - 1 - index : index) * axis.stride;
  });
}

/** Index along L, P and S of the slices with the most labelled voxels; the middle without labels. */
function centreOf(labels: Uint8Array, axes: Axes, shape: Shape): [number, number, number] {
  const [slices, rows, columns] = shape;
  const counts = [
    new Uint32Array(slices),
    new Uint32Array(rows),
    new Uint32Array(columns),
  ] as const;
  const [ofSlice, ofRow, ofColumn] = counts;
  let i = 0;
  for (let slice = 0; slice < slices; slice++) {
    for (let row = 0; row < rows; row++) {
      let inRow = 0;
      for (let column = 0; column < columns; column++, i++) {
        if (labels[i] === 0) continue;
        inRow++;
        ofColumn[column] = (ofColumn[column] ?? 0) + 1;
      }
      ofRow[row] = (ofRow[row] ?? 0) + inRow;
      ofSlice[slice] = (ofSlice[slice] ?? 0) + inRow;
    }
  }
  const middle = (axis: 0 | 1 | 2): number => {
    const of = counts[axes[axis].arrayAxis];
    const most = of.reduce((a, b) => Math.max(a, b), 0);
    return most === 0 ? Math.floor(axes[axis].count / 2) : of.indexOf(most);
  };
  return [middle(0), middle(1), middle(2)];
}

/** Soft tissue for HU; the 1st to the 99.5th percentile otherwise. */
function windowOf(volume: Volume): (value: number) => number {
  const { low, high } = volume.unit === 'HU' ? CT_WINDOW : percentiles(volume);
  const factor = 255 / Math.max(high - low, Number.EPSILON);
  return (value) => (value <= low ? 0 : value >= high ? 255 : ((value - low) * factor + 0.5) | 0);
}

function percentiles({ voxels, padding }: Volume): { low: number; high: number } {
  const step = Math.max(1, Math.floor(voxels.length / SAMPLES));
  const sample: number[] = [];
  for (let i = 0; i < voxels.length; i += step) {
    if (padding?.[i] !== 1) sample.push(voxels[i] ?? 0);
  }
  sample.sort((a, b) => a - b);
  const at = (share: number) => sample[Math.floor(share * (sample.length - 1))] ?? 0;
  return { low: at(0.01), high: at(0.995) };
}
