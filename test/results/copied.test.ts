import { describe, expect, it } from '@jest/globals';
import type { DicomJsonElement } from '../../src/contracts/index.ts';
import { encodeSeg, validateSeg } from '../../src/results/index.ts';
import { rawItems, rawTexts, rawValue, readRaw } from '../support/dicom-objects.ts';
import { makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES } from '../support/structures.ts';
import { makeLabels, makeVolume } from '../support/volume.ts';

function encodeWith(dataset: Readonly<Record<string, DicomJsonElement | null>>) {
  const volume = makeVolume({ shape: [2, 8, 4], dataset });
  const labels = makeLabels(volume, STRUCTURE_NAMES, () => 1);
  const { bytes } = encodeSeg(makeResultInput(volume, labels));
  return { dataset: readRaw(bytes), findings: validateSeg(bytes, volume) };
}

describe('patient and study attributes', () => {
  it('are copied word by word, in any script', () => {
    const { dataset, findings } = encodeWith({
      '00100010': {
        vr: 'PN',
        Value: [
          { Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎', Phonetic: 'やまだ^たろう' },
        ],
      },
      '00100020': { vr: 'LO', Value: ['Ä-0815'] },
      '00104000': { vr: 'LT', Value: ['Zeile 1\r\nZeile 2 \\ Rest'] },
      '00120062': { vr: 'CS', Value: ['YES'] },
      '00120063': { vr: 'LO', Value: ['first', 'second'] },
    });
    expect(findings).toEqual([]);
    expect(rawTexts(dataset, '00080005')).toEqual(['ISO_IR 192']);
    expect(rawTexts(dataset, '00100010')).toEqual(['Yamada^Tarou=山田^太郎=やまだ^たろう']);
    expect(rawTexts(dataset, '00100020')).toEqual(['Ä-0815']);
    expect(rawTexts(dataset, '00104000')).toEqual(['Zeile 1\r\nZeile 2 \\ Rest']);
    expect(rawTexts(dataset, '00120062')).toEqual(['YES']);
    expect(rawTexts(dataset, '00120063')).toEqual(['first', 'second']);
    expect(rawTexts(dataset, '00101010')).toEqual(['053Y']);
    expect(rawTexts(dataset, '00081030')).toEqual(['Oberbauch nativ']);
  });

  it('are there and empty where the source has none and the standard wants them', () => {
    const { dataset, findings } = encodeWith({
      '00100030': { vr: 'DA' },
      '00100040': null,
      '00080050': { vr: 'SH', Value: [] },
      '00080090': { vr: 'PN', Value: [null] },
      '00200010': null,
      '00080020': { vr: 'DA', Value: [''] },
    });
    expect(findings).toEqual([]);
    for (const tag of ['00100030', '00100040', '00080050', '00080090', '00200010', '00080020']) {
      expect(dataset[tag]).toBeDefined();
      expect(rawTexts(dataset, tag).join('')).toBe('');
    }
    expect(dataset['00101020']).toBeUndefined();
  });

  it('keep nested sequences and binary numbers, without private elements', () => {
    const { dataset, findings } = encodeWith({
      '00101002': {
        vr: 'SQ',
        Value: [
          {
            '00100020': { vr: 'LO', Value: ['other'] },
            '00100022': { vr: 'CS', Value: ['TEXT'] },
            '00091001': { vr: 'LO', Value: ['private'] },
          },
        ],
      },
      '001021C0': { vr: 'US', Value: [4] },
      '00091001': { vr: 'LO', Value: ['private'] },
    });
    expect(findings).toEqual([]);
    const [other] = rawItems(dataset, '00101002');
    expect(Object.keys(other ?? {})).toEqual(['00100020', '00100022']);
    expect(rawValue(dataset, '001021C0')).toBe(4);
    expect(dataset['00091001']).toBeUndefined();
  });

  it('are copied even where they break a rule, which is only a warning', () => {
    const long = 'X'.repeat(80);
    const { dataset, findings } = encodeWith({
      '00100020': { vr: 'LO', Value: [long] },
      '00100040': { vr: 'CS', Value: ['weiblich'] },
    });
    expect(rawTexts(dataset, '00100020')).toEqual([long]);
    expect(rawTexts(dataset, '00100040')).toEqual(['weiblich']);
    expect(findings.map(({ level, path }) => [level, path])).toEqual([
      ['warning', 'PatientID'],
      ['warning', 'PatientSex'],
    ]);
  });

  it('are refused when they cannot be written at all', () => {
    let nested: DicomJsonElement = { vr: 'SQ', Value: [] };
    for (let depth = 0; depth < 12; depth += 1) {
      nested = { vr: 'SQ', Value: [{ '00101002': nested }] };
    }
    const invalid = expect.objectContaining({ code: 'INVALID_SOURCE_ATTRIBUTE' });
    expect(() => encodeWith({ '00101002': nested })).toThrow(invalid);
    expect(() => encodeWith({ '001021C0': { vr: 'US', Value: [70_000] } })).toThrow(invalid);
    expect(() => encodeWith({ '00100020': { vr: 'LO', Value: [{ odd: 1 }] } })).toThrow(invalid);
  });
});

describe('UIDs of the source', () => {
  it('are referred to as they are, which is only a warning', () => {
    const seriesInstanceUid = '1.2.03.4';
    const regular = makeVolume({ shape: [2, 8, 4], source: { seriesInstanceUid } });
    const volume = {
      ...regular,
      slices: regular.slices.map((slice, index) => ({
        ...slice,
        sopInstanceUid: `1.${'2'.repeat(63)}.${index + 1}`,
      })),
    };
    const labels = makeLabels(volume, STRUCTURE_NAMES, () => 1);
    const { bytes } = encodeSeg(makeResultInput(volume, labels));
    const [series] = rawItems(readRaw(bytes), '00081115');
    expect(rawTexts(series, '0020000E')).toEqual([seriesInstanceUid]);
    expect(rawItems(series, '0008114A').map((item) => rawTexts(item, '00081155')[0])).toEqual(
      volume.slices.map(({ sopInstanceUid }) => sopInstanceUid),
    );
    const findings = validateSeg(bytes, volume);
    expect(new Set(findings.map(({ rule, level }) => `${rule} ${level}`))).toEqual(
      new Set(['invalid-value warning']),
    );
  });
});
