import { itemOf, itemsOf, numberOf, type ReadDataset } from '../read/dataset.ts';
import { unpack } from '../read/segmentation.ts';
import type { ValidationReport } from './report.ts';

/**
 * No frame is empty, and no voxel belongs to two segments (Segments Overlap is NO). Frames of one
 * slice are those with one position.
 */
export function checkPixels(dataset: ReadDataset, report: ValidationReport): void {
  const packed = dataset.get('PixelData')?.bytes ?? new Uint8Array(0);
  const area = (numberOf(dataset, 'Rows') ?? 0) * (numberOf(dataset, 'Columns') ?? 0);
  const frames = itemsOf(dataset, 'PerFrameFunctionalGroupsSequence');
  if (packed.length < Math.ceil((frames.length * area) / 8)) return;
  const aligned = area % 8 === 0;
  const bySlice = new Map<string, number[]>();
  frames.forEach((frame, index) => {
    const position = itemOf(frame, 'PlanePositionSequence').get('ImagePositionPatient');
    const key = (position?.values ?? []).join('\\');
    bySlice.set(key, [...(bySlice.get(key) ?? []), index]);
  });
  for (const here of bySlice.values()) {
    const union = new Uint8Array(aligned ? area / 8 : area);
    for (const frame of here) {
      const pixels = aligned
        ? packed.subarray((frame * area) / 8, ((frame + 1) * area) / 8)
        : unpack(packed, frame * area, area);
      const { any, overlap } = merge(union, pixels);
      const path = `PerFrameFunctionalGroupsSequence[${frame + 1}]`;
      report.expect(any, 'empty-frame', path, `Frame ${frame + 1} has no voxel.`);
      report.expect(!overlap, 'overlap', path, `Frame ${frame + 1} shares voxels with another.`);
    }
  }
  const trailing = (frames.length * area) % 8;
  const last = packed[Math.ceil((frames.length * area) / 8) - 1] ?? 0;
  const clean = trailing === 0 || last >> trailing === 0;
  report.expect(clean, 'padding', 'PixelData', 'Bits after the last pixel must be 0.');
}

function merge(union: Uint8Array, pixels: Uint8Array): { any: boolean; overlap: boolean } {
  let any = 0;
  let overlap = 0;
  for (let index = 0; index < union.length; index += 1) {
    const here = pixels[index] ?? 0;
    if (here === 0) continue;
    const before = union[index] ?? 0;
    any |= here;
    overlap |= before & here;
    union[index] = before | here;
  }
  return { any: any !== 0, overlap: overlap !== 0 };
}
