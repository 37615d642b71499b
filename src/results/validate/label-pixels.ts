import { itemsOf, numberOf, type ReadFile } from '../read/dataset.ts';
import { nativePixels } from '../read/pixels.ts';
import type { ValidationReport } from './report.ts';

/** Every frame of a label map holds something, every value is described, every segment occurs. */
export function checkLabelPixels(file: ReadFile, report: ValidationReport): void {
  const { dataset } = file;
  const pixels = nativePixels(file);
  const area = (numberOf(dataset, 'Rows') ?? 0) * (numberOf(dataset, 'Columns') ?? 0);
  const frames = itemsOf(dataset, 'PerFrameFunctionalGroupsSequence').length;
  report.expect(
    pixels.length === frames * area,
    'pixel-length',
    'PixelData',
    `Pixel Data has ${pixels.length} pixels, ${frames} frames need ${frames * area}.`,
  );
  const used = new Uint8Array(256);
  for (let frame = 0; frame < frames; frame += 1) {
    let any = 0;
    for (const value of pixels.subarray(frame * area, (frame + 1) * area)) {
      used[value] = 1;
      any |= value;
    }
    const path = `PerFrameFunctionalGroupsSequence[${frame + 1}]`;
    report.expect(any !== 0, 'empty-frame', path, `Frame ${frame + 1} has no voxel.`);
  }
  const described = new Set(
    itemsOf(dataset, 'SegmentSequence').map((segment) => numberOf(segment, 'SegmentNumber')),
  );
  used.forEach((is, value) => {
    if (is === 1 && !described.has(value)) {
      report.error('unknown-segment', 'PixelData', `Pixels hold ${value}, which is not described.`);
    }
    if (is === 0 && value > 0 && described.has(value)) {
      report.error('segment-without-frame', 'SegmentSequence', `Segment ${value} has no voxel.`);
    }
  });
}
