import { describe, expect, it } from '@jest/globals';
import type { Labels, Volume } from '../../src/contracts/index.ts';
import { cielab } from '../../src/results/colours.ts';
import { encodeSeg, resultUids } from '../../src/results/index.ts';
import {
  rawItems,
  rawTexts,
  rawValue,
  readRaw,
  type RawDataset,
} from '../support/dicom-objects.ts';
import { makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES, STRUCTURES } from '../support/structures.ts';
import { makeLabels, makeVolume, type VolumeOptions } from '../support/volume.ts';

function encode(volume: Volume, labels: Labels): RawDataset {
  return readRaw(encodeSeg(makeResultInput(volume, labels)).bytes);
}

/** One voxel of every structure, all on different places. */
function everyStructure(volume: Volume): Labels {
  const [, , columns] = volume.shape;
  return makeLabels(volume, STRUCTURE_NAMES, (column, row, slice) => {
    const index = row * columns + column;
    return slice === 2 && index < STRUCTURES.length ? index + 1 : 0;
  });
}

function codeOf(dataset: RawDataset | undefined, tag: string) {
  const [item] = rawItems(dataset, tag);
  if (item === undefined) return null;
  return {
    value: rawTexts(item, '00080100')[0],
    scheme: rawTexts(item, '00080102')[0],
    meaning: rawTexts(item, '00080104')[0],
  };
}

describe('segments', () => {
  const volume = makeVolume();

  it('describe all forty structures with their codes, sides and colours', () => {
    const segments = rawItems(encode(volume, everyStructure(volume)), '00620002');
    const found = segments.map((segment) => ({
      number: rawValue(segment, '00620004'),
      name: rawTexts(segment, '00620005')[0],
      category: codeOf(segment, '00620003'),
      type: codeOf(segment, '0062000F'),
      laterality: codeOf(rawItems(segment, '0062000F')[0], '00620011'),
      colour: segment['0062000D']?.Value,
    }));
    expect(found).toEqual(
      STRUCTURES.map((structure) => ({
        number: structure.index,
        name: structure.name,
        category: structure.category,
        type: structure.type,
        laterality: structure.laterality,
        colour: cielab(structure.rgb),
      })),
    );
  });

  it('number the structures that are present densely and keep the label of the model', () => {
    const labels = makeLabels(volume, STRUCTURE_NAMES, (column) => [0, 40, 7, 0, 13][column] ?? 0);
    const segments = rawItems(encode(volume, labels), '00620002');
    expect(segments.map((segment) => rawValue(segment, '00620004'))).toEqual([1, 2, 3]);
    expect(segments.map((segment) => rawTexts(segment, '00620005')[0])).toEqual([
      'pancreas',
      'aorta',
      'right_gluteus_minimus',
    ]);
    expect(segments.map((segment) => rawTexts(segment, '00620006')[0])).toEqual([
      'Label 7 of demo 1.2',
      'Label 13 of demo 1.2',
      'Label 40 of demo 1.2',
    ]);
  });

  it('name the algorithm and the tracking of every structure', () => {
    const labels = everyStructure(volume);
    const input = makeResultInput(volume, labels);
    const segments = rawItems(readRaw(encodeSeg(input).bytes), '00620002');
    segments.forEach((segment, index) => {
      const [algorithm] = rawItems(segment, '00620007');
      expect(rawTexts(segment, '00620008')).toEqual(['AUTOMATIC']);
      expect(rawTexts(segment, '00620009')).toEqual(['demo']);
      expect(rawTexts(algorithm, '00660036')).toEqual(['demo']);
      expect(rawTexts(algorithm, '00660031')).toEqual(['1.2']);
      expect(codeOf(algorithm, '0066002F')?.value).toBe('123110');
      const name = STRUCTURES[index]?.name ?? '';
      expect(rawTexts(segment, '00620021')).toEqual([resultUids(input.identity).tracking(name)]);
      expect(rawTexts(segment, '00620020')).toEqual([`${name} (demo)`]);
    });
  });
});

describe('references of the segmentation', () => {
  const reference = (item: RawDataset | undefined): string[] => [
    ...rawTexts(item, '00081150'),
    ...rawTexts(item, '00081155'),
    ...rawTexts(item, '00081160'),
  ];

  function references(options: VolumeOptions) {
    const volume = makeVolume(options);
    const dataset = encode(
      volume,
      makeLabels(volume, STRUCTURE_NAMES, (_c, _r, slice) => (slice === 1 ? 0 : 5)),
    );
    const [series] = rawItems(dataset, '00081115');
    return {
      volume,
      series: rawTexts(series, '0020000E'),
      instances: rawItems(series, '0008114A').map(reference),
      root: rawItems(dataset, '00082112').map(reference),
      frames: rawItems(dataset, '52009230').map((frame) =>
        reference(rawItems(rawItems(frame, '00089124')[0], '00082112')[0]),
      ),
    };
  }

  it('name every instance of the series once, and on each frame the one it lies on', () => {
    const { volume, series, instances, root, frames } = references({});
    const expected = volume.slices.map(({ sopClassUid, sopInstanceUid }) => [
      sopClassUid,
      sopInstanceUid,
    ]);
    expect(series).toEqual([volume.source?.seriesInstanceUid]);
    expect(instances).toEqual(expected);
    expect(root).toEqual(expected);
    expect(frames).toEqual(expected.filter((_, slice) => slice !== 1));
  });

  it('name the frames that were used, and no others, of a multi-frame source', () => {
    const { volume, instances, root, frames } = references({
      shape: [4, 8, 8],
      frameNumbers: [11, 8, 5, 2],
    });
    const [first] = volume.slices;
    const instance = [first?.sopClassUid, first?.sopInstanceUid];
    expect(instances).toEqual([instance]);
    expect(root).toEqual([[...instance, '2', '5', '8', '11']]);
    expect(frames).toEqual([11, 5, 2].map((number) => [...instance, String(number)]));
  });
});

describe('the segmentation as an object', () => {
  const volume = makeVolume();
  const labels = everyStructure(volume);

  it('has the same bytes at every encoding, and others when the job fixes another time', () => {
    const input = makeResultInput(volume, labels);
    const first = encodeSeg(input);
    expect(Buffer.compare(encodeSeg(input).bytes, first.bytes)).toBe(0);
    expect(encodeSeg(input).sha256).toBe(first.sha256);
    const later = encodeSeg({ ...input, contentTime: new Date('2024-03-01T11:00:00Z') });
    expect(later.sha256).not.toBe(first.sha256);
    expect(later.sopInstanceUid).toBe(first.sopInstanceUid);
  });

  it('dates itself in the zone of the source, else in that of the caller', () => {
    const times = (changed: Volume, timezone?: string): unknown => {
      const dataset = readRaw(encodeSeg({ ...makeResultInput(changed, labels), timezone }).bytes);
      return ['00080023', '00080033', '00080201'].map((tag) => rawTexts(dataset, tag)[0]);
    };
    const unzoned = makeVolume({ dataset: { '00080201': null } });
    expect(times(volume, '-0500')).toEqual(['20240301', '110000.250', '+0100']);
    expect(times(unzoned, '-1030')).toEqual(['20240229', '233000.250', undefined]);
    expect(times(unzoned)).toEqual(['20240301', '100000.250', undefined]);
  });

  it('stays lossy when its source was', () => {
    const lossy = (value: { ratio: string | null; method: string | null } | null): unknown => {
      const dataset = encode(makeVolume({ source: { lossy: value } }), labels);
      return ['00282110', '00282112', '00282114'].map((tag) => rawTexts(dataset, tag).join());
    };
    expect(lossy(null)).toEqual(['00', '', '']);
    expect(lossy({ ratio: '10\\2.5', method: 'ISO_10918_1\\ISO_15444_1' })).toEqual([
      '01',
      '10,2.5',
      'ISO_10918_1,ISO_15444_1',
    ]);
    expect(lossy({ ratio: null, method: null })).toEqual(['01', '', '']);
    expect(lossy({ ratio: 'ten to one', method: 'iso 10918' })).toEqual(['01', '', '']);
  });

  it('names the model, the node and the scanner as contributing equipment', () => {
    const input = makeResultInput(volume, labels);
    const uids = resultUids(input.identity);
    const items = rawItems(readRaw(encodeSeg(input).bytes), '0018A001').map((item) => [
      codeOf(item, '0040A170')?.value,
      ...['00080070', '00081090', '00181020', '00181002'].map((tag) => rawTexts(item, tag).join()),
    ]);
    expect(items).toEqual([
      ['109102', 'Makers of Models', 'demo', '1.2', uids.modelDevice],
      ['109102', 'Situs', 'Situs', '0.1.0', uids.nodeDevice],
      ['109101', 'Maker of Scanners', 'Scanner 3T', 'syngo X,patch 2', ''],
    ]);
  });

  it('says that it is Situs that made it, never the scanner', () => {
    const dataset = encode(volume, labels);
    expect(rawTexts(dataset, '00080070')).toEqual(['Situs']);
    expect(rawTexts(dataset, '00081090')).toEqual(['Situs']);
    expect(rawTexts(dataset, '00181000')).toEqual(['radiology-1']);
    expect(rawTexts(dataset, '00200011')).toEqual(['7005']);
  });

  it('refuses the identity of another series', () => {
    const input = makeResultInput(volume, labels, { seriesInstanceUid: '1.2.3' });
    expect(() => encodeSeg(input)).toThrow(expect.objectContaining({ code: 'WRONG_IDENTITY' }));
  });
});
