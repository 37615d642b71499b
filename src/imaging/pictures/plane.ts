import { drawText, textWidth, type Box, type Raster, type Rgb } from './raster.ts';
import { GLYPH } from './glyphs.ts';

const DEFAULT_COLOUR: Rgb = [255, 255, 0];
const MARK: Rgb = [255, 255, 255];
const EDGE = 3;

/** One side of a picture of a plane of the voxel array. */
export interface Side {
  readonly count: number;
  /** Distance in the voxel array between neighbours. */
  readonly stride: number;
  /** Whether the index falls from left to right, or from top to bottom. */
  readonly falling: boolean;
}

/** A plane of the voxel array. */
export interface Plane {
  /** Offset of its first voxel. */
  readonly base: number;
  readonly right: Side;
  readonly down: Side;
}

/** What is drawn. */
export interface Scene {
  readonly voxels: Float32Array;
  readonly labels: Uint8Array;
  /** By label value; others are yellow. */
  readonly colours: ReadonlyMap<number, Rgb>;
  readonly grey: (value: number) => number;
}

/** Draws a plane into a box of the picture: grey voxels, the outline of every structure in colour. */
export function drawPlane(raster: Raster, box: Box, plane: Plane, scene: Scene): void {
  const { base } = plane;
  const { voxels, labels, colours, grey } = scene;
  const columns = offsets(plane.right, box.width);
  const rows = offsets(plane.down, box.height);
  const labelAt = (x: number, y: number): number => {
    const column = columns[x];
    const row = rows[y];
    return column === undefined || row === undefined ? 0 : (labels[base + row + column] ?? 0);
  };
  for (let y = 0; y < box.height; y += 1) {
    const row = base + (rows[y] ?? 0);
    for (let x = 0; x < box.width; x += 1) {
      const offset = row + (columns[x] ?? 0);
      const at = 3 * ((box.top + y) * raster.width + box.left + x);
      const label = labels[offset] ?? 0;
      const outlined =
        label !== 0 &&
        (label !== labelAt(x - 1, y) ||
          label !== labelAt(x + 1, y) ||
          label !== labelAt(x, y - 1) ||
          label !== labelAt(x, y + 1));
      if (outlined) raster.pixels.set(colours.get(label) ?? DEFAULT_COLOUR, at);
      else raster.pixels.fill(grey(voxels[offset] ?? 0), at, at + 3);
    }
  }
}

/** Marks which side of the patient lies at the left and right edge, and names the plane at the top. */
export function markPlane(
  raster: Raster,
  { left, top, width, height }: Box,
  marks: { readonly left: string; readonly right: string; readonly title: string },
): void {
  const middle = top + Math.floor((height - GLYPH.height) / 2);
  drawText(raster, marks.left, left + EDGE, middle, MARK);
  drawText(raster, marks.right, left + width - EDGE - textWidth(marks.right), middle, MARK);
  drawText(raster, marks.title, left + EDGE, top + EDGE, MARK);
}

/** Offset in the voxel array for every pixel along one side of the picture. */
function offsets({ count, stride, falling }: Side, pixels: number): Int32Array {
  return Int32Array.from({ length: pixels }, (_, i) => {
    const index = Math.min(count - 1, Math.floor(((i + 0.5) * count) / pixels));
    return (falling ? count - 1 - index : index) * stride;
  });
}
