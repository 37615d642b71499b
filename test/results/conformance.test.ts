import { describe, expect, it } from '@jest/globals';
import { encodeSeg, encodeSr, validateSeg, validateSr } from '../../src/results/index.ts';
import { dciodvfy, dcm2xml, dsrdump, haveTool } from '../support/dciodvfy.ts';
import { altered, rawItems } from '../support/dicom-objects.ts';
import { makeFindings, makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES } from '../support/structures.ts';
import { makeLabels, makeVolume, type VolumeOptions } from '../support/volume.ts';

const CASES: readonly (readonly [string, VolumeOptions, number?])[] = [
  ['an oblique MR of 11 × 13 with all structures', {}, 50],
  ['a coronal CT', { modality: 'CT', shape: [4, 16, 16], row: [1, 0, 0], column: [0, 0, -1] }],
  ['a multi-frame MR', { shape: [5, 16, 8], frameNumbers: [14, 11, 8, 5, 2] }],
  [
    'a lossy source with little patient data',
    {
      dataset: {
        '00100030': null,
        '00080050': null,
        '00080070': null,
        '00200010': null,
        '00101030': null,
      },
      source: { lossy: { ratio: '12.5', method: 'ISO_10918_1' }, sliceThickness: null },
    },
  ],
  [
    'a patient with names in three scripts',
    {
      dataset: {
        '00100010': {
          vr: 'PN',
          Value: [
            { Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎', Phonetic: 'やまだ^たろう' },
          ],
        },
        '00081030': { vr: 'LO', Value: ['Übersicht Oberbauch'] },
      },
    },
  ],
];

function objects(options: VolumeOptions, structures = 10) {
  const volume = makeVolume(options);
  const [, , columns] = volume.shape;
  const labels = makeLabels(volume, STRUCTURE_NAMES, (column, row, slice) =>
    slice === 1 ? 0 : (row * columns + column) % (structures + 1),
  );
  const input = makeResultInput(volume, labels);
  const segmentation = encodeSeg(input);
  const findings = makeFindings(volume, labels);
  const [first, ...rest] = findings.structures;
  const partial = {
    ...findings,
    structures: first === undefined ? rest : [{ ...first, intensity: null }, ...rest],
  };
  const sr = encodeSr({
    ...input,
    findings: partial,
    segmentation,
    predecessor: {
      studyInstanceUid: segmentation.studyInstanceUid,
      seriesInstanceUid: '1.2.3.1',
      sopClassUid: '1.2.840.10008.5.1.4.1.1.88.34',
      sopInstanceUid: '1.2.3.1.1',
    },
  });
  return { volume, seg: segmentation.bytes, sr: sr.bytes };
}

describe.each(CASES)('results of %s', (_name, options, structures) => {
  const { volume, seg, sr } = objects(options, structures);

  it('have no error by our own validator', () => {
    const errors = [...validateSeg(seg, volume), ...validateSr(sr, volume, seg)];
    expect(errors.filter(({ level }) => level === 'error')).toEqual([]);
  });

  if (haveTool('dciodvfy')) {
    it('are clean by dciodvfy', () => {
      expect(dciodvfy(seg)).toEqual([]);
      expect(dciodvfy(sr)).toEqual([]);
    });
  }

  if (haveTool('dsrdump')) {
    it('are clean by dsrdump and dcm2xml', () => {
      expect(dsrdump(sr)).toEqual([]);
      expect(dcm2xml(seg)).toEqual([]);
      expect(dcm2xml(sr)).toEqual([]);
    });
  }
});

describe('the tools', () => {
  const { seg, sr } = objects({});

  if (haveTool('dciodvfy')) {
    it('would have found a fault', () => {
      const broken = altered(seg, (dataset) => delete dataset['00620002']);
      expect(dciodvfy(broken).join('\n')).toMatch(/Error.*SegmentSequence/);
    });
  }

  if (haveTool('dsrdump')) {
    it('would have found a fault in a report', () => {
      const broken = altered(sr, (dataset) => {
        const [first] = rawItems(dataset, '0040A730');
        if (first !== undefined) delete first['0040A168'];
      });
      expect(dsrdump(broken)).not.toEqual([]);
    });
  }
});
