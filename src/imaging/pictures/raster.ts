import { dotsOf, GLYPH } from './glyphs.ts';

export type Rgb = readonly [number, number, number];

/** A picture: row-major, red, green and blue of a pixel side by side. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** A part of a picture, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const BLACK: Rgb = [0, 0, 0];

/** A black picture, in memory of its own or in the given array of `3 · width · height` zeros. */
export function newRaster(width: number, height: number, pixels?: Uint8Array): Raster {
  return { width, height, pixels: pixels ?? new Uint8Array(3 * width * height) };
}

function setPixel({ width, height, pixels }: Raster, x: number, y: number, rgb: Rgb): void {
  if (x < 0 || y < 0 || x >= width || y >= height) return;
  pixels.set(rgb, 3 * (y * width + x));
}

export function fillBox(raster: Raster, { left, top, width, height }: Box, rgb: Rgb): void {
  for (let y = top; y < top + height; y += 1) {
    for (let x = left; x < left + width; x += 1) setPixel(raster, x, y, rgb);
  }
}

/** Width of a line of text in pixels. */
export function textWidth(text: string): number {
  return [...text].length * GLYPH.advance;
}

/** Burns in a line of text, its top left at (x, y), with a dark edge that keeps it legible. */
export function drawText(raster: Raster, text: string, x: number, y: number, rgb: Rgb): void {
  const dots = [...text].flatMap((character, index) =>
    dotsOf(character).map(
      ([column, row]) => [x + index * GLYPH.advance + column, y + row] as const,
    ),
  );
  for (const [column, row] of dots) {
    fillBox(raster, { left: column - 1, top: row - 1, width: 3, height: 3 }, BLACK);
  }
  for (const [column, row] of dots) setPixel(raster, column, row, rgb);
}
