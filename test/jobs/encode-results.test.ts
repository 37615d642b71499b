import { describe, expect, it } from '@jest/globals';
import type { StoreOrder } from '../../src/contracts/index.ts';
import { measure } from '../../src/findings/index.ts';
import { encodeResults } from '../../src/jobs/encode-results.ts';
import { orderedOutput } from '../../src/jobs/output-settings.ts';
import { mergedStructures, shapeLabels } from '../../src/imaging/index.ts';
import { compareContent, readSeg, toSegmentVolume } from '../../src/results/index.ts';
import { contentTree, named } from '../support/content-tree.ts';
import { rawItems, rawTexts, readRaw } from '../support/dicom-objects.ts';
import { STRUCTURE_NAMES, STRUCTURES } from '../support/structures.ts';
import { makeLabels, makeVolume } from '../support/volume.ts';

const volume = makeVolume({ shape: [6, 16, 8] });
const labels = makeLabels(volume, STRUCTURE_NAMES, (column, row, slice) =>
  slice === 1 ? 0 : ([0, 5, 10, 11][(column + 2 * row + slice) % 4] ?? 0),
);

function encoded(change: Partial<StoreOrder>) {
  const order = { seg: 'binary' as const, sr: true, ...change };
  const { results, problems } = encodeResults({
    volume,
    labels,
    findings: measure(volume, shapeLabels(labels, order), mergedStructures(STRUCTURES, order)),
    structures: STRUCTURES,
    node: 'radiology-1',
    version: '0.1.0',
    content: 'c0ffee',
    run: 1,
    instanceNumber: 1,
    encodedAt: '2024-03-01T10:00:00.000Z',
    order,
    predecessor: null,
    manufacturer: 'Makers of Models',
  });
  expect(problems).toEqual([]);
  return results;
}

/** Structures that a report measures, by their tracking identifiers. */
function measured(sr: Uint8Array): (string | null | undefined)[] {
  const groups = named(contentTree(readRaw(sr)), '126010')[0]?.children ?? [];
  return groups.map((group) => named(group.children, '112039')[0]?.value);
}

describe('the content of pictures', () => {
  it('is compared when they are read back', () => {
    const pictures = encoded({ pictures: true })[2]?.bytes ?? new Uint8Array();
    const changed = pictures.slice();
    changed[changed.length - 1] = 7;
    expect(compareContent(pictures, pictures.slice()).differing).toEqual([]);
    expect(compareContent(pictures, changed).differing).toEqual(['PixelData']);
  });
});

describe('results as a rule orders them', () => {
  it('are a BINARY SEG and a report unless it says otherwise', () => {
    const [seg, sr] = encoded({});
    expect(readSeg(seg?.bytes ?? new Uint8Array()).kind).toBe('BINARY');
    expect(measured(sr?.bytes ?? new Uint8Array())).toEqual([
      'liver (demo)',
      'left_lung (demo)',
      'right_lung (demo)',
    ]);
  });

  it('are a label map where it wants one, compressed or not', () => {
    for (const compress of [false, true]) {
      const [seg] = encoded({ seg: 'labelmap', compress });
      const read = readSeg(seg?.bytes ?? new Uint8Array());
      expect(read.kind).toBe('LABELMAP');
      expect(Buffer.compare(toSegmentVolume(read, volume).voxels, labels.voxels)).toBe(0);
    }
  });

  it('are the report alone where it wants no SEG', () => {
    const [sr, ...more] = encoded({ seg: 'none' });
    expect([sr?.kind, more]).toEqual(['SR', []]);
  });

  it('have pictures of the SEG behind the report where it wants them, never without the SEG', () => {
    const [seg, sr, pictures, ...more] = encoded({ pictures: true });
    expect([seg?.kind, sr?.kind, pictures?.kind, more]).toEqual(['SEG', 'SR', 'SC', []]);
    expect(pictures?.sopClassUid).toBe('1.2.840.10008.5.1.4.1.1.7.4');
    const shown = rawItems(readRaw(pictures?.bytes ?? new Uint8Array()), '00082112').at(-1);
    expect(rawTexts(shown, '00081155')).toEqual([seg?.sopInstanceUid]);
    expect(encoded({ seg: 'none', pictures: true }).map(({ kind }) => kind)).toEqual(['SR']);
  });

  it('hold merged and chosen structures in SEG and report, and say so', () => {
    const [seg, sr] = encoded({
      merge: { lungs: ['left_lung', 'right_lung'] },
      structures: ['lungs'],
      smooth: 1,
    });
    const read = readSeg(seg?.bytes ?? new Uint8Array());
    expect(read.segments.map(({ label, modifier }) => [label, modifier])).toEqual([
      ['lungs', null],
    ]);
    expect(measured(sr?.bytes ?? new Uint8Array())).toEqual(['lungs (demo)']);
    const text = Buffer.from(seg?.bytes ?? []).toString('latin1');
    expect(text).toContain('merged lungs=left_lung+right_lung; structures=lungs');
    expect(text).toContain('smoothing=majority 3x3x3, 1 passes');
  });
});

describe('the identity of what is ordered', () => {
  const store = { seg: 'binary', sr: true, to: 'main' } as const;

  it('is that of earlier versions where a rule says nothing new', () => {
    expect(orderedOutput(store)).toEqual({});
    expect(orderedOutput({ ...store, smooth: 0, merge: {}, compress: true })).toEqual({});
  });

  it('differs with encoding, structures, groups and smoothing, not with the order of names', () => {
    const orders: StoreOrder[] = [
      store,
      { ...store, seg: 'labelmap' },
      { ...store, seg: 'labelmap', compress: true },
      { ...store, structures: ['liver'] },
      { ...store, merge: { lungs: ['left_lung', 'right_lung'] } },
      { ...store, smooth: 2 },
      { ...store, pictures: true },
      { ...store, seg: 'none' },
      { ...store, sr: false },
    ];
    const texts = orders.map((order) => JSON.stringify(orderedOutput(order)));
    expect(new Set(texts).size).toBe(orders.length);
    expect(orderedOutput({ ...store, structures: ['spleen', 'liver'] })).toEqual(
      orderedOutput({ ...store, structures: ['liver', 'spleen'] }),
    );
  });
});
