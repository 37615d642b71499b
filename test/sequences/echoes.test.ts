import { describe, expect, it } from '@jest/globals';
import type { HeaderAttributes, SequenceMatch } from '../../src/contracts/index.ts';
import { matchStudy } from '../../src/sequences/index.ts';
import { definitions } from './match-one.ts';
import { GRADIENT_ECHO, series, stack, study } from './studies.ts';

const TIMES = [2.4, 4.8, 7.2, 9.6];

/** A series for each echo time at 1.5 T, whose name tells nothing. */
function singleEchoes(own: (time: number) => HeaderAttributes): SequenceMatch[] {
  const list = TIMES.map((EchoTime) =>
    series(
      {
        ...GRADIENT_ECHO,
        MagneticFieldStrength: 1.5,
        SeriesDescription: 'liver bh',
        ...own(EchoTime),
        EchoTime,
      },
      [stack()],
    ),
  );
  return matchStudy(study('MRI liver', list), definitions);
}

describe('echoes that the scanner writes as series of their own', () => {
  it('are relaxometry when four of one acquisition differ only in their echo time', () => {
    const matches = singleEchoes(() => ({}));
    expect(matches.map(({ sequence }) => sequence)).toEqual(TIMES.map(() => 'other_mr'));
  });

  it.each([
    ['repetition times', (time: number) => ({ RepetitionTime: 100 + time })],
    ['flip angles', (time: number) => ({ FlipAngle: 60 + time })],
    ['names', (time: number) => ({ SeriesDescription: `liver bh ${time * 10}` })],
  ])('are judged one by one where their %s differ', (_, own) => {
    const matches = singleEchoes(own);
    expect(matches[1]?.sequence).toBe('t1_in_phase');
  });
});
