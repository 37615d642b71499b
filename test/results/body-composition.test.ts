import { describe, expect, it } from '@jest/globals';
import type { Code } from '../../src/contracts/index.ts';
import { measure } from '../../src/findings/index.ts';
import { encodeSeg, encodeSr, validateSeg, validateSr } from '../../src/results/index.ts';
import { dciodvfy, dsrdump, haveTool } from '../support/dciodvfy.ts';
import { rawItems, rawTexts, readRaw } from '../support/dicom-objects.ts';
import { makeResultInput } from '../support/results.ts';
import { STRUCTURES } from '../support/structures.ts';
import { makeLabels, makeVolume } from '../support/volume.ts';

const TEN = STRUCTURES.slice(40);
const NAMES = Object.fromEntries(TEN.map(({ name }, index) => [index + 1, name]));

/** A stack whose columns run to the patient's left, with each structure on its own side. */
const volume = makeVolume({
  shape: [10, 16, 16],
  spacing: [5, 5, 5],
  row: [1, 0, 0],
  column: [0, 1, 0],
});
const labels = makeLabels(volume, NAMES, (column, row, slice) => {
  if (row < 2 || row > 13) return 0;
  const half = column < 8 ? 'right_' : 'left_';
  const of = TEN[slice]?.name ?? '';
  const sided = /^(left|right)_/.test(of);
  return column > 1 && column < 14 && (!sided || of.startsWith(half)) ? slice + 1 : 0;
});
const input = makeResultInput(volume, labels);
const findings = measure(volume, labels, STRUCTURES);
const seg = encodeSeg(input);
const sr = encodeSr({ ...input, findings, segmentation: seg });

describe('results of a body composition model', () => {
  it('hold all ten structures, clean by our own validator', () => {
    expect(TEN).toHaveLength(10);
    expect(findings.structures.map(({ structure }) => structure)).toEqual(
      TEN.map(({ name }) => name),
    );
    expect(validateSeg(seg.bytes, volume).filter(({ level }) => level === 'error')).toEqual([]);
    const problems = validateSr(sr.bytes, volume, seg.bytes);
    expect(problems.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('code every segment as config/structures.json does, the side nested in the type', () => {
    const written = rawItems(readRaw(seg.bytes), '00620002').map((segment) => {
      const code = (parent: typeof segment | undefined, tag: string): string[] => {
        const [item] = rawItems(parent, tag);
        return ['00080100', '00080102', '00080104'].flatMap((one) => rawTexts(item, one));
      };
      const [type] = rawItems(segment, '0062000F');
      return [code(segment, '00620003'), code(segment, '0062000F'), code(type, '00620011')];
    });
    const plain = (one: Code | null): string[] =>
      one === null ? [] : [one.value, one.scheme, one.meaning];
    expect(written).toEqual(
      TEN.map(({ category, type, laterality }) => [
        plain(category),
        plain(type),
        plain(laterality),
      ]),
    );
  });

  it('name the private scheme of the codes that no standard has, and only where it is used', () => {
    for (const { bytes } of [seg, sr]) {
      const [scheme, ...others] = rawItems(readRaw(bytes), '00080110');
      expect(rawTexts(scheme, '00080102')).toEqual(['99SITUS']);
      expect(others).toEqual([]);
    }
    const organs = makeLabels(volume, { 1: 'liver' }, () => 1);
    const plain = encodeSeg(makeResultInput(volume, organs));
    expect(rawItems(readRaw(plain.bytes), '00080110')).toEqual([]);
    const own = { value: 'X', scheme: '99HOSP', meaning: 'Liver' };
    const structures = STRUCTURES.map((one) =>
      one.name === 'liver' ? { ...one, type: own } : one,
    );
    const theirs = encodeSeg({ ...makeResultInput(volume, organs), structures });
    expect(rawTexts(rawItems(readRaw(theirs.bytes), '00080110')[0], '00080102')).toEqual([
      '99HOSP',
    ]);
  });

  it('have sides that the gate compares, and no volume range', () => {
    const checks = new Map(findings.gate.map(({ check, level }) => [check, level]));
    expect(checks.get('laterality')).toBe('pass');
    expect(checks.get('volume-range')).toBe('pass');
    const swapped = { ...NAMES, 3: NAMES[4] ?? '', 4: NAMES[3] ?? '' };
    const mixed = measure(volume, { ...labels, structures: swapped }, STRUCTURES);
    expect(mixed.gate.filter(({ check }) => check === 'laterality')).toEqual([
      expect.objectContaining({ level: 'hold', structure: 'left_rectus_abdominis' }),
    ]);
  });

  if (haveTool('dciodvfy')) {
    it('are clean by dciodvfy', () => {
      expect(dciodvfy(seg.bytes)).toEqual([]);
      expect(dciodvfy(sr.bytes)).toEqual([]);
    });
  }

  if (haveTool('dsrdump')) {
    it('are clean by dsrdump', () => {
      expect(dsrdump(sr.bytes)).toEqual([]);
    });
  }
});
