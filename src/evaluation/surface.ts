import type { Shape } from '../contracts/index.ts';

/** First and last voxel (inclusive) of a region, [slice, row, column]. */
export interface Box {
  readonly first: readonly [number, number, number];
  readonly last: readonly [number, number, number];
}

/**
 * The surface of a structure inside a box that holds all of it. The lattice points lie at the corners
 * of voxels, so there is one more of them than voxels along each axis; each has the neighbour code of
 * the eight voxels around it: 0 outside, 255 inside, anything else is a surface element. Voxels
 * outside the volume are background, so a structure cut by the field of view is closed there.
 */
export interface Surface {
  readonly codes: Uint8Array;
  readonly shape: Shape;
  /** Surface elements in each slice of the lattice. */
  readonly perSlice: Uint32Array;
  readonly elements: number;
}

/** Lattice of the surface between the voxels that hold `value` and all others. */
export function surfaceOf(labels: Uint8Array, shape: Shape, box: Box, value: number): Surface {
  const [, rows, columns] = shape;
  const [z0, y0, x0] = box.first;
  const height = box.last[1] - y0 + 1;
  const width = box.last[2] - x0 + 1;
  const lattice: Shape = [box.last[0] - z0 + 2, height + 1, width + 1];
  const line = width + 1;
  const plane = line * (height + 1);
  const codes = new Uint8Array(lattice[0] * plane);
  const perSlice = new Uint32Array(lattice[0]);
  // Of each pair of neighbours in a row, 2 for the left and 1 for the right one being inside.
  let above = new Uint8Array(plane);
  let here = new Uint8Array(plane);
  let elements = 0;
  for (let slice = 0; slice < lattice[0]; slice += 1) {
    const inside = slice < lattice[0] - 1;
    if (inside) pairs(labels, ((z0 + slice) * rows + y0) * columns + x0, columns, value, here, height, width);
    else here.fill(0); // prettier-ignore
    let found = 0;
    const at = slice * plane;
    for (let column = 0; column < line; column += 1) {
      const code = ((above[column] ?? 0) << 4) | (here[column] ?? 0);
      codes[at + column] = code;
      if (code !== 0) found += 1;
    }
    for (let point = line; point < plane; point += 1) {
      const code =
        ((above[point - line] ?? 0) << 6) |
        ((above[point] ?? 0) << 4) |
        ((here[point - line] ?? 0) << 2) |
        (here[point] ?? 0);
      codes[at + point] = code;
      if (code !== 0 && code !== 255) found += 1;
    }
    perSlice[slice] = found;
    elements += found;
    [above, here] = [here, above];
  }
  return { codes, shape: lattice, perSlice, elements };
}

/** Fills `to` (height + 1 lines of width + 1) from one slice of the box; its last line stays 0. */
function pairs(
  labels: Uint8Array,
  start: number,
  columns: number,
  value: number,
  to: Uint8Array,
  height: number,
  width: number,
): void {
  let at = 0;
  for (let row = 0; row < height; row += 1) {
    let left = 0;
    const from = start + row * columns;
    for (let column = 0; column < width; column += 1) {
      const inside = labels[from + column] === value ? 1 : 0;
      to[at] = left + inside;
      left = 2 * inside;
      at += 1;
    }
    to[at] = left;
    at += 1;
  }
  to.fill(0, at);
}
