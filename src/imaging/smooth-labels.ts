import type { Shape } from '../contracts/index.ts';

/**
 * A majority filter over the 27 voxels around each: a voxel takes the label that most of them have;
 * where several have as many, it keeps its own if that is among them, else the lowest. Outside the
 * volume nothing is counted. Voxels whose six neighbours have its label already keep it.
 * @param passes how often it is applied
 * @returns labels of the same shape and order
 */
export function smoothLabels(labels: Uint8Array, shape: Shape, passes: number): Uint8Array {
  let before = labels;
  for (let pass = 0; pass < passes; pass += 1) before = majority(before, shape);
  return before;
}

function majority(labels: Uint8Array, [slices, rows, columns]: Shape): Uint8Array {
  const smooth = Uint8Array.from(labels);
  const area = rows * columns;
  const counts = new Uint8Array(256);
  for (let slice = 0; slice < slices; slice += 1) {
    for (let row = 0; row < rows; row += 1) {
      const line = slice * area + row * columns;
      for (let column = 0; column < columns; column += 1) {
        const at = line + column;
        const own = labels[at] ?? 0;
        const calm =
          (column === 0 || labels[at - 1] === own) &&
          (column === columns - 1 || labels[at + 1] === own) &&
          (row === 0 || labels[at - columns] === own) &&
          (row === rows - 1 || labels[at + columns] === own) &&
          (slice === 0 || labels[at - area] === own) &&
          (slice === slices - 1 || labels[at + area] === own);
        if (calm) continue;
        smooth[at] = commonest(
          labels,
          counts,
          own,
          [Math.max(0, slice - 1), Math.min(slices - 1, slice + 1)],
          [Math.max(0, row - 1), Math.min(rows - 1, row + 1)],
          [Math.max(0, column - 1), Math.min(columns - 1, column + 1)],
          area,
          columns,
        );
      }
    }
  }
  return smooth;
}

type Range = readonly [number, number];

/** @param counts all 0; left so */
function commonest(
  labels: Uint8Array,
  counts: Uint8Array,
  own: number,
  slices: Range,
  rows: Range,
  columns: Range,
  area: number,
  width: number,
): number {
  const seen: number[] = [];
  for (let slice = slices[0]; slice <= slices[1]; slice += 1) {
    for (let row = rows[0]; row <= rows[1]; row += 1) {
      for (let column = columns[0]; column <= columns[1]; column += 1) {
        const label = labels[slice * area + row * width + column] ?? 0;
        if (counts[label] === 0) seen.push(label);
        counts[label] = (counts[label] ?? 0) + 1;
      }
    }
  }
  let best = own;
  for (const label of seen.sort((a, b) => a - b)) {
    if ((counts[label] ?? 0) > (counts[best] ?? 0)) best = label;
  }
  for (const label of seen) counts[label] = 0;
  return best;
}
