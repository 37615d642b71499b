import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import type { GateLevel, StructureFindings } from '../../src/contracts/index.ts';
import { runGate, worstLevel } from '../../src/findings/gate.ts';
import { measure, volumeRangeOf } from '../../src/findings/index.ts';
import { STRUCTURES, labelsOf, volumeOf } from './volumes.ts';

function found(structure: string, changes: Partial<StructureFindings> = {}): StructureFindings {
  return {
    label: 1,
    structure,
    voxels: 1000,
    volumeMl: { spleen: 150, right_kidney: 150, left_kidney: 150, liver: 1500 }[structure] ?? 100,
    intensity: null,
    truncated: false,
    centroid: [0, 0, 0],
    ...changes,
  };
}

/** Verdicts that are no pass, as [check, level, structure]. */
function objections(structures: readonly StructureFindings[], options = {}) {
  return runGate(structures, STRUCTURES, options)
    .filter(({ level }) => level !== 'pass')
    .map(({ check, level, structure }) => [check, level, structure]);
}

const at = (x: number): Pick<StructureFindings, 'centroid'> => ({ centroid: [x, 0, 0] });

describe('the gate', () => {
  it('passes a plausible result, and says of every check that it ran', () => {
    const gate = runGate(
      [
        found('liver', at(-60)),
        found('spleen', at(80)),
        found('left_kidney', at(50)),
        found('right_kidney', at(-50)),
      ],
      STRUCTURES,
      {},
    );
    expect(gate.map(({ check, level }) => [check, level])).toEqual([
      ['not-empty', 'pass'],
      ['field-of-view', 'pass'],
      ['laterality', 'pass'],
      ['volume-range', 'pass'],
    ]);
    expect(worstLevel(gate)).toBe('pass');
  });

  it('holds an empty result', () => {
    const shape = [3, 4, 5] as const;
    const findings = measure(
      volumeOf(shape, (s) => s),
      labelsOf(shape, () => 0),
      STRUCTURES,
    );
    expect(findings.level).toBe('hold');
    expect(findings.gate[0]).toMatchObject({ check: 'not-empty', level: 'hold', structure: null });
    expect(findings.gate[0]?.message).toContain('EMPTY_SEGMENTATION');
  });

  it('warns of every structure that the field of view cuts', () => {
    expect(
      objections([
        found('liver', { truncated: true }),
        found('spleen', { ...at(9), truncated: true }),
      ]),
    ).toEqual([
      ['field-of-view', 'warn', 'liver'],
      ['field-of-view', 'warn', 'spleen'],
    ]);
  });

  it('holds kidneys on each other’s side', () => {
    expect(objections([found('left_kidney', at(-50)), found('right_kidney', at(50))])).toEqual([
      ['laterality', 'hold', 'left_kidney'],
    ]);
    expect(objections([found('left_kidney', at(10)), found('right_kidney', at(10))])).toEqual([
      ['laterality', 'hold', 'left_kidney'],
    ]);
  });

  it('holds a spleen to the right of the liver, and says why that can be', () => {
    const gate = runGate([found('spleen', at(-80)), found('liver', at(60))], STRUCTURES, {});
    const verdict = gate.find(({ level }) => level === 'hold');
    expect(verdict).toMatchObject({ check: 'laterality', structure: 'spleen' });
    expect(verdict?.message).toContain('situs inversus');
  });

  it('only warns when one side is a crumb', () => {
    const crumb = { ...at(-50), volumeMl: 0.1, truncated: true };
    expect(objections([found('left_kidney', crumb), found('right_kidney', at(50))])).toEqual([
      ['field-of-view', 'warn', 'left_kidney'],
      ['laterality', 'warn', 'left_kidney'],
    ]);
  });

  it('says nothing about one side alone', () => {
    expect(objections([found('left_kidney', at(-50))])).toEqual([]);
  });

  it.each([
    ['far too small', 20, false, true],
    ['small but cut', 20, true, false],
    ['far too large', 9000, false, true],
    ['far too large and cut', 9000, true, true],
    ['large', 4000, false, false],
    ['small', 500, false, false],
  ])('a liver that is %s', (_, volumeMl, truncated, isWarned) => {
    const verdicts = objections([found('liver', { volumeMl, truncated })]);
    expect(verdicts.some(([check]) => check === 'volume-range')).toBe(isWarned);
  });

  it('takes other levels from the configuration', () => {
    const levels: Record<string, GateLevel> = { laterality: 'warn', 'volume-range': 'hold' };
    expect(
      objections(
        [found('left_kidney', { ...at(-50), volumeMl: 5000 }), found('right_kidney', at(50))],
        { levels },
      ),
    ).toEqual([
      ['laterality', 'warn', 'left_kidney'],
      ['volume-range', 'hold', 'left_kidney'],
    ]);
  });

  it('finds left and right mixed up from voxels, in patient coordinates', () => {
    const shape = [6, 6, 12] as const;
    // Column 2 is at x = -8, column 9 at x = -1: the larger x is the patient's left.
    const mixed = labelsOf(shape, (_s, _r, c) => (c === 2 ? 3 : c === 9 ? 2 : 0));
    const right = labelsOf(shape, (_s, _r, c) => (c === 2 ? 2 : c === 9 ? 3 : 0));
    const volume = volumeOf(shape, (s) => s);
    const sides = (labels: typeof mixed) =>
      measure(volume, labels, STRUCTURES).gate.find(({ check }) => check === 'laterality')?.level;
    expect(sides(mixed)).toBe('warn');
    expect(sides(right)).toBe('pass');
    const mirrored = { ...volume, affine: volume.affine.map((v, i) => (i < 4 ? -v : v)) };
    expect(
      measure(mirrored, right, STRUCTURES).gate.find(({ check }) => check === 'laterality')?.level,
    ).toBe('warn');
  });
});

describe('volume ranges', () => {
  it('hold the reference adults well inside', () => {
    const liver = volumeRangeOf('liver');
    expect(liver?.minimum).toBeLessThan(1400 / 1.05 / 3);
    expect(liver?.maximum).toBeGreaterThan((1800 / 1.05) * 3);
    expect(volumeRangeOf('aorta')).toBeNull();
  });

  it('are of structures that Situs knows', () => {
    const file = new URL('../../config/structures.json', import.meta.url);
    const known = JSON.parse(readFileSync(file, 'utf8')) as readonly { readonly name: string }[];
    const withRange = known.filter(({ name }) => volumeRangeOf(name) !== null);
    expect(withRange).toHaveLength(15);
  });
});
