import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SeriesListing } from '../../src/contracts/index.ts';
import { fingerprint } from '../../src/intake/fingerprint.ts';
import { settle } from '../../src/intake/settle.ts';
import type { Look } from '../../src/records/index.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));

describe('settle', () => {
  it('needs two looks that are the settle time apart', () => {
    const first = settle(null, 'a', '2/40', at(0), 10);
    expect(first.settled).toBe(false);
    const early = settle(first.look, 'a', '2/40', at(5), 10);
    expect(early.settled).toBe(false);
    const late = settle(early.look, 'a', '2/40', at(10), 10);
    expect(late.settled).toBe(true);
  });

  it('never takes a study at the first look, however short the settle time', () => {
    expect(settle(null, 'a', null, at(0), 0).settled).toBe(false);
  });

  it('starts anew when an instance arrives', () => {
    let look: Look | null = null;
    for (const [seconds, content] of [
      [0, 'a'],
      [8, 'a'],
      [9, 'b'],
    ] as const) {
      look = settle(look, content, null, at(seconds), 10).look;
    }
    expect(look).toMatchObject({ fingerprint: 'b', looks: 1, since: at(9).toISOString() });
    expect(settle(look, 'b', null, at(18), 10).settled).toBe(false);
    expect(settle(look, 'b', null, at(19), 10).settled).toBe(true);
  });
});

const seriesListing = fc.record({
  seriesInstanceUid: fc.uuid(),
  modality: fc.constant('CT'),
  seriesNumber: fc.constant('1'),
  seriesDescription: fc.constant(null),
  sopInstanceUids: fc.uniqueArray(fc.uuid(), { maxLength: 6 }),
});

describe('fingerprint', () => {
  it('does not depend on the order in which the archive lists series and instances', () => {
    fc.assert(
      fc.property(fc.array(seriesListing, { maxLength: 5 }), (series) => {
        const turned: SeriesListing[] = [...series]
          .reverse()
          .map((one) => ({ ...one, sopInstanceUids: [...one.sopInstanceUids].reverse() }));
        expect(fingerprint(turned)).toBe(fingerprint(series));
      }),
      { seed: 7 },
    );
  });

  it('changes with every instance', () => {
    fc.assert(
      fc.property(seriesListing, fc.uuid(), (series, extra) => {
        const more = { ...series, sopInstanceUids: [...series.sopInstanceUids, extra] };
        expect(fingerprint([more])).not.toBe(fingerprint([series]));
      }),
      { seed: 7 },
    );
  });
});
