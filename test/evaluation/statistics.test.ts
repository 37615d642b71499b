import { describe, expect, it } from '@jest/globals';
import {
  compareLabels,
  metricsCsv,
  statisticsOf,
  summarise,
  summaryCsv,
  type CaseMeasures,
} from '../../src/evaluation/index.ts';
import { affineOf } from './reference-masks.ts';

describe('statistics over cases', () => {
  it('are those of numpy and pandas', () => {
    // numpy 1.23: np.percentile([.1, .9, .4, .7], [25, 50, 75]), np.std(…, ddof=1)
    const { n, mean, sd, q1, median, q3, minimum, maximum } = statisticsOf([0.1, 0.9, 0.4, 0.7]);
    expect([n, minimum, maximum]).toEqual([4, 0.1, 0.9]);
    [mean, sd, q1, median, q3].forEach((value, index) =>
      expect(value).toBeCloseTo([0.525, 0.35, 0.325, 0.55, 0.75][index] ?? Number.NaN, 10),
    );
  });

  it('have no value without cases and no deviation of one', () => {
    expect(statisticsOf([])).toMatchObject({ n: 0, mean: null, sd: null, median: null });
    expect(statisticsOf([3])).toMatchObject({ n: 1, mean: 3, sd: null, median: 3, q1: 3 });
  });
});

function scored(name: string, scanType: string, group: string, found: number): CaseMeasures {
  const prediction = new Uint8Array(4).fill(1, 0, found);
  const pair = { reference: Uint8Array.of(1, 1, 1, 1), prediction, shape: [1, 1, 4] as const };
  return {
    case: name,
    scanType,
    group,
    structures: compareLabels(
      { ...pair, affine: affineOf([1, 1, 1]) },
      { structures: { 1: 'liver' }, toleranceMm: 1 },
    ),
  };
}

describe('summaries', () => {
  const cases = [
    scored('a', 'CT', 'x', 4),
    scored('=b"1,2', 'CT', 'y', 2),
    scored('c', 'MR', 'x', 0),
  ];
  const summary = summarise(cases, 'zero');

  it('are made for all scan types, each of them, and its groups where there are several', () => {
    expect(summary.overall.map((one) => [one.scanType, one.group, one.cases])).toEqual([
      ['all', 'all', 3],
      ['CT', 'all', 2],
      ['CT', 'x', 1],
      ['CT', 'y', 1],
      ['MR', 'all', 1],
    ]);
    expect(summary.overall.map((one) => one.mean.dice)).toEqual(
      [(1 + 4 / 6) / 3, (1 + 4 / 6) / 2, 1, 4 / 6, 0].map((v) => expect.closeTo(v, 12)),
    );
    expect(summary.overall.at(-1)?.mean.hd95).toBeNull();
  });

  it('stand in CSV with a row a measure, names that spreadsheets cannot run, and empty cells for no value', () => {
    const rows = metricsCsv(cases).trimEnd().split('\r\n');
    expect(rows).toHaveLength(4);
    expect(rows[2]).toMatch(/^"'=b""1,2",CT,y,liver,both,0\.004,0\.002,0\.666/);
    expect(rows[3]).toBe('c,MR,x,liver,missed,0.004,0,0,0,,,-0.004,-100');
    expect(summaryCsv(summary)).toContain('\r\nMR,all,liver,hd95_mm,1,0,1,0,0,0,,,,,,,\r\n');
    expect(summaryCsv(summary)).toMatch(/\r\nall,all,\(mean\),dice,3,,1,0,,1,0\.5555555/);
  });
});
