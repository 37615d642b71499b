import { PNG } from 'pngjs';

import type { Labels, Shape, Volume } from '../contracts/index.ts';

import { patientAxes } from './patient-axes.ts';
import type { PatientAxis } from './patient-axes.ts';
import { placeText } from './pictures/directions.ts';
import { drawPlane, markPlane, type Plane, type Scene, type Side } from './pictures/plane.ts';
import { newRaster, type Box, type Raster, type Rgb } from './pictures/raster.ts';
import { windowOf } from './pictures/window.ts';

type AxisNumber = 0 | 1 | 2;

interface View {
  /** Patient axis that runs to the right of the picture, and whether against its positive direction. */
  readonly right: { readonly axis: AxisNumber; readonly against: boolean };
  readonly down: { readonly axis: AxisNumber; readonly against: boolean };
  readonly through: AxisNumber;
  readonly marks: { readonly left: string; readonly right: string };
}

const [LEFT, POSTERIOR, SUPERIOR] = [0, 1, 2] as const;
/** Axial and coronal as radiologists look at them, the patient's left on the right; sagittal facing left. */
const AXIAL: View = {
  right: { axis: LEFT, against: false },
  down: { axis: POSTERIOR, against: false },
  through: SUPERIOR,
  marks: { left: 'R', right: 'L' },
};
const VIEWS: readonly View[] = [
  AXIAL,
  {
    right: { axis: LEFT, against: false },
    down: { axis: SUPERIOR, against: true },
    through: POSTERIOR,
    marks: { left: 'R', right: 'L' },
  },
  {
    right: { axis: POSTERIOR, against: false },
    down: { axis: SUPERIOR, against: true },
    through: LEFT,
    marks: { left: 'A', right: 'P' },
  },
];
/** Height or width of the longest side of the volume, in pixels. */
const LONGEST_SIDE = 360;
const NARROWEST = 1024;
const GAP = 6;
/** Axial slices under the planes: rows of five show small organs and still fit a page. */
const MOSAIC = { columns: 5, rows: 3 } as const;
/** One filter (Sub): trying all of them takes most of the time and saves little. */
const PNG_OPTIONS = { filterType: 1, colorType: 2, inputColorType: 2 } as const;

interface Axis extends PatientAxis {
  readonly count: number;
  /** mm a voxel */
  readonly step: number;
  /** Distance in the voxel array between neighbours. */
  readonly stride: number;
}

type Axes = readonly [Axis, Axis, Axis];

/**
 * A PNG of what was found, in true proportions, with the outline of every structure in its colour:
 * one axial, one coronal and one sagittal slice, each through the most labelled voxels, and under
 * them up to fifteen axial slices evenly through the segmented part, from top to bottom. Each says
 * which side is which and where it lies, in mm from the origin of the patient's coordinates.
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
  const scale = Math.max(...axes.map(({ count, step }) => count * step)) / LONGEST_SIDE;
  const planes = VIEWS.map((view) => ({ view, ...sizeOf(view, axes, scale) }));
  const planesWidth = planes.reduce((sum, { width }) => sum + width, GAP * (VIEWS.length - 1));
  const planesHeight = Math.max(...planes.map(({ height }) => height));
  const width = Math.max(planesWidth, NARROWEST);
  const tileWidth = Math.floor((width - GAP * (MOSAIC.columns - 1)) / MOSAIC.columns);
  const across = axes[AXIAL.right.axis];
  const tile = sizeOf(AXIAL, axes, (across.count * across.step) / tileWidth);
  const { most, first, last } = labelledPart(labels.voxels, axes, volume.shape);
  const slices = mosaicSlices(axes[SUPERIOR], first, last);
  const rows = Math.ceil(slices.length / MOSAIC.columns);
  const raster = newRaster(width, planesHeight + rows * (tile.height + GAP));
  const scene: Scene = {
    voxels: volume.voxels,
    labels: labels.voxels,
    colours,
    grey: windowOf(volume).grey,
  };
  const draw = (view: View, index: number, box: Box): void => {
    drawPlane(raster, box, planeOf(view, axes, index), scene);
    const title = placeText(volume.affine, view.through, centreOf(volume.shape, view, axes, index));
    markPlane(raster, box, { ...view.marks, title });
  };
  let left = 0;
  for (const { view, ...size } of planes) {
    draw(view, most[view.through], { left, top: 0, ...size });
    left += size.width + GAP;
  }
  slices.forEach((slice, i) => {
    const top = planesHeight + GAP + Math.floor(i / MOSAIC.columns) * (tile.height + GAP);
    draw(AXIAL, slice, { left: (i % MOSAIC.columns) * (tile.width + GAP), top, ...tile });
  });
  return pngOf(raster);
}

function pngOf({ width, height, pixels }: Raster): Uint8Array {
  const png = new PNG({ width, height });
  png.data = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  return PNG.sync.write(png, { ...PNG_OPTIONS, inputHasAlpha: false });
}

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

function sizeOf(
  { right, down }: View,
  axes: Axes,
  scale: number,
): { width: number; height: number } {
  const pixels = ({ count, step }: Axis) => Math.max(1, Math.round((count * step) / scale));
  return { width: pixels(axes[right.axis]), height: pixels(axes[down.axis]) };
}

function planeOf({ right, down, through }: View, axes: Axes, index: number): Plane {
  const side = ({ axis, against }: View['right']): Side => {
    const { count, stride, sign } = axes[axis];
    return { count, stride, falling: (sign === -1) !== against };
  };
  return { base: index * axes[through].stride, right: side(right), down: side(down) };
}

/** Column, row and slice of the centre of a plane. */
function centreOf(
  shape: Shape,
  { through }: View,
  axes: Axes,
  index: number,
): [number, number, number] {
  const centre = shape.map((count) => (count - 1) / 2);
  centre[axes[through].arrayAxis] = index;
  return [centre[2] ?? 0, centre[1] ?? 0, centre[0] ?? 0];
}

/** Indices of the slices of the mosaic, the one nearest to the head first. */
function mosaicSlices({ sign }: Axis, first: number, last: number): number[] {
  const count = Math.min(MOSAIC.columns * MOSAIC.rows, last - first + 1);
  const slices = Array.from({ length: count }, (_, i) =>
    Math.floor(first + ((i + 0.5) * (last - first + 1)) / count),
  );
  return sign === 1 ? slices.reverse() : slices;
}

interface LabelledPart {
  /** Index along L, P and S of the slices with the most labelled voxels. */
  readonly most: readonly [number, number, number];
  /** First and last axial slice with a labelled voxel. */
  readonly first: number;
  readonly last: number;
}

/** Where the labels are; without labels the middle, and all axial slices. */
function labelledPart(labels: Uint8Array, axes: Axes, shape: Shape): LabelledPart {
  const counts = countLabelled(labels, shape);
  const middle = (axis: AxisNumber): number => {
    const of = counts[axes[axis].arrayAxis];
    const most = of.reduce((a, b) => Math.max(a, b), 0);
    return most === 0 ? Math.floor(axes[axis].count / 2) : of.indexOf(most);
  };
  const along = counts[axes[SUPERIOR].arrayAxis];
  const first = along.findIndex((count) => count > 0);
  return {
    most: [middle(0), middle(1), middle(2)],
    first: Math.max(0, first),
    last: first === -1 ? along.length - 1 : along.findLastIndex((count) => count > 0),
  };
}

/** Labelled voxels in every slice, row and column. */
function countLabelled(
  labels: Uint8Array,
  [slices, rows, columns]: Shape,
): readonly [Uint32Array, Uint32Array, Uint32Array] {
  const [ofSlice, ofRow, ofColumn] = [
    new Uint32Array(slices),
    new Uint32Array(rows),
    new Uint32Array(columns),
  ];
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
  return [ofSlice, ofRow, ofColumn];
}
