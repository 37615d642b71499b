import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deriveUid } from '../../src/results/uids.ts';
import { resultIdentity, resultUids, type ResultIdentity } from '../../src/results/index.ts';
import { makeVolume, TEST_RUN } from '../support/volume.ts';

const IDENTITY = resultIdentity(makeVolume(), TEST_RUN, {
  content: 'c0ffee',
  run: 1,
  instanceNumber: 1,
  node: 'radiology-1',
});

const uidsOf = (change: Partial<ResultIdentity>) => {
  const { tracking, ...rest } = resultUids({ ...IDENTITY, ...change });
  return { ...rest, tracking: tracking('liver') };
};

const kept = (change: Partial<ResultIdentity>): string[] => {
  const before = uidsOf({});
  const after = uidsOf(change);
  return Object.entries(before)
    .filter(([name, uid]) => after[name as keyof typeof after] === uid)
    .map(([name]) => name)
    .sort();
};

describe('result UIDs', () => {
  it('are legal UUID UIDs below 128 bits whatever they are derived from', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string(), (parts, purpose) => {
        const uid = deriveUid(parts, purpose);
        expect(uid).toMatch(/^2\.25\.[1-9]\d*$/);
        expect(uid.length).toBeLessThanOrEqual(64);
        expect(BigInt(uid.slice(5)) < 1n << 128n).toBe(true);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it('do not run parts together', () => {
    expect(deriveUid(['a', 'b'], 'x')).not.toBe(deriveUid(['ab'], 'x'));
    expect(deriveUid(['a", "b'], 'x')).not.toBe(deriveUid(['a', 'b'], 'x'));
  });

  it('are the same for a retry and all different from each other', () => {
    expect(uidsOf({})).toEqual(uidsOf({}));
    const all = Object.values(uidsOf({}));
    expect(new Set(all).size).toBe(all.length);
    expect(resultUids(IDENTITY).tracking('spleen')).not.toBe(
      resultUids(IDENTITY).tracking('liver'),
    );
  });

  it('keep series, devices and tracking in a re-run, and take new instances', () => {
    const series = ['captureSeries', 'segSeries', 'srSeries'];
    const expected = [...series, 'modelDevice', 'nodeDevice', 'tracking'].sort();
    expect(kept({ run: 2 })).toEqual(expected);
    expect(kept({ content: 'other' })).toEqual(expected);
  });

  it('keep tracking over model versions, with a new device for new weights', () => {
    expect(kept({ modelVersion: '2' })).toEqual(['modelDevice', 'nodeDevice', 'tracking']);
    expect(kept({ modelHash: 'other' })).toEqual(['nodeDevice', 'tracking']);
  });

  it('tell targets apart by study, series and stack, and models by name', () => {
    for (const change of [
      { studyInstanceUid: '1.9' },
      { seriesInstanceUid: '1.9' },
      { stackId: 'EchoTime=4.6' },
      { model: 'other' },
    ]) {
      expect(kept(change)).toEqual(['modelDevice', 'nodeDevice']);
    }
  });

  it('do not depend on the host but for the node itself', () => {
    expect(kept({ node: 'radiology-2' })).not.toContain('nodeDevice');
    expect(kept({ node: 'radiology-2' })).toHaveLength(Object.keys(uidsOf({})).length - 1);
  });
});
