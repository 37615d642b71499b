import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeSeg, encodeSr, readSeg, toSegmentVolume } from '../../src/results/index.ts';
import { acceptanceCases, makeCase } from '../support/acceptance.ts';
import { contentTree, type TreeItem } from '../support/content-tree.ts';
import { dciodvfy, haveTool } from '../support/dciodvfy.ts';
import {
  rawItems,
  rawTexts,
  rawValue,
  readRaw,
  type RawDataset,
} from '../support/dicom-objects.ts';
import { makeSeries } from '../support/dicom.ts';
import { rawFrames, rawGeometry } from '../support/raw-segmentation.ts';
import { makeResultInput } from '../support/results.ts';
import { rleFrames } from '../support/rle.ts';
import { STRUCTURE_NAMES } from '../support/structures.ts';
import { makeLabels, makeVolume } from '../support/volume.ts';

/** Checks 7 to 10 of dicom-seg-sr §4.2. */
const conformance = haveTool('dciodvfy');
const CASES = await acceptanceCases();

/** Every text of every element of a VR, at any depth. */
function textsOfVr(dataset: RawDataset, vr: string): string[] {
  return Object.entries(dataset).flatMap(([tag, element]) => {
    if (element.vr === 'SQ') return rawItems(dataset, tag).flatMap((item) => textsOfVr(item, vr));
    return element.vr === vr ? rawTexts(dataset, tag) : [];
  });
}

describe('decimal strings', () => {
  it('7. of noise, negative exponents and 17 digits read back within 1e-9 in 16 characters', () => {
    // 16 characters hold nine digits only beside an exponent of two.
    const held = (value: number): number => (Math.abs(value) < 1e-99 ? 0 : value);
    const noise = fc.double({ min: -9e-17, max: 9e-17, noNaN: true }).map(held);
    const spacing = fc
      .double({ min: 0.05, max: 9, noNaN: true })
      .map((value) => value.toPrecision(17));
    const origin = fc.oneof(
      fc.double({ min: -900, max: 900, noNaN: true }).map(held),
      fc.double({ min: -1e-5, max: 1e-5, noNaN: true }).map(held),
    );
    fc.assert(
      fc.property(
        fc.tuple(noise, noise, noise, noise),
        fc.tuple(spacing, spacing),
        fc.tuple(origin, origin, origin),
        ([a, b, c, d], pixelSpacing, place) => {
          const plain = makeVolume({ shape: [2, 8, 4], row: [1, 0, 0], column: [0, 1, 0] });
          const orientation = [1, a, b, c, 1, d].map(String);
          const position = [String(place[0]), String(place[1]), String(place[2])] as const;
          const volume = {
            ...plain,
            slices: plain.slices.map((slice, index) => ({
              ...slice,
              imagePositionPatient:
                index === 0
                  ? position
                  : ([position[0], position[1], String(place[2] + 3.3)] as const),
            })),
            source:
              plain.source === null
                ? null
                : { ...plain.source, imageOrientationPatient: orientation, pixelSpacing },
          };
          const input = makeResultInput(
            volume,
            makeLabels(volume, STRUCTURE_NAMES, () => 1),
          );
          const dataset = readRaw(encodeSeg(input).bytes);
          expect(textsOfVr(dataset, 'DS').filter((text) => text.length > 16)).toEqual([]);
          const geometry = rawGeometry(dataset);
          const [frame] = rawFrames(dataset);
          const pairs = [
            ...orientation.map((text, index) => [Number(text), geometry.orientation[index]]),
            ...pixelSpacing.map((text, index) => [Number(text), geometry.pixelSpacing[index]]),
            ...position.map((text, index) => [Number(text), Number(frame?.position[index])]),
          ];
          for (const [wanted = 0, found = Number.NaN] of pairs) {
            expect(Math.abs(found - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * 1e-9);
          }
        },
      ),
      { seed: 20261125, numRuns: 100 },
    );
  });
});

describe('patient and study', () => {
  it.each(['Müller^Änne', 'Yamada^Tarou=山田^太郎=やまだ^たろう'])(
    '8. of %s are copied and readable; what is empty or missing is there and empty',
    async (name) => {
      const { instances } = makeSeries({
        header: {
          SpecificCharacterSet: 'ISO_IR 192',
          PatientName: name,
          PatientBirthDate: '',
          AccessionNumber: '',
          StudyID: undefined,
        },
      });
      const { seg, sr } = await makeCase(
        name,
        instances.map(({ bytes }) => bytes),
      );
      for (const { bytes } of [seg, sr]) {
        const dataset = readRaw(bytes);
        expect(rawTexts(dataset, '00080005')).toEqual(['ISO_IR 192']);
        expect(rawTexts(dataset, '00100010')).toEqual([name]);
        for (const tag of ['00100030', '00080050', '00200010']) {
          expect(dataset[tag]).toBeDefined();
          expect(rawTexts(dataset, tag).join('')).toBe('');
        }
        if (conformance) expect(dciodvfy(bytes)).toEqual([]);
      }
    },
  );
});

describe('UIDs', () => {
  const trackingOf = (items: readonly TreeItem[]): string[] =>
    items.flatMap(({ name, value, children }) => [
      ...(name === '112040' ? [value ?? ''] : []),
      ...trackingOf(children),
    ]);

  it.each(CASES)(
    '9. of $name are legal, kept in a retry, and new in a re-run but for tracking',
    ({ input, findings, seg, sr }) => {
      const [segmentation, report] = [readRaw(seg.bytes), readRaw(sr.bytes)];
      for (const uid of [segmentation, report].flatMap((one) => textsOfVr(one, 'UI'))) {
        expect(uid.length).toBeLessThanOrEqual(64);
        if (uid.startsWith('2.25.')) expect(BigInt(uid.slice(5)) < 1n << 128n).toBe(true);
      }
      const tracking = rawItems(segmentation, '00620002').map(
        (item) => rawTexts(item, '00620021')[0],
      );
      const own = [
        seg.sopInstanceUid,
        seg.seriesInstanceUid,
        sr.sopInstanceUid,
        sr.seriesInstanceUid,
        ...tracking,
      ];
      expect(new Set(own).size).toBe(44);

      const retried = encodeSeg(input);
      expect(Buffer.compare(retried.bytes, seg.bytes)).toBe(0);
      const told = encodeSr({ ...input, findings, segmentation: retried });
      expect(Buffer.compare(told.bytes, sr.bytes)).toBe(0);

      const again = { ...input, identity: { ...input.identity, run: 2, instanceNumber: 2 } };
      const rerun = encodeSeg(again);
      const retold = encodeSr({ ...again, findings, segmentation: rerun, predecessor: sr });
      expect([rerun.sopInstanceUid, retold.sopInstanceUid]).not.toContain(seg.sopInstanceUid);
      expect(retold.sopInstanceUid).not.toBe(sr.sopInstanceUid);
      const kept = rawItems(readRaw(rerun.bytes), '00620002').map(
        (item) => rawTexts(item, '00620021')[0],
      );
      expect(kept).toEqual(tracking);
      expect(trackingOf(contentTree(readRaw(retold.bytes)))).toEqual(tracking);
    },
  );
});

describe('the label map twin', () => {
  it.each(CASES)(
    '10. of $name holds the same labels, plain and in RLE with one fragment a frame',
    ({ volume, labels, input }) => {
      const [, rows, columns] = volume.shape;
      const area = rows * columns;
      const plain = encodeSeg({ ...input, encoding: 'LABELMAP' });
      const packed = encodeSeg({ ...input, encoding: 'LABELMAP', compressed: true });
      const dataset = readRaw(plain.bytes);
      const stored = rawValue(dataset, '7FE00010');
      const pixels = stored instanceof Uint8Array ? stored : new Uint8Array(stored as ArrayBuffer);
      const uncompressed = rawItems(dataset, '52009230').map((_, frame) =>
        pixels.subarray(frame * area, (frame + 1) * area),
      );
      const sources = rawItems(dataset, '52009230').map(
        (frame) => rawTexts(rawItems(rawItems(frame, '00089124')[0], '00082112')[0], '00081155')[0],
      );
      const compressed = rleFrames(packed.bytes, rows, columns);
      expect(compressed).toHaveLength(sources.length);
      for (const frames of [uncompressed, compressed]) {
        const rebuilt = new Uint8Array(labels.voxels.length);
        frames.forEach((frame, index) => {
          const slice = volume.slices.findIndex(
            ({ sopInstanceUid }) => sopInstanceUid === sources[index],
          );
          rebuilt.set(frame, slice * area);
        });
        expect(Buffer.compare(rebuilt, labels.voxels)).toBe(0);
      }
      for (const { bytes } of [plain, packed]) {
        expect(Buffer.compare(toSegmentVolume(readSeg(bytes), volume).voxels, labels.voxels)).toBe(
          0,
        );
      }
    },
  );
});
