import { describe, expect, it } from '@jest/globals';
import { compareContent, encodeSeg, readSeg, toSegmentVolume } from '../../src/results/index.ts';
import { altered, rawItems, rawValue, setRaw } from '../support/dicom-objects.ts';
import { makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES } from '../support/structures.ts';
import { makeLabels, makeVolume } from '../support/volume.ts';

const volume = makeVolume();
const labels = makeLabels(volume, STRUCTURE_NAMES, (column, row, slice) =>
  slice === 3 ? 0 : ([0, 2, 5, 40][(column + 2 * row + slice) % 4] ?? 0),
);
const { bytes } = encodeSeg(makeResultInput(volume, labels));
/** Segment numbers of the labels above. */
const NUMBERS = new Map([
  [2, 1],
  [5, 2],
  [40, 3],
]);
const expected = [...labels.voxels].map((label) => NUMBERS.get(label) ?? 0);

/** The file with the transfer syntax of a deflated data set in its meta information. */
function deflated(file: Uint8Array): Uint8Array {
  const changed = Buffer.from(file);
  const at = changed.indexOf('1.2.840.10008.1.2.1\0');
  changed.write('1.2.840.10008.1.2.1.99', at, 'latin1');
  return new Uint8Array(changed);
}

describe('reading a segmentation', () => {
  it('gives back segments, references and every voxel', () => {
    const read = readSeg(bytes);
    expect(read.segments.map(({ number, label }) => [number, label])).toEqual([
      [1, 'right_kidney'],
      [2, 'liver'],
      [3, 'right_gluteus_minimus'],
    ]);
    expect(read.segments[0]?.modifier).toEqual({
      value: '24028007',
      scheme: 'SCT',
      meaning: 'Right',
    });
    expect(read.references).toEqual([
      {
        seriesInstanceUid: volume.source?.seriesInstanceUid,
        sopInstanceUids: volume.slices.map(({ sopInstanceUid }) => sopInstanceUid),
      },
    ]);
    const { voxels, overlapping } = toSegmentVolume(read, volume);
    expect([...voxels]).toEqual(expected);
    expect(overlapping).toBe(0);
  });

  it('finds slices by position when frames name no source', () => {
    const bare = altered(bytes, (dataset) => {
      for (const frame of rawItems(dataset, '52009230')) delete frame['00089124'];
    });
    expect([...toSegmentVolume(readSeg(bare), volume).voxels]).toEqual(expected);
  });

  it('reads a segment number from the shared groups', () => {
    const single = encodeSeg(
      makeResultInput(
        volume,
        makeLabels(volume, STRUCTURE_NAMES, (column) => (column > 4 ? 5 : 0)),
      ),
    );
    const moved = altered(single.bytes, (dataset) => {
      const [shared] = rawItems(dataset, '52009229');
      rawItems(dataset, '52009230').forEach((frame) => {
        const identification = frame['0062000A'];
        if (shared !== undefined && identification !== undefined)
          shared['0062000A'] = identification;
        delete frame['0062000A'];
      });
    });
    expect([...toSegmentVolume(readSeg(moved), volume).voxels]).toEqual([
      ...toSegmentVolume(readSeg(single.bytes), volume).voxels,
    ]);
  });

  it('counts voxels that two segments claim and gives them to the higher', () => {
    const doubled = altered(bytes, (dataset) => {
      const frames = rawItems(dataset, '52009230');
      for (const frame of frames) {
        const [identification] = rawItems(frame, '0062000A');
        if (rawValue(identification, '0062000B') !== 1) continue;
        const [source] = rawItems(rawItems(frame, '00089124')[0], '00082112');
        setRaw(source, '00081155', 'UI', volume.slices[3]?.sopInstanceUid);
      }
    });
    const { voxels, overlapping } = toSegmentVolume(readSeg(doubled), volume);
    expect(overlapping).toBe(0);
    expect([...voxels].filter((value) => value === 1).length).toBeGreaterThan(0);
    const merged = altered(bytes, (dataset) => {
      for (const frame of rawItems(dataset, '52009230')) {
        const [source] = rawItems(rawItems(frame, '00089124')[0], '00082112');
        setRaw(source, '00081155', 'UI', volume.slices[0]?.sopInstanceUid);
      }
    });
    expect(toSegmentVolume(readSeg(merged), volume).overlapping).toBeGreaterThan(0);
  });

  it('refuses what it cannot read, and says which object', () => {
    const expectCode = (changed: Uint8Array, code: string): void => {
      expect(() => toSegmentVolume(readSeg(changed), volume)).toThrow(
        expect.objectContaining({ code, errorClass: 'refuse' }),
      );
    };
    expectCode(bytes.slice(0, 200), 'UNREADABLE_DICOM');
    expectCode(new Uint8Array(10), 'UNREADABLE_DICOM');
    expectCode(deflated(bytes), 'UNSUPPORTED_TRANSFER_SYNTAX');
    expectCode(
      altered(bytes, (dataset) => setRaw(dataset, '00080016', 'UI', '1.2.840.10008.5.1.4.1.1.4')),
      'NOT_A_SEGMENTATION',
    );
    expectCode(
      altered(bytes, (dataset) => setRaw(dataset, '00620001', 'CS', 'FRACTIONAL')),
      'UNSUPPORTED_SEGMENTATION',
    );
    expectCode(
      altered(bytes, (dataset) => setRaw(dataset, '7FE00010', 'OB', new Uint8Array(4).buffer)),
      'TRUNCATED_PIXEL_DATA',
    );
    expectCode(
      altered(bytes, (dataset) => setRaw(dataset, '00280010', 'US', 10)),
      'SEGMENTATION_GRID',
    );
    expectCode(
      altered(bytes, (dataset) => {
        const [shared] = rawItems(dataset, '52009229');
        setRaw(rawItems(shared, '00209116')[0], '00200037', 'DS', 1, 0, 0, 0, 1, 0);
      }),
      'SEGMENTATION_GRID',
    );
  });
});

describe('the comparison of content', () => {
  it('finds nothing when an archive rewrites the file, the patient or its own elements', () => {
    const rewritten = altered(bytes, (dataset) => {
      setRaw(dataset, '00100010', 'PN', 'Corrected^Name');
      setRaw(dataset, '00080054', 'AE', 'ARCHIVE');
      setRaw(dataset, '00330010', 'LO', 'ARCHIVE');
      setRaw(dataset, '00331001', 'LO', 'private');
    });
    expect(Buffer.compare(rewritten, bytes)).not.toBe(0);
    expect(compareContent(bytes, rewritten)).toMatchObject({
      differing: [],
      otherTransferSyntax: null,
    });
  });

  it('names the pixels, attribute or item that differ', () => {
    const pixel = altered(bytes, (dataset) => {
      const pixels = new Uint8Array(rawValue(dataset, '7FE00010') as Uint8Array);
      pixels[3] = (pixels[3] ?? 0) ^ 1;
      setRaw(dataset, '7FE00010', 'OB', pixels.buffer);
    });
    const label = altered(bytes, (dataset) => {
      setRaw(rawItems(dataset, '00620002')[1], '00620005', 'LO', 'lever');
    });
    const study = altered(bytes, (dataset) => setRaw(dataset, '0020000D', 'UI', '1.2.3'));
    const gone = altered(bytes, (dataset) => {
      delete dataset['00700081'];
    });
    expect(compareContent(bytes, pixel).differing).toEqual(['PixelData']);
    expect(compareContent(bytes, label).differing).toEqual(['SegmentSequence']);
    expect(compareContent(bytes, study).differing).toEqual(['StudyInstanceUID']);
    expect(compareContent(bytes, gone).differing).toEqual(['ContentDescription']);
    const hashes = [bytes, pixel, label, study, gone].map((one) => compareContent(one, one).sha256);
    expect(new Set(hashes).size).toBe(5);
  });
});
