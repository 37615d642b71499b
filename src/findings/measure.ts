import { fault } from '../contracts/index.ts';
import type { Findings, Labels, Structure, StructureFindings, Volume } from '../contracts/index.ts';

import { accumulate, gather } from './accumulate.ts';
import type { Tally } from './accumulate.ts';
import { runGate, worstLevel } from './gate.ts';
import type { GateOptions } from './gate.ts';
import { median } from './select.ts';

/**
 * Measures every structure on the source grid and runs the gate (dicom-seg-sr §2.3 and 2.4): volume =
 * voxels × row spacing × column spacing × centre-to-centre distance; mean, population SD, exact
 * median, minimum and maximum of the rescaled values, padding left out; centroid in patient LPS mm.
 * Structures without a voxel are left out.
 *
 * @param structures the structures that Situs knows; their laterality tells the pairs.
 * @throws SitusError INVALID_LABEL (a fault) when the labels hold a value without a structure or lie
 *   on another grid than the volume.
 */
export function measure(
  volume: Volume,
  labels: Labels,
  structures: readonly Structure[],
  options: GateOptions = {},
): Findings {
  refuseOtherGrid(volume, labels);
  const tallies = accumulate(volume, labels);
  refuseUnknownLabels(tallies, labels);
  const values = gather(volume, labels, tallies);
  const found = tallies.flatMap((tally, label) => {
    const name = labels.structures[label];
    if (tally === null || name === undefined) return [];
    return [findingsOf(volume, label, name, tally, values[label] ?? new Float32Array(0))];
  });
  const gate = runGate(found, structures, options);
  return { unit: volume.unit, structures: found, gate, level: worstLevel(gate) };
}

function findingsOf(
  volume: Volume,
  label: number,
  structure: string,
  tally: Tally,
  values: Float32Array,
): StructureFindings {
  const [between, rowSpacing, columnSpacing] = volume.spacing;
  return {
    label,
    structure,
    voxels: tally.voxels,
    volumeMl: (tally.voxels * between * rowSpacing * columnSpacing) / 1000,
    intensity: tally.measured === 0 ? null : intensityOf(tally, values),
    truncated: tally.truncated,
    centroid: centroidOf(volume, tally),
  };
}

function intensityOf(tally: Tally, values: Float32Array) {
  const mean = tally.sum / tally.measured;
  let squares = 0;
  for (const value of values) squares += (value - mean) * (value - mean);
  return {
    mean,
    sd: Math.sqrt(squares / tally.measured),
    median: median(values),
    minimum: tally.minimum,
    maximum: tally.maximum,
  };
}

function centroidOf({ affine }: Volume, tally: Tally): [number, number, number] {
  const column = tally.columns / tally.voxels;
  const row = tally.rows / tally.voxels;
  const slice = tally.slices / tally.voxels;
  const along = (axis: 0 | 1 | 2): number => {
    const [a = 0, b = 0, c = 0, d = 0] = affine.slice(4 * axis, 4 * axis + 4);
    return a * column + b * row + c * slice + d;
  };
  return [along(0), along(1), along(2)];
}

function refuseOtherGrid(volume: Volume, labels: Labels): void {
  const same = volume.shape.every((size, axis) => size === labels.shape[axis]);
  if (same && labels.voxels.length === volume.voxels.length) return;
  throw fault(
    'INVALID_LABEL',
    `The labels are on a grid of ${labels.shape.join(' × ')}, the volume on ${volume.shape.join(' × ')}.`,
    { labels: labels.shape, volume: volume.shape },
  );
}

function refuseUnknownLabels(tallies: readonly (Tally | null)[], labels: Labels): void {
  const unknown = tallies.flatMap((tally, label) =>
    tally !== null && labels.structures[label] === undefined ? [label] : [],
  );
  if (unknown.length === 0) return;
  throw fault(
    'INVALID_LABEL',
    `The network's output holds the label(s) ${unknown.join(', ')}, for which the model has no structure.`,
    { labels: unknown, known: Object.keys(labels.structures).length },
  );
}
