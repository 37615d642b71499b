import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keepSlices, splitPieces } from '../../../src/segmentation/inference/pieces.ts';
import { errorOf } from '../support/errors.ts';

/** `mrsegmentator.utils.split_image` and `stitch_segmentations` on a list of slice numbers. */
function splitAndStitch(slices: number, level: number): { pieces: number[][]; stitched: number[] } {
  let pieces = [Array.from({ length: slices }, (_, slice) => slice)];
  for (let round = 0; round < level; round += 1) {
    pieces = pieces.flatMap((piece) => {
      const half = Math.floor(piece.length / 2);
      return [piece.slice(0, half + 3), piece.slice(half - 3)];
    });
  }
  let parts = pieces;
  for (let round = 0; round < level; round += 1) {
    parts = parts.flatMap((part, i) =>
      i % 2 === 0 ? [[...part.slice(0, -3), ...(parts[i + 1] ?? []).slice(3)]] : [],
    );
  }
  return { pieces, stitched: parts[0] ?? [] };
}

describe('splitting along body height', () => {
  it('cuts the same pieces as MRSegmentator and keeps each slice once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 12, max: 400 }), fc.integer({ min: 0, max: 4 }), (n, level) => {
        const pieces = splitPieces(n, level);
        const expected = splitAndStitch(n, level);
        expect(pieces.map(({ start, end }) => [start, end - 1])).toEqual(
          expected.pieces.map((piece) => [piece[0], piece.at(-1)]),
        );
        const kept = pieces.flatMap(({ kept: [from, to] }) =>
          Array.from({ length: to - from }, (_, i) => from + i),
        );
        expect(kept).toEqual(expected.stitched);
      }),
      { seed: 5 },
    );
  });

  it('gives one piece at level 0, however thin', () => {
    expect(splitPieces(1, 0)).toEqual([{ start: 0, end: 1, kept: [0, 1] }]);
  });

  it('refuses what MRSegmentator would lose slices of', () => {
    expect(splitPieces(6, 1)).toHaveLength(2);
    const error = errorOf(() => splitPieces(5, 1));
    expect(error?.code).toBe('VOLUME_TOO_THIN_TO_SPLIT');
    expect(error?.errorClass).toBe('refuse');
    expect(error?.message).toContain('5 slices');
  });

  it('copies kept slices through a flipped view and leaves the others', () => {
    const source = Uint8Array.from({ length: 12 }, (_, i) => i + 1);
    const target = new Uint8Array(12);
    const view = { shape: [3, 2, 2], stride: [-4, 2, 1], base: 8 } as const;
    keepSlices(source, target, view, [0, 2]);
    expect([...target]).toEqual([0, 0, 0, 0, 5, 6, 7, 8, 9, 10, 11, 12]);
  });
});
