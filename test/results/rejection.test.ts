import { describe, expect, it } from '@jest/globals';
import { encodeCapture, encodeRejection, encodeSeg, encodeSr } from '../../src/results/index.ts';
import { contentTree, named } from '../support/content-tree.ts';
import { dciodvfy, dsrdump, haveTool } from '../support/dciodvfy.ts';
import { rawItems, rawTexts, readRaw } from '../support/dicom-objects.ts';
import { makeFindings, makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES } from '../support/structures.ts';
import { makeLabels, makeVolume } from '../support/volume.ts';

const volume = makeVolume();
const labels = makeLabels(volume, STRUCTURE_NAMES, (column) => (column > 4 ? 5 : 0));
const input = makeResultInput(volume, labels);
const seg = encodeSeg(input);
const sr = encodeSr({ ...input, findings: makeFindings(volume, labels), segmentation: seg });
const pictures = encodeCapture({ ...input, segmentation: seg });
const rejection = {
  dataset: volume.source?.dataset ?? {},
  studyInstanceUid: seg.studyInstanceUid,
  rejected: [seg, sr, pictures],
  reason: 'quality' as const,
  text: 'The liver is cut off; the series was chosen by mistake.',
  equipment: input.equipment,
  node: 'radiology-1',
  time: new Date('2024-03-02T09:00:00Z'),
};

describe('a rejection note', () => {
  const note = encodeRejection(rejection);
  const dataset = readRaw(note.bytes);

  it('has the title of IOCM and names every rejected instance, images as images', () => {
    expect(rawTexts(rawItems(dataset, '0040A043')[0], '00080100')).toEqual(['113001']);
    const tree = contentTree(dataset);
    expect(tree.slice(-3).map(({ type, value }) => [type, value])).toEqual([
      ['IMAGE', seg.sopInstanceUid],
      ['COMPOSITE', sr.sopInstanceUid],
      ['IMAGE', pictures.sopInstanceUid],
    ]);
    expect(named(tree, '113012')[0]?.value).toBe(rejection.text);
  });

  it('has the same instances as evidence, by series', () => {
    const [study] = rawItems(dataset, '0040A375');
    const series = rawItems(study, '00081115').map((item) => [
      rawTexts(item, '0020000E')[0],
      rawItems(item, '00081199').map((one) => rawTexts(one, '00081155')[0]),
    ]);
    expect(series).toEqual([
      [seg.seriesInstanceUid, [seg.sopInstanceUid]],
      [sr.seriesInstanceUid, [sr.sopInstanceUid]],
      [pictures.seriesInstanceUid, [pictures.sopInstanceUid]],
    ]);
  });

  it('stays with the patient and the study of what it rejects', () => {
    const source = readRaw(seg.bytes);
    for (const tag of ['00100010', '00100020', '0020000D', '00080050']) {
      expect(rawTexts(dataset, tag)).toEqual(rawTexts(source, tag));
    }
  });

  it('has another title for reasons of safety, and other UIDs at another time', () => {
    const safety = encodeRejection({ ...rejection, reason: 'safety' });
    expect(rawTexts(rawItems(readRaw(safety.bytes), '0040A043')[0], '00080100')).toEqual([
      '113037',
    ]);
    const later = encodeRejection({ ...rejection, time: new Date('2024-03-03T09:00:00Z') });
    const uids = [note, safety, later].map(({ sopInstanceUid }) => sopInstanceUid);
    expect(new Set(uids).size).toBe(3);
    expect(encodeRejection(rejection).sha256).toBe(note.sha256);
  });

  it('refuses to reject nothing', () => {
    expect(() => encodeRejection({ ...rejection, rejected: [] })).toThrow(
      expect.objectContaining({ code: 'NOTHING_TO_REJECT' }),
    );
  });

  if (haveTool('dciodvfy')) {
    it('is clean by dciodvfy', () => {
      expect(dciodvfy(note.bytes)).toEqual([]);
    });
  }

  if (haveTool('dsrdump')) {
    it('is clean by dsrdump', () => {
      expect(dsrdump(note.bytes)).toEqual([]);
    });
  }
});
