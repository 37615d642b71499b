import type { Volume } from '../../contracts/index.ts';
import { GLYPH, textWidth } from '../../imaging/index.ts';
import { heldSlices, type PresentSegment, type Presence } from '../segments.ts';

/** Bounds of a slice's longest side in pixels: others are sampled down, or up to be seen beside the legend. */
const LONGEST_SIDE = { least: 384, most: 512 } as const;
const MOST_FRAMES = 100;
/** Of pixel data: what archives and viewers without SEG support take without trouble. */
const MOST_BYTES = 64 * 2 ** 20;
const MARGIN = 6;
const SWATCH = 8;

/** How the pictures are laid out. */
export interface CapturePlan {
  readonly rows: number;
  readonly columns: number;
  /** Size of the slice at the top left; the legend is on its right. */
  readonly slice: { readonly width: number; readonly height: number };
  readonly legend: {
    readonly left: number;
    readonly swatch: number;
    readonly margin: number;
    readonly line: number;
  };
  /** Slices that are shown, ascending along the normal. */
  readonly slices: readonly number[];
  /** Every how many slices one is shown. */
  readonly every: number;
}

/**
 * Lays out the pictures: the slices from the first to the last that holds a structure, every n-th
 * so that there are at most 100 and all pixels together stay below 64 MiB; square pixels, as fine as
 * the finer side of the source's, the longest side of a slice 384 to 512; the legend beside it.
 * @param lines of text above the names of the structures.
 */
export function planCapture(
  volume: Volume,
  presence: Presence,
  segments: readonly PresentSegment[],
  lines: readonly string[],
): CapturePlan {
  const slice = sliceSize(volume);
  const names = segments.map(({ structure }) => structure.name);
  const widest = Math.max(
    ...lines.map(textWidth),
    ...names.map((name) => SWATCH + MARGIN + textWidth(name)),
  );
  const high = 2 * MARGIN + (lines.length + 1 + names.length) * GLYPH.line;
  const columns = even(slice.width + widest + 2 * MARGIN);
  const rows = Math.max(slice.height, high);
  const most = Math.max(1, Math.min(MOST_FRAMES, Math.floor(MOST_BYTES / (3 * rows * columns))));
  const held = heldSlices(presence);
  const [first = 0] = held;
  const count = (held.at(-1) ?? first) - first + 1;
  const every = Math.ceil(count / most);
  return {
    rows,
    columns,
    slice,
    legend: { left: slice.width + MARGIN, swatch: SWATCH, margin: MARGIN, line: GLYPH.line },
    slices: Array.from({ length: Math.ceil(count / every) }, (_, index) => first + index * every),
    every,
  };
}

function sliceSize({ shape, spacing }: Volume): CapturePlan['slice'] {
  const [, rows, columns] = shape;
  const [, rowStep, columnStep] = spacing;
  const [high, wide] = [rows * rowStep, columns * columnStep];
  const longest = Math.max(high, wide);
  const pixel = Math.min(
    Math.max(Math.min(rowStep, columnStep), longest / LONGEST_SIDE.most),
    longest / LONGEST_SIDE.least,
  );
  const pixels = (length: number) => Math.max(1, Math.round(length / pixel));
  return { width: pixels(wide), height: pixels(high) };
}

/** Frames of an even length, so that no byte of the pixel data lies between them. */
function even(length: number): number {
  return length + (length % 2);
}
