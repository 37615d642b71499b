import dcmjs from 'dcmjs';
import { describe, expect, it } from '@jest/globals';
import { phantomSeries } from '../../../src/demo/index.ts';
import type { DicomFile, PhantomSeriesOptions } from '../../../src/demo/index.ts';

interface Read {
  values(tag: string): readonly unknown[];
  numbers(tag: string): number[];
  pixels: Int16Array;
}

function read(file: DicomFile): Read {
  const { dict } = dcmjs.data.DicomMessage.readFile(file.bytes.slice().buffer);
  const values = (tag: string): readonly unknown[] => dict[tag]?.Value ?? [];
  const [pixels] = values('7FE00010');
  return {
    values,
    numbers: (tag) => values(tag).map(Number),
    pixels: new Int16Array(pixels as ArrayBuffer),
  };
}

const small = { phantomSpacing: 5, pixel: 4, sliceSpacing: 12 } as const;

describe.each<[string, Omit<PhantomSeriesOptions, 'seed'>, 'in_phase' | 'haste' | 'ct']>([
  ['dual echo, tilted', { kind: 't1_dual_echo', tilt: [3, 0, -2] }, 'in_phase'],
  ['single shot, axial', { kind: 'haste' }, 'haste'],
  ['single shot, coronal', { kind: 'haste', orientation: 'coronal' }, 'haste'],
  ['single shot, sagittal', { kind: 'haste', orientation: 'sagittal' }, 'haste'],
  ['CT', { kind: 'ct' }, 'ct'],
])('a series of a phantom (%s)', (_name, options, image) => {
  const series = phantomSeries({ seed: 9502, ...small, ...options });
  const { scan } = series;
  const [slices, rows, columns] = scan.shape;
  const all = series.files.map(read);
  // Of two echoes the in-phase one is the second.
  const files = all.filter((f) => image !== 'in_phase' || f.numbers('00180086')[0] === 2);

  it('has one instance a slice', () => {
    expect(files).toHaveLength(slices);
    expect(new Set(series.files.map((f) => f.sopInstanceUid)).size).toBe(series.files.length);
  });

  it('says in its headers where its voxels are', () => {
    const a = scan.affine;
    const step = (k: number): number[] => [0, 1, 2].map((i) => a[4 * i + k] ?? 0);
    for (const f of files) {
      expect([f.numbers('00280010')[0], f.numbers('00280011')[0]]).toEqual([rows, columns]);
      const [rowSpacing = 0, columnSpacing = 0] = f.numbers('00280030');
      const o = f.numbers('00200037');
      step(0).forEach((v, i) => expect((o[i] ?? 9) * columnSpacing).toBeCloseTo(v, 4));
      step(1).forEach((v, i) => expect((o[i + 3] ?? 9) * rowSpacing).toBeCloseTo(v, 4));
    }
    // The slice nearest to each position is hit exactly, and each slice once.
    const normal = step(2).map((v) => v / scan.spacing[0]);
    const along = (p: readonly number[]): number =>
      p.reduce((sum, v, i) => sum + v * (normal[i] ?? 0), 0);
    const hit = files.map((f) => (along(f.numbers('00200032')) - along(step(3))) / scan.spacing[0]);
    hit.forEach((s) => expect(s).toBeCloseTo(Math.round(s), 3));
    expect(new Set(hit.map(Math.round))).toEqual(
      new Set(Array.from({ length: slices }, (_, i) => i)),
    );
  });

  it('stores the voxels of the scan', () => {
    const a = scan.affine;
    for (const f of files.slice(0, 3)) {
      const p = f.numbers('00200032');
      const s = Array.from({ length: slices }, (_, n) => n).find((n) =>
        [0, 1, 2].every(
          (i) => Math.abs((a[4 * i + 2] ?? 0) * n + (a[4 * i + 3] ?? 0) - (p[i] ?? 0)) < 0.01,
        ),
      );
      if (s === undefined) throw new Error('no such slice');
      const [slope = 1] = f.numbers('00281053');
      const [intercept = 0] = f.numbers('00281052');
      const plane = rows * columns;
      expect(f.pixels.map((v) => v * slope + intercept)).toEqual(
        scan.images[image]?.slice(s * plane, (s + 1) * plane),
      );
    }
  });

  it('names its patient in UTF-8', () => {
    const { attributes } = { attributes: files[0]?.values('00100010') };
    expect(JSON.stringify(attributes)).toMatch(/[äöüßÄÖÜ]/);
  });
});

describe('a series of a phantom', () => {
  it('has the same bytes each time', () => {
    const make = (): readonly DicomFile[] =>
      phantomSeries({ seed: 3, kind: 'haste', ...small }).files;
    const [a, b] = [make(), make()];
    expect(b.map((f) => f.sopInstanceUid)).toEqual(a.map((f) => f.sopInstanceUid));
    a.forEach((f, i) => expect(Buffer.compare(f.bytes, b[i]?.bytes ?? new Uint8Array())).toBe(0));
  });
});
