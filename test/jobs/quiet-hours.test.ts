import { describe, expect, it } from '@jest/globals';
import type { SitusError, Target } from '../../src/contracts/index.ts';
import { quietHours } from '../../src/jobs/quiet-hours.ts';

function refusal(quiet: readonly string[] | undefined, now: Date): SitusError | null {
  const target: Target = {
    seriesInstanceUid: '1.1',
    stackId: 'all',
    frames: [],
    sequence: 'haste',
    confidence: 1,
    rule: 'nightly',
    segment: { model: 'demo', folds: 'all' },
    store: { seg: 'binary', sr: true, to: 'main' },
    priority: 'normal',
    ...(quiet === undefined ? {} : { quiet }),
  };
  return quietHours(target, now)?.because ?? null;
}

describe('a job whose rule has quiet hours', () => {
  const at = (hour: number, minute = 0): Date => new Date(2024, 1, 10, hour, minute);

  it('waits until they end, and says so', () => {
    const error = refusal(['07:00-19:00'], at(18, 30));
    expect(error?.code).toBe('QUIET_HOURS');
    expect(error?.errorClass).toBe('retry');
    expect(error?.message).toContain('"nightly" begins no job at 07:00-19:00');
    expect(error?.next).toContain('19:00');
    expect(error?.details['retryAfterSeconds']).toBe(1800);
  });

  it('begins outside of them, and always without any', () => {
    expect(refusal(['07:00-19:00'], at(19))).toBeNull();
    expect(refusal(['07:00-19:00'], at(3))).toBeNull();
    expect(refusal(undefined, at(12))).toBeNull();
  });
});
